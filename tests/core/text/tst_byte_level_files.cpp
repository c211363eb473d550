#include "core/text/byte_level_files.h"

#include "core/text/tokenizer.h"
#include "core/text/tokenizer_json.h"

#include <nlohmann/json.hpp>

#include <QtTest>

using namespace lathe;
using nlohmann::json;

namespace {

using Ids = std::vector<std::int32_t>;

/// Letters, a few merged tokens and, from `first` on, special ones.
std::string vocabWith(const std::vector<std::string>& special) {
    json vocabulary;
    for (const char* token : {"a", "b", "c", "\u0120", "1", "ab", "\u0120ab", "abc"})
        vocabulary.emplace(token, vocabulary.size());
    for (const std::string& token : special)
        vocabulary.emplace(token, vocabulary.size());
    return vocabulary.dump();
}

constexpr const char* kMerges = "#version: 0.2\na b\n\u0120 ab\nab c\n";

Tokenizer tokenizerOf(const std::vector<std::string>& special, const TokenizerSettings& settings) {
    const Result<std::string> text = tokenizerOfVocabAndMerges(vocabWith(special), kMerges, settings);
    if (!text)
        qFatal("%s", text.error().text().c_str());
    Result<Tokenizer> tokenizer = Tokenizer::fromJson(*text);
    if (!tokenizer)
        qFatal("%s", tokenizer.error().text().c_str());
    return std::move(tokenizer).value();
}

TokenizerSettings ofModel(const char* type) {
    TokenizerSettings settings;
    settings.modelType = type;
    return settings;
}

TokenizerSettings ofClass(const char* name) {
    TokenizerSettings settings;
    settings.tokenizerClass = name;
    return settings;
}

const std::vector<std::string> kFive{"<s>", "<pad>", "</s>", "<unk>", "<mask>"}; // ids 8 to 12

} // namespace

class TestByteLevelFiles : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void bytesAreSpelledVisibly();
    void spacesBelongToTheWord();
    void prefixSpaceIsAddedWhenAsked();
    void robertaFramesEveryText();
    void optBeginsEveryText();
    void beginTokenIsAddedWhenAsked();
    void maskTakesTheSpaceBeforeIt();
    void qwenNumbersItsTokensAfterTheVocabulary();
    void addedTokensKeepTheirIds();
    void llama3LooksWholeWordsUp();
    void lineEndsOfWindowsAreRead();
    void classOfOtherVocabulariesIsRefused_data();
    void classOfOtherVocabulariesIsRefused();
    void brokenVocabulariesAreNamed_data();
    void brokenVocabulariesAreNamed();
    void brokenMergesAreNamed_data();
    void brokenMergesAreNamed();
};

void TestByteLevelFiles::bytesAreSpelledVisibly() {
    QCOMPARE(byteLevelSpelling(" a\n\xC3\xA9"), std::string("\u0120a\u010A\u00C3\u00A9"));
    QCOMPARE(byteLevelSpelling(std::string(1, '\0')), std::string("\u0100"));
    QCOMPARE(byteLevelSpelling("\xAD"), std::string("\u0143"));
}

void TestByteLevelFiles::spacesBelongToTheWord() {
    const Tokenizer tokenizer = tokenizerOf({"<|endoftext|>"}, ofModel("gpt2"));
    QCOMPARE(tokenizer.encode("abc ab<|endoftext|>", false)->ids, (Ids{7, 6, 8}));
    QCOMPARE(tokenizer.decode(Ids{7, 6, 8}, true).value(), std::string("abc ab"));
    QCOMPARE(tokenizer.encode("ab", true)->ids, Ids{5});
}

void TestByteLevelFiles::prefixSpaceIsAddedWhenAsked() {
    TokenizerSettings settings = ofModel("gpt2");
    settings.addPrefixSpace = true;
    QCOMPARE(tokenizerOf({"<|endoftext|>"}, settings).encode("ab", false)->ids, Ids{6});
}

