#include "core/text/sentencepiece_file.h"

#include "core/text/tokenizer.h"
#include "tests/support/older_vocabularies.h"

#include <QtTest>

#include <limits>

using namespace lathe;
using namespace lathe::test;

namespace {

using Ids = std::vector<std::int32_t>;

const std::string kMark = "\u2581";

/// <unk> 0, <s> 1, </s> 2, <0xC3> 3, <0xA9> 4, ▁ 5, a 6, b 7, ab 8, ▁ab 9, ba 10, <tool> 11
std::string bpe() {
    return piece("<unk>", 0, 2) + piece("<s>", 0, 3) + piece("</s>", 0, 3) + piece("<0xC3>", 0, 6) +
           piece("<0xA9>", 0, 6) + piece(kMark, -10) + piece("a", -11) + piece("b", -12) + piece("ab", -2) +
           piece(kMark + "ab", -3) + piece("ba", -1) + piece("<tool>", 0, 4) + trainer(2, true) +
           spaces(true, false);
}

/// <pad> 0, </s> 1, <unk> 2, ▁ 3, ▁a 4, b 5, ▁ab 6
std::string unigram() {
    return piece("<pad>", 0, 3) + piece("</s>", 0, 3) + piece("<unk>", 0, 2) + piece(kMark, -3) +
           piece(kMark + "a", -2) + piece("b", -2.5F) + piece(kMark + "ab", -6) + trainer(1, false);
}

Tokenizer tokenizerOf(const std::string& bytes, const TokenizerSettings& settings) {
    const Result<std::string> text = tokenizerOfSentencePiece(bytes, settings, "tokenizer.model");
    if (!text)
        qFatal("%s", text.error().text().c_str());
    Result<Tokenizer> tokenizer = Tokenizer::fromJson(*text);
    if (!tokenizer)
        qFatal("%s", tokenizer.error().text().c_str());
    return std::move(tokenizer).value();
}

TokenizerSettings ofClass(const char* name) {
    TokenizerSettings settings;
    settings.tokenizerClass = name;
    return settings;
}

} // namespace

class TestSentencepieceFile : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void highestScoreIsMergedFirst();
    void everyTextBeginsWithASpace();
    void unknownCharactersBecomeBytes();
    void controlAndUserPiecesAreFoundInTheText();
    void beginTokenFollowsTheConfiguration();
    void newFormGivesTheSpaceOnce();
    void gemmaHasNoSpaceInFront();
    void glmBeginsWithItsTokens();
    void unigramTakesTheLikeliestPieces();
    void t5EndsEveryTextAndHasExtraTokens();
    void addedTokensFollowThePieces();
    void modelCutAnywhereIsRefused();
    void brokenModelsAreNamed_data();
    void brokenModelsAreNamed();
};

void TestSentencepieceFile::highestScoreIsMergedFirst() {
    const Tokenizer tokenizer = tokenizerOf(bpe(), {});
    QCOMPARE(tokenizer.encode("aba", false)->ids, (Ids{5, 6, 10})); // ba before ab
    QCOMPARE(tokenizer.encode("ab", false)->ids, Ids{9});
}

void TestSentencepieceFile::everyTextBeginsWithASpace() {
    const Tokenizer tokenizer = tokenizerOf(bpe(), {});
    QCOMPARE(tokenizer.encode(" ab", false)->ids, (Ids{5, 9}));
    QVERIFY(tokenizer.encode("", false)->ids.empty());
    QCOMPARE(tokenizer.decode(Ids{9, 9}, true).value(), std::string("ab ab"));
}

void TestSentencepieceFile::unknownCharactersBecomeBytes() {
    const Tokenizer tokenizer = tokenizerOf(bpe(), {});
    QCOMPARE(tokenizer.encode("\u00E9", false)->ids, (Ids{5, 3, 4}));
    QCOMPARE(tokenizer.decode(Ids{5, 3, 4}, true).value(), std::string("\u00E9"));
}

void TestSentencepieceFile::controlAndUserPiecesAreFoundInTheText() {
    const Tokenizer tokenizer = tokenizerOf(bpe(), {});
    QCOMPARE(tokenizer.encode("<tool></s>", false)->ids, (Ids{11, 2}));
    QVERIFY(tokenizer.isSpecial(2) && tokenizer.isSpecial(0) && !tokenizer.isSpecial(11));
}

void TestSentencepieceFile::beginTokenFollowsTheConfiguration() {
    QCOMPARE(tokenizerOf(bpe(), {}).encode("ab", true)->ids, (Ids{1, 9}));
    TokenizerSettings settings = ofClass("LlamaTokenizer");
    settings.addBosToken = false;
    settings.addEosToken = true;
    QCOMPARE(tokenizerOf(bpe(), settings).encode("ab", true)->ids, (Ids{9, 2}));
}

void TestSentencepieceFile::newFormGivesTheSpaceOnce() {
    TokenizerSettings settings = ofClass("LlamaTokenizer");
    const Ids twice = tokenizerOf(bpe(), settings).encode("ab</s>ab", false)->ids;
    QCOMPARE(twice, (Ids{9, 2, 9}));
    settings.legacy = false;
    QCOMPARE(tokenizerOf(bpe(), settings).encode("ab</s>ab", false)->ids, (Ids{9, 2, 8}));
}

