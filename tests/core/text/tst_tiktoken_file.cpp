#include "core/text/tiktoken_file.h"

#include "core/text/base64.h"
#include "core/text/tokenizer.h"

#include <QtTest>

using namespace lathe;

namespace {

using Ids = std::vector<std::int32_t>;

/// a 0, b 1, c 2, ab 3, abc 4, xyz 5: the last cannot be merged from its bytes.
std::string ranksWith(const char* lineEnd) {
    std::string text;
    int rank = 0;
    for (const char* token : {"a", "b", "c", "ab", "abc", "xyz", "\n", "1"})
        text += toBase64(token) + ' ' + std::to_string(rank++) + lineEnd;
    return text;
}

Tokenizer tokenizerOf(const std::string& text, const TokenizerSettings& settings, const std::string& file) {
    const Result<std::string> json = tokenizerOfTiktoken(text, settings, file);
    if (!json)
        qFatal("%s", json.error().text().c_str());
    Result<Tokenizer> tokenizer = Tokenizer::fromJson(*json);
    if (!tokenizer)
        qFatal("%s", tokenizer.error().text().c_str());
    return std::move(tokenizer).value();
}

} // namespace

class TestTiktokenFile : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void base64GoesThereAndBack();
    void brokenBase64IsRefused();
    void ranksAreMergedLowestFirst();
    void wholeWordsAreLookedUp();
    void qwenHasItsSpecialTokens();
    void llama3BeginsEveryText();
    void linesMayEndAsOnWindows();
    void fileIsToldFromASentencePieceModel();
    void brokenFilesAreNamed_data();
    void brokenFilesAreNamed();
};

void TestTiktokenFile::base64GoesThereAndBack() {
    QCOMPARE(toBase64("f"), std::string("Zg=="));
    QCOMPARE(toBase64("fo"), std::string("Zm8="));
    QCOMPARE(toBase64("foobar"), std::string("Zm9vYmFy"));
    std::string bytes;
    for (int byte = 0; byte < 256; ++byte) {
        QCOMPARE(fromBase64(toBase64(bytes)), std::optional(bytes));
        bytes += static_cast<char>(byte * 7);
    }
}

void TestTiktokenFile::brokenBase64IsRefused() {
    for (const char* text : {"Z", "Zg", "Zg=", "Z===", "====", "Zg==Zg==", "Zm8!", "Zm 8", "Z=m8"})
        QVERIFY2(!fromBase64(text), text);
    QCOMPARE(fromBase64(""), std::optional<std::string>(""));
}

void TestTiktokenFile::ranksAreMergedLowestFirst() {
    const Tokenizer tokenizer = tokenizerOf(ranksWith("\n"), {}, "o.tiktoken");
    QCOMPARE(tokenizer.encode("abcab", false)->ids, (Ids{4, 3}));
    QCOMPARE(tokenizer.encode("cab", false)->ids, (Ids{2, 3}));
}

void TestTiktokenFile::wholeWordsAreLookedUp() {
    QCOMPARE(tokenizerOf(ranksWith("\n"), {}, "o.tiktoken").encode("xyz", false)->ids, Ids{5});
}

void TestTiktokenFile::qwenHasItsSpecialTokens() {
    const Tokenizer tokenizer = tokenizerOf(ranksWith("\n"), {}, "qwen.tiktoken");
    QCOMPARE(tokenizer.encode("<|im_start|>ab<|im_end|><|endoftext|>", true)->ids, (Ids{9, 3, 10, 8}));
    QCOMPARE(tokenizer.idOf("<|extra_204|>"), std::optional(8 + 3 + 204));
    QVERIFY(tokenizer.isSpecial(8));
}

void TestTiktokenFile::llama3BeginsEveryText() {
    TokenizerSettings settings;
    settings.added = {{.content = "<|begin_of_text|>", .id = 8}};
    QCOMPARE(tokenizerOf(ranksWith("\n"), settings, "tokenizer.model").encode("ab", true)->ids, (Ids{8, 3}));
}

void TestTiktokenFile::linesMayEndAsOnWindows() {
    QCOMPARE(tokenizerOf(ranksWith("\r\n"), {}, "qwen.tiktoken").encode("abc", false)->ids, Ids{4});
}

void TestTiktokenFile::fileIsToldFromASentencePieceModel() {
    QVERIFY(looksLikeTiktoken(ranksWith("\r\n")));
    QVERIFY(!looksLikeTiktoken(""));
    QVERIFY(!looksLikeTiktoken("\x0A\x0E\x0A\x05<unk>"));
}

void TestTiktokenFile::brokenFilesAreNamed_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("words");
    QTest::newRow("empty") << QByteArray() << "holds no token";
    QTest::newRow("bad base64") << QByteArray("YQ== 0\nY?== 1\n")
                                << "line 2 holds a token that is not base64";
    QTest::newRow("no rank") << QByteArray("YQ==\n") << "line 1 is not a token in base64";
    QTest::newRow("rank of letters") << QByteArray("YQ== x\n") << "line 1 holds a rank";
    QTest::newRow("negative rank") << QByteArray("YQ== -1\n") << "line 1 holds a rank";
    QTest::newRow("large rank") << QByteArray("YQ== 4294967295\n") << "line 1 holds a rank";
    QTest::newRow("rank twice") << QByteArray("YQ== 0\n\nYg== 0\n")
                                << "line 3 gives the rank 0 again, after line 1";
    QTest::newRow("token twice") << QByteArray("YQ== 0\nYQ== 1\n") << "the same token at the ranks 0 and 1";
    QTest::newRow("long token") << QByteArray::fromStdString(toBase64(std::string(2000, 'a')) + " 0\n")
                                << "2000 bytes";
}

void TestTiktokenFile::brokenFilesAreNamed() {
    QFETCH(QByteArray, text);
    QFETCH(QString, words);
    const Result<std::string> json = tokenizerOfTiktoken(text.toStdString(), {}, "qwen.tiktoken");
    QVERIFY(!json);
    QCOMPARE(json.error().where, std::string("qwen.tiktoken"));
    QVERIFY2(QString::fromStdString(json.error().message).contains(words), json.error().message.c_str());
}

QTEST_GUILESS_MAIN(TestTiktokenFile)
#include "tst_tiktoken_file.moc"