void TestByteLevelFiles::robertaFramesEveryText() {
    const Tokenizer tokenizer = tokenizerOf(kFive, ofClass("RobertaTokenizer"));
    QCOMPARE(tokenizer.encode("ab", true)->ids, (Ids{8, 5, 10}));
    QCOMPARE(tokenizer.encodePair("ab", "c", true)->ids, (Ids{8, 5, 10, 10, 2, 10}));
    QVERIFY(tokenizer.isSpecial(8) && tokenizer.isSpecial(12));
}

void TestByteLevelFiles::optBeginsEveryText() {
    TokenizerSettings settings = ofClass("GPT2Tokenizer"); // as published
    settings.modelType = "opt";
    QCOMPARE(tokenizerOf(kFive, settings).encode("ab", true)->ids, (Ids{10, 5}));
    settings.addBosToken = false;
    QCOMPARE(tokenizerOf(kFive, settings).encode("ab", true)->ids, Ids{5});
}

void TestByteLevelFiles::beginTokenIsAddedWhenAsked() {
    TokenizerSettings settings = ofClass("GPT2Tokenizer");
    settings.addBosToken = true;
    settings.addEosToken = true;
    settings.roles["bos_token"] = {.content = "<s>"};
    settings.roles["eos_token"] = {.content = "</s>"};
    const Tokenizer tokenizer = tokenizerOf(kFive, settings);
    QCOMPARE(tokenizer.encode("ab", true)->ids, (Ids{8, 5, 10}));
    const Encoding pair = tokenizer.encodePair("ab", "c", true).value();
    QCOMPARE(pair.ids, (Ids{8, 5, 10, 8, 2, 10}));
    QCOMPARE(pair.typeIds, (std::vector<std::uint8_t>{0, 0, 0, 1, 1, 1}));
}

void TestByteLevelFiles::maskTakesTheSpaceBeforeIt() {
    QCOMPARE(tokenizerOf(kFive, ofModel("roberta")).encode("ab <mask>", false)->ids, (Ids{5, 12}));
}

void TestByteLevelFiles::qwenNumbersItsTokensAfterTheVocabulary() {
    const Tokenizer tokenizer = tokenizerOf({}, ofModel("qwen2"));
    QCOMPARE(tokenizer.encode("<|im_start|>ab<|im_end|><|endoftext|>", false)->ids, (Ids{9, 5, 10, 8}));
    QCOMPARE(tokenizer.encode("11", false)->ids, (Ids{4, 4}));
}

void TestByteLevelFiles::addedTokensKeepTheirIds() {
    TokenizerSettings settings = ofModel("qwen2");
    settings.added = {{.content = "<far>", .id = 40}, {.content = "<|endoftext|>", .id = 20}};
    const Tokenizer tokenizer = tokenizerOf({}, settings);
    QCOMPARE(tokenizer.encode("<far>ab<|endoftext|>", false)->ids, (Ids{40, 5, 20}));
    settings.added = {{.content = "<taken>", .id = 3}};
    const Result<std::string> text = tokenizerOfVocabAndMerges(vocabWith({}), kMerges, settings);
    QVERIFY(!text);
    QVERIFY(text.error().message.starts_with("id 3 is both"));
}

void TestByteLevelFiles::llama3LooksWholeWordsUp() {
    // "c1" cannot be reached by merges.
    const Tokenizer tokenizer = tokenizerOf({"cb", "<|begin_of_text|>"}, ofModel("llama"));
    QCOMPARE(tokenizer.encode("cb", true)->ids, (Ids{9, 8}));
}

void TestByteLevelFiles::lineEndsOfWindowsAreRead() {
    QVERIFY(tokenizerOfVocabAndMerges(vocabWith({}), "a b\r\n\u0120 ab\r\n", ofModel("gpt2")));
}

void TestByteLevelFiles::classOfOtherVocabulariesIsRefused_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("where");
    QTest::newRow("class") << "CLIPTokenizer"
                           << ""
                           << "tokenizer_config.json";
    QTest::newRow("model type") << ""
                                << "clip"
                                << "config.json";
    QTest::newRow("no word at all") << ""
                                    << ""
                                    << "vocab.json";
}

