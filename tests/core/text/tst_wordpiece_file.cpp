#include "core/text/wordpiece_file.h"

#include "core/text/tokenizer.h"

#include <QtTest>

using namespace lathe;

namespace {

using Ids = std::vector<std::int32_t>;

constexpr const char* kVocab = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ncafe\ncaf\u00E9\nCafe\n\u6771\n\u4EAC\n"
                               "play\n##ing\n\u6771\u4EAC\n";

Tokenizer tokenizerOf(const TokenizerSettings& settings) {
    const Result<std::string> text = tokenizerOfVocabTxt(kVocab, settings);
    if (!text)
        qFatal("%s", text.error().text().c_str());
    Result<Tokenizer> tokenizer = Tokenizer::fromJson(*text);
    if (!tokenizer)
        qFatal("%s", tokenizer.error().text().c_str());
    return std::move(tokenizer).value();
}

} // namespace

class TestWordpieceFile : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void textsAreFramedAndPairsTold();
    void lettersAreLoweredUnlessToldOtherwise();
    void accentsStayWhereAskedFor();
    void chineseSignsStandAloneUnlessToldOtherwise();
    void specialTokensAreFoundInTheText();
    void linesMayEndAsOnWindows();
    void laterOfTwoEqualLinesCounts();
    void brokenFilesAreNamed_data();
    void brokenFilesAreNamed();
};

void TestWordpieceFile::textsAreFramedAndPairsTold() {
    const Tokenizer tokenizer = tokenizerOf({});
    const Encoding pair = tokenizer.encodePair("playing", "cafe", true).value();
    QCOMPARE(pair.ids, (Ids{2, 10, 11, 3, 5, 3}));
    QCOMPARE(pair.typeIds, (std::vector<std::uint8_t>{0, 0, 0, 0, 1, 1}));
    QCOMPARE(tokenizer.decode(pair.ids, true).value(), std::string("playing cafe"));
}

void TestWordpieceFile::lettersAreLoweredUnlessToldOtherwise() {
    QCOMPARE(tokenizerOf({}).encode("Caf\u00E9", false)->ids, Ids{5});
    TokenizerSettings settings;
    settings.doLowerCase = false;
    QCOMPARE(tokenizerOf(settings).encode("Cafe caf\u00E9", false)->ids, (Ids{7, 6}));
}

void TestWordpieceFile::accentsStayWhereAskedFor() {
    TokenizerSettings settings;
    settings.stripAccents = false;
    QCOMPARE(tokenizerOf(settings).encode("CAF\u00C9", false)->ids, Ids{6});
}

void TestWordpieceFile::chineseSignsStandAloneUnlessToldOtherwise() {
    QCOMPARE(tokenizerOf({}).encode("\u6771\u4EAC", false)->ids, (Ids{8, 9}));
    TokenizerSettings settings;
    settings.tokenizeChineseChars = false;
    QCOMPARE(tokenizerOf(settings).encode("\u6771\u4EAC", false)->ids, Ids{12});
}

void TestWordpieceFile::specialTokensAreFoundInTheText() {
    const Tokenizer tokenizer = tokenizerOf({});
    QCOMPARE(tokenizer.encode("play [MASK]", false)->ids, (Ids{10, 4}));
    QVERIFY(tokenizer.isSpecial(0) && tokenizer.isSpecial(4) && !tokenizer.isSpecial(5));
}

void TestWordpieceFile::linesMayEndAsOnWindows() {
    const Result<std::string> text = tokenizerOfVocabTxt("[UNK]\r\n[CLS]\r\n\r\n[SEP]\r\nplay\r\n", {});
    QVERIFY(text);
    const Result<Tokenizer> tokenizer = Tokenizer::fromJson(*text);
    QVERIFY2(tokenizer, tokenizer ? "" : tokenizer.error().text().c_str());
    QCOMPARE(tokenizer->encode("play", true)->ids, (Ids{1, 4, 3})); // the empty line counts
}

void TestWordpieceFile::laterOfTwoEqualLinesCounts() {
    const Result<std::string> text = tokenizerOfVocabTxt("[UNK]\n[CLS]\n[SEP]\nplay\nplay\n", {});
    QVERIFY(text);
    QCOMPARE(Tokenizer::fromJson(*text)->encode("play", false)->ids, Ids{4});
}

void TestWordpieceFile::brokenFilesAreNamed_data() {
    QTest::addColumn<QByteArray>("vocab");
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("where");
    QTest::addColumn<QString>("words");
    QTest::newRow("empty") << QByteArray() << ""
                           << "vocab.txt"
                           << "has no line \"[UNK]\"";
    QTest::newRow("no separator") << QByteArray("[UNK]\n[CLS]\n") << "BertTokenizer"
                                  << "vocab.txt"
                                  << "has no line \"[SEP]\"";
    QTest::newRow("not UTF-8") << QByteArray("[UNK]\n\xFF\n") << ""
                               << "vocab.txt"
                               << "is not valid UTF-8";
    QTest::newRow("other class") << QByteArray("[UNK]\n") << "BertJapaneseTokenizer"
                                 << "tokenizer_config.json"
                                 << "BertJapaneseTokenizer";
}

void TestWordpieceFile::brokenFilesAreNamed() {
    QFETCH(QByteArray, vocab);
    QFETCH(QString, name);
    QFETCH(QString, where);
    QFETCH(QString, words);
    TokenizerSettings settings;
    settings.tokenizerClass = name.toStdString();
    const Result<std::string> text = tokenizerOfVocabTxt(vocab.toStdString(), settings);
    QVERIFY(!text);
    QCOMPARE(text.error().where, where.toStdString());
    QVERIFY2(QString::fromStdString(text.error().message).contains(words), text.error().message.c_str());
}

QTEST_GUILESS_MAIN(TestWordpieceFile)
#include "tst_wordpiece_file.moc"