void TestSentencepieceFile::gemmaHasNoSpaceInFront() {
    TokenizerSettings settings = ofClass("GemmaTokenizer");
    settings.roles["bos_token"] = {.content = "<s>"};
    const Tokenizer tokenizer = tokenizerOf(bpe(), settings);
    QCOMPARE(tokenizer.encode("ab ab", true)->ids, (Ids{1, 8, 9}));
    QCOMPARE(tokenizer.decode(Ids{9}, true).value(), std::string(" ab"));
}

void TestSentencepieceFile::glmBeginsWithItsTokens() {
    const Tokenizer tokenizer = tokenizerOf(bpe(), ofClass("ChatGLMTokenizer"));
    QCOMPARE(tokenizer.encode("ab", true)->ids, (Ids{13, 15, 9})); // [gMASK] sop
}

void TestSentencepieceFile::unigramTakesTheLikeliestPieces() {
    const Tokenizer tokenizer = tokenizerOf(unigram(), {});
    QCOMPARE(tokenizer.encode("ab", true)->ids, (Ids{4, 5})); // -4.5 against -6
    QCOMPARE(tokenizer.encode(" a  b ", false)->ids, (Ids{4, 3, 5}));
    QCOMPARE(tokenizer.encode("xy", false)->ids, (Ids{3, 2}));
    QCOMPARE(tokenizer.decode(Ids{4, 5, 4}, true).value(), std::string("ab a"));
}

void TestSentencepieceFile::t5EndsEveryTextAndHasExtraTokens() {
    const Tokenizer tokenizer = tokenizerOf(unigram(), ofClass("T5Tokenizer"));
    QCOMPARE(tokenizer.encode("a", true)->ids, (Ids{4, 1}));
    QCOMPARE(tokenizer.idOf("<extra_id_0>"), std::optional(7 + 99));
    QCOMPARE(tokenizer.idOf("<extra_id_99>"), std::optional(7));
}

void TestSentencepieceFile::addedTokensFollowThePieces() {
    TokenizerSettings settings;
    settings.added = {{.content = "<new>", .id = 7}};
    QCOMPARE(tokenizerOf(unigram(), settings).encode("<new>", false)->ids, Ids{7});
    settings.added = {{.content = "<new>", .id = 9}};
    const Result<std::string> text = tokenizerOfSentencePiece(unigram(), settings, "spiece.model");
    QVERIFY(!text);
    QCOMPARE(text.error().where, std::string("spiece.model"));
    settings.added = {{.content = "<new>", .id = 40}}; // BPE may leave gaps
    QCOMPARE(tokenizerOf(bpe(), settings).encode("<new>", false)->ids, Ids{40});
}

void TestSentencepieceFile::modelCutAnywhereIsRefused() {
    const std::string whole = bpe();
    int refused = 0;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const Result<std::string> text =
            tokenizerOfSentencePiece(whole.substr(0, size), {}, "tokenizer.model");
        if (text)
            continue; // between two fields a shorter model ends
        QCOMPARE(text.error().where, std::string("tokenizer.model"));
        ++refused;
    }
    QVERIFY(refused > 100);
}

void TestSentencepieceFile::brokenModelsAreNamed_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("words");
    const auto add = [](const char* name, const std::string& bytes, const char* words) {
        QTest::newRow(name) << QByteArray(bytes.data(), static_cast<int>(bytes.size())) << words;
    };
    add("empty", {}, "holds no piece");
    add("piece longer than the file", "\x0A\x7F\x0A", "wants 127 bytes and 1 are left");
    add("endless number", std::string(12, '\xFF'), "has more than 64 bits");
    add("length of 2^63", "\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F", "wants 9223372036854775807 bytes");
    add("group", "\x0B", "field type 3 at byte 0 is unknown");
    add("text instead", "hello world", "is");
    add("no text", bytesField(1, numberField(3, 1)), "piece 0 has no text");
    add("not UTF-8", piece("\xC3", 0), "piece 0 is not valid UTF-8");
    add("no number", piece("a", std::numeric_limits<float>::quiet_NaN()), "a score that is no number");
    add("unknown kind", piece("a", 0, 9), "is of kind 9");
    add("twice", piece("a", 0) + piece("a", 0) + trainer(2, false), "piece 1 is the same as piece 0");
    add("word model", piece("a", 0) + trainer(3, false), "word or character");
    add("no model type", piece("a", 0) + trainer(7, false), "is of model type 7");
    add("no unknown piece", piece("a", 0) + trainer(1, false), "has no piece for unknown characters");
    add("long piece", piece(std::string(5000, 'a'), 0) + trainer(2, false), "has 5000 bytes, more than 1024");
}

void TestSentencepieceFile::brokenModelsAreNamed() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, words);
    const Result<std::string> text = tokenizerOfSentencePiece(bytes.toStdString(), {}, "tokenizer.model");
    QVERIFY(!text);
    QVERIFY(text.error().kind == Error::Kind::Input);
    QCOMPARE(text.error().where, std::string("tokenizer.model"));
    QVERIFY2(QString::fromStdString(text.error().message).contains(words), text.error().message.c_str());
}

QTEST_GUILESS_MAIN(TestSentencepieceFile)
#include "tst_sentencepiece_file.moc"