void TestByteLevelFiles::classOfOtherVocabulariesIsRefused() {
    QFETCH(QString, name);
    QFETCH(QString, type);
    QFETCH(QString, where);
    TokenizerSettings settings = ofClass(name.toUtf8().constData());
    settings.modelType = type.toStdString();
    const Result<std::string> text = tokenizerOfVocabAndMerges(vocabWith({}), kMerges, settings);
    QVERIFY(!text);
    QCOMPARE(text.error().where, where.toStdString());
}

void TestByteLevelFiles::brokenVocabulariesAreNamed_data() {
    QTest::addColumn<QByteArray>("vocab");
    QTest::addColumn<QString>("words");
    QTest::newRow("cut") << QByteArray(R"({"a":0,"b")") << "is not valid JSON at byte";
    QTest::newRow("empty") << QByteArray() << "is not valid JSON at byte";
    QTest::newRow("no token") << QByteArray("{}") << "holds no token";
    QTest::newRow("list") << QByteArray("[1]") << "holds a list";
    QTest::newRow("number") << QByteArray("7") << "holds no object";
    QTest::newRow("nested") << QByteArray(R"({"a":{"b":1}})") << "an object as an id at the token \"a\"";
    QTest::newRow("text as an id") << QByteArray(R"({"a":"0"})") << "a text as an id";
    QTest::newRow("negative") << QByteArray(R"({"a":-1})") << "a negative id";
    QTest::newRow("fraction") << QByteArray(R"({"a":0.5})") << "a fraction";
    QTest::newRow("too large") << QByteArray(R"({"a":99999999999})") << "the id 99999999999";
    QTest::newRow("one id twice") << QByteArray(R"({"a":1,"b":1})") << "the id 1 twice";
    QTest::newRow("one token twice") << QByteArray(R"({"a":1,"a":2})") << "a token twice";
    QTest::newRow("not UTF-8") << QByteArray("{\"\xFF\":1}") << "is not valid JSON";
    QTest::newRow("deep") << QByteArray(100000, '[') << "holds a list";
}

void TestByteLevelFiles::brokenVocabulariesAreNamed() {
    QFETCH(QByteArray, vocab);
    QFETCH(QString, words);
    const Result<std::string> text = tokenizerOfVocabAndMerges(vocab.toStdString(), "", ofModel("gpt2"));
    QVERIFY(!text);
    QCOMPARE(text.error().where, std::string("vocab.json"));
    QVERIFY2(QString::fromStdString(text.error().message).contains(words), text.error().message.c_str());
}

void TestByteLevelFiles::brokenMergesAreNamed_data() {
    QTest::addColumn<QByteArray>("merges");
    QTest::addColumn<QString>("words");
    QTest::newRow("of another model") << QByteArray("a b\nx y\n") << "line 2 needs the token \"x\"";
    QTest::newRow("no result") << QByteArray("b a\n") << "line 1 needs the token \"ba\"";
    QTest::newRow("one token") << QByteArray("#version: 0.2\nab\n") << "line 2 is not two tokens";
    QTest::newRow("three tokens") << QByteArray("a b c\n") << "line 1 is not two tokens";
    QTest::newRow("space in front") << QByteArray(" ab\n") << "line 1 is not two tokens";
    QTest::newRow("not UTF-8") << QByteArray("\xFF a\n") << "is not valid UTF-8";
}

void TestByteLevelFiles::brokenMergesAreNamed() {
    QFETCH(QByteArray, merges);
    QFETCH(QString, words);
    const Result<std::string> text =
        tokenizerOfVocabAndMerges(vocabWith({}), merges.toStdString(), ofModel("gpt2"));
    QVERIFY(!text);
    QCOMPARE(text.error().where, std::string("merges.txt"));
    QVERIFY2(QString::fromStdString(text.error().message).contains(words), text.error().message.c_str());
}

QTEST_GUILESS_MAIN(TestByteLevelFiles)
#include "tst_byte_level_files.moc"
