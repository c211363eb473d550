#include "core/text/llama2c_tokenizer.h"

#include "core/text/tokenizer.h"
#include "tests/support/older_vocabularies.h"

#include <QtTest>

#include <limits>

using namespace lathe;
using namespace lathe::test;

namespace {

using Ids = std::vector<std::int32_t>;

/// " " 259, a 260, b 261, ab 262, " ab" 263
std::string whole() {
    return llama2cHead() + llama2cToken(" ", -5) + llama2cToken("a", -6) + llama2cToken("b", -7) +
           llama2cToken("ab", -1) + llama2cToken(" ab", -2);
}

} // namespace

class TestLlama2cTokenizer : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void textsAreMergedByScore();
    void fileCutAnywhereIsRefused();
    void brokenFilesAreNamed_data();
    void brokenFilesAreNamed();
};

void TestLlama2cTokenizer::textsAreMergedByScore() {
    const Result<std::string> text = tokenizerOfLlama2c(whole(), {}, "tokenizer.bin");
    QVERIFY2(text, text ? "" : text.error().text().c_str());
    const Result<Tokenizer> tokenizer = Tokenizer::fromJson(*text);
    QVERIFY2(tokenizer, tokenizer ? "" : tokenizer.error().text().c_str());
    QCOMPARE(tokenizer->encode("ab ab", true)->ids, (Ids{1, 263, 263}));
    QCOMPARE(tokenizer->encode("\u00E9", false)->ids, (Ids{259, 3 + 0xC3, 3 + 0xA9}));
    QCOMPARE(tokenizer->decode(Ids{1, 263, 3 + 0xC3, 3 + 0xA9, 2}, true).value(), std::string("ab\u00E9"));
    QCOMPARE(tokenizer->vocabularySize(), std::size_t{264});
}

void TestLlama2cTokenizer::fileCutAnywhereIsRefused() {
    const std::string bytes = whole();
    const std::size_t enough = llama2cHead().size();
    for (std::size_t size = 0; size < bytes.size(); size += size + 40 < enough ? 37 : 1) {
        const Result<std::string> text = tokenizerOfLlama2c(bytes.substr(0, size), {}, "tokenizer.bin");
        QVERIFY(!text || size >= enough); // from there on a shorter vocabulary is a vocabulary too
        if (!text)
            QCOMPARE(text.error().where, std::string("tokenizer.bin"));
    }
}

void TestLlama2cTokenizer::brokenFilesAreNamed_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("words");
    const auto add = [](const char* name, const std::string& bytes, const char* words) {
        QTest::newRow(name) << QByteArray(bytes.data(), static_cast<int>(bytes.size())) << words;
    };
    const std::string head = llama2cHead();
    add("empty", {}, "it has 0 bytes");
    add("no bytes", head.substr(0, 4) + llama2cToken("<unk>", 0) + llama2cToken("a", 0), "it holds 2 tokens");
    add("other bytes",
        head.substr(0, 4) + llama2cToken("<unk>", 0) + llama2cToken("a", 0) + llama2cToken("b", 0) +
            llama2cToken("c", 0),
        "token 3 is \"c\" and must be <0x00>");
    add("cut inside a token", whole().substr(0, whole().size() - 1), "token 263 is cut: it wants 3 bytes");
    add("length past the end", head + floatBytes(0) + "\xFF\xFF\xFF\xFF", "it wants 4294967295 bytes");
    add("empty token", head + llama2cToken("", 0), "token 259 is empty");
    add("not UTF-8", head + llama2cToken("\xC3", 0), "token 259 is not valid UTF-8");
    add("no number", head + llama2cToken("a", std::numeric_limits<float>::infinity()), "a score that is no");
    add("twice", head + llama2cToken("a", 0) + llama2cToken("a", 0), "piece 260 is the same as piece 259");
}

void TestLlama2cTokenizer::brokenFilesAreNamed() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, words);
    const Result<std::string> text = tokenizerOfLlama2c(bytes.toStdString(), {}, "tokenizer.bin");
    QVERIFY(!text);
    QCOMPARE(text.error().where, std::string("tokenizer.bin"));
    QVERIFY2(QString::fromStdString(text.error().message).contains(words), text.error().message.c_str());
}

QTEST_GUILESS_MAIN(TestLlama2cTokenizer)
#include "tst_llama2c_tokenizer.moc"
