#include "core/text/text_stream.h"

#include "tests/support/shared_files.h"

#include <nlohmann/json.hpp>

#include <QtTest>

#include <random>

using namespace lathe;
using nlohmann::json;

namespace {

using Ids = std::vector<std::int32_t>;

/// One token a byte, spelled as byte-level vocabularies spell it, and one that skipping leaves out (256).
std::string byteLevelJson() {
    json vocabulary;
    int other = 0x100; // the 68 bytes that are no visible character are spelled from U+0100 on
    for (int byte = 0; byte < 256; ++byte) {
        const bool isSame = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
        vocabulary[QString(QChar(isSame ? byte : other++)).toStdString()] = byte;
    }
    const json end{{"id", 256},       {"content", "<end>"},  {"single_word", false}, {"lstrip", false},
                   {"rstrip", false}, {"normalized", false}, {"special", true}};
    const json bytes{
        {"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", true}};
    return json{{"version", "1.0"},
                {"added_tokens", json::array({end})},
                {"decoder", bytes},
                {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", json::array()}}}}
        .dump();
}

/// As LLaMA's: words begin with ▁, bytes are spelled <0xHH>.
constexpr const char* kByteFallback = R"({"version":"1.0","added_tokens":[],
  "decoder":{"type":"Sequence","decoders":[
    {"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"},
    {"type":"Strip","content":" ","start":1,"stop":0}]},
  "model":{"type":"BPE","byte_fallback":true,"unk_token":"<unk>","merges":[],"vocab":{
    "<unk>":0,"▁":1,"▁Hi":2,"!":3,"<0xE2>":4,"<0x82>":5,"<0xAC>":6,"<0xFF>":7,"<0x41>":8}}})";

// The apostrophe is escaped because moc loses its way at one in a raw string.
constexpr const char* kWordPiece = R"({"version":"1.0","added_tokens":[],
  "decoder":{"type":"WordPiece","prefix":"##","cleanup":true},
  "model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##",
    "max_input_chars_per_word":100,"vocab":{"[UNK]":0,"play":1,"##ing":2,"is":3,".":4,"n\u0027t":5,"do":6}}})";

Tokenizer tokenizerOf(const std::string& json) {
    Result<Tokenizer> tokenizer = Tokenizer::fromJson(json);
    if (!tokenizer)
        qFatal("%s", tokenizer.error().text().c_str());
    return std::move(tokenizer).value();
}

std::vector<std::string> piecesOf(const Tokenizer& tokenizer, const Ids& ids) {
    TextStream stream(tokenizer);
    std::vector<std::string> pieces;
    for (const std::int32_t id : ids)
        pieces.push_back(stream.push(id).value());
    pieces.push_back(stream.finish().value());
    return pieces;
}

std::string joined(const std::vector<std::string>& pieces) {
    std::string text;
    for (const std::string& piece : pieces)
        text += piece;
    return text;
}

void compareWithWhole(const Tokenizer& tokenizer, const Ids& ids) {
    const std::vector<std::string> pieces = piecesOf(tokenizer, ids);
    const std::string whole = tokenizer.decode(ids, true).value();
    QVERIFY2(joined(pieces) == whole, (joined(pieces) + " | " + whole).c_str());
    for (const std::string& piece : pieces)
        QVERIFY(QString::fromStdString(piece).toStdString() == piece); // whole characters
}

/// `count` sequences of ids below `limit`, made to switch between wide and narrow ranges.
void compareRandom(const Tokenizer& tokenizer, std::int32_t limit, int count) {
    std::mt19937 random(7);
    for (int round = 0; round < count; ++round) {
        Ids ids(random() % 40 + 1);
        for (std::int32_t& id : ids)
            id = static_cast<std::int32_t>(random() % static_cast<std::uint32_t>(limit));
        compareWithWhole(tokenizer, ids);
        if (QTest::currentTestFailed())
            return;
    }
}

std::string streamed(const std::vector<std::string>& stops, const std::vector<std::string>& pieces,
                     bool* hasStopped = nullptr) {
    StopTexts matcher(stops);
    std::string text;
    for (const std::string& piece : pieces)
        text += matcher.push(piece);
    text += matcher.finish();
    if (hasStopped)
        *hasStopped = matcher.hasStopped();
    return text;
}

} // namespace

class TestTextStream : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void charactersComeWhole();
    void unfinishedCharacterComesAtTheEnd();
    void specialAndUnknownTokensGiveNothing();
    void spacesBetweenWordsAreKept();
    void runOfBytesIsReadAsAWhole();
    void wordPiecesAreJoined();
    void negativeIdIsRefused();
    void nextPushBeginsANewText();
    void randomTokensGiveTheWholeDecode();
    void realVocabulariesGiveTheWholeDecode_data();
    void realVocabulariesGiveTheWholeDecode();
    void costOfATokenStaysTheSame();
    void textEndsBeforeTheStopText_data();
    void textEndsBeforeTheStopText();
    void possibleBeginningIsHeldBack();
    void cuttingDoesNotMatter();
};

void TestTextStream::charactersComeWhole() {
    const Tokenizer tokenizer = tokenizerOf(byteLevelJson());
    QCOMPARE(piecesOf(tokenizer, {'a', 0xE2, 0x82, 0xAC, 0xF0, 0x9F, 0x98, 0x80, '!'}),
             (std::vector<std::string>{"a", "", "", "€", "", "", "", "😀", "!", ""}));
}

void TestTextStream::unfinishedCharacterComesAtTheEnd() {
    const Tokenizer tokenizer = tokenizerOf(byteLevelJson());
    QCOMPARE(piecesOf(tokenizer, {'a', 0xE2, 0x82}), (std::vector<std::string>{"a", "", "", "\uFFFD"}));
    QCOMPARE(piecesOf(tokenizer, {0xE2, 'b'}), (std::vector<std::string>{"", "\uFFFDb", ""}));
    QCOMPARE(piecesOf(tokenizer, {}), std::vector<std::string>{""});
}

void TestTextStream::specialAndUnknownTokensGiveNothing() {
    const Tokenizer tokenizer = tokenizerOf(byteLevelJson());
    QVERIFY(tokenizer.isSpecial(256) && !tokenizer.isSpecial('a') && !tokenizer.isSpecial(-1));
    QCOMPARE(piecesOf(tokenizer, {256, 'a', 0xC3, 256, 100000, 0xA9}),
             (std::vector<std::string>{"", "a", "", "", "", "é", ""}));
}

void TestTextStream::spacesBetweenWordsAreKept() {
    const Tokenizer tokenizer = tokenizerOf(kByteFallback);
    QCOMPARE(piecesOf(tokenizer, {2, 2, 3, 1, 2}),
             (std::vector<std::string>{"Hi", " Hi", "!", " ", " Hi", ""}));
    QCOMPARE(piecesOf(tokenizer, {1, 2, 1, 1}), (std::vector<std::string>{"", " Hi", " ", " ", ""}));
}

void TestTextStream::runOfBytesIsReadAsAWhole() {
    const Tokenizer tokenizer = tokenizerOf(kByteFallback);
    QCOMPARE(piecesOf(tokenizer, {2, 4, 5, 6, 3}), (std::vector<std::string>{"Hi", "", "", "", "€!", ""}));
    QCOMPARE(piecesOf(tokenizer, {4, 5, 6, 7, 3}),
             (std::vector<std::string>{"", "", "", "", "\uFFFD\uFFFD\uFFFD\uFFFD!", ""}));
    QCOMPARE(piecesOf(tokenizer, {8, 8}), (std::vector<std::string>{"", "", "AA"}));
}

void TestTextStream::wordPiecesAreJoined() {
    const Tokenizer tokenizer = tokenizerOf(kWordPiece);
    QCOMPARE(piecesOf(tokenizer, {1, 2, 3, 1, 4, 6, 5}),
             (std::vector<std::string>{"play", "ing", " is", " play", ".", " do", "n't", ""}));
}

void TestTextStream::negativeIdIsRefused() {
    const Tokenizer tokenizer = tokenizerOf(kWordPiece);
    TextStream stream(tokenizer);
    QVERIFY(!stream.push(-1));
    QCOMPARE(stream.push(1).value(), std::string("play"));
}

void TestTextStream::nextPushBeginsANewText() {
    const Tokenizer tokenizer = tokenizerOf(kByteFallback);
    TextStream stream(tokenizer);
    QCOMPARE(stream.push(2).value() + stream.finish().value(), std::string("Hi"));
    QCOMPARE(stream.push(2).value() + stream.finish().value(), std::string("Hi"));
}

void TestTextStream::randomTokensGiveTheWholeDecode() {
    compareRandom(tokenizerOf(byteLevelJson()), 257, 2000);
    compareRandom(tokenizerOf(kByteFallback), 9, 2000);
    compareRandom(tokenizerOf(kWordPiece), 7, 2000);
    const Tokenizer bytes = tokenizerOf(byteLevelJson());
    compareWithWhole(bytes, Ids(1000, 0xFF));
    compareWithWhole(bytes, Ids(1000, 0xE2));
}

void TestTextStream::realVocabulariesGiveTheWholeDecode_data() {
    QTest::addColumn<QString>("file");
    for (const char* file : {"gpt2/tokenizer.json", "bert-base-uncased/tokenizer.json",
                             "llama2/tokenizer.phi3.json", "tiny-bpe/ignore_merges_tokenizer.json"})
        QTest::newRow(file) << QStringLiteral("models/tokenizers/") + file;
    QTest::newRow("stories260K") << QStringLiteral("models/stories260K/tokenizer.json");
}

void TestTextStream::realVocabulariesGiveTheWholeDecode() {
    QFETCH(QString, file);
    LATHE_NEED_SHARED(file.toStdString());
    const Result<Tokenizer> tokenizer = Tokenizer::load(test::sharedFile(file.toStdString()));
    QVERIFY(tokenizer);
    const auto size = static_cast<std::int32_t>(tokenizer->vocabularySize());
    compareRandom(*tokenizer, size + 5, 300);
    compareRandom(*tokenizer, 400, 300); // where bytes and special tokens are
    const Ids text =
        tokenizer->encode(" Größe 😀👩‍👩‍👧 naïve 東京 don't  stop .\n\n\ttrès", true)
            ->ids;
    compareWithWhole(*tokenizer, text);
}

void TestTextStream::costOfATokenStaysTheSame() {
    const Tokenizer tokenizer = tokenizerOf(byteLevelJson());
    TextStream stream(tokenizer);
    const auto microsecondsFor = [&](int tokens, std::int32_t id) {
        QElapsedTimer timer;
        timer.start();
        for (int token = 0; token < tokens; ++token)
            (void)stream.push(id);
        return static_cast<double>(timer.nsecsElapsed()) / 1000;
    };
    for (const std::int32_t id : {std::int32_t{'a'}, std::int32_t{0xFF}}) {
        const double first = microsecondsFor(2000, id);
        (void)microsecondsFor(20000, id);
        const double later = microsecondsFor(2000, id);
        QVERIFY2(later < 5 * first + 20000,
                 qPrintable(QStringLiteral("%1 then %2 µs").arg(first).arg(later)));
        (void)stream.finish();
    }
}

void TestTextStream::textEndsBeforeTheStopText_data() {
    QTest::addColumn<QStringList>("stops");
    QTest::addColumn<QStringList>("pieces");
    QTest::addColumn<QString>("expected");
    QTest::addColumn<bool>("stopped");
    QTest::newRow("none") << QStringList{} << QStringList{"a", "b"} << "ab" << false;
    QTest::newRow("empty stops nothing") << QStringList{""} << QStringList{"ab"} << "ab" << false;
    QTest::newRow("inside a piece") << QStringList{"\n\n"} << QStringList{"one\n\ntwo"} << "one" << true;
    QTest::newRow("across pieces") << QStringList{"###"} << QStringList{"a#", "#", "#b"} << "a" << true;
    QTest::newRow("false beginning") << QStringList{"###"} << QStringList{"a##", "b#"} << "a##b#" << false;
    QTest::newRow("repeated beginning")
        << QStringList{"aab"} << QStringList{"a", "a", "a", "b"} << "a" << true;
    QTest::newRow("first complete") << QStringList{"abcd", "c"} << QStringList{"abcd"} << "ab" << true;
    QTest::newRow("longest at one place")
        << QStringList{"c", "bc"} << QStringList{"a", "b", "c"} << "a" << true;
    QTest::newRow("at once") << QStringList{"x"} << QStringList{"x", "y"} << "" << true;
    QTest::newRow("other letters alike") << QStringList{"è"} << QStringList{"é", "è"} << "é" << true;
}

void TestTextStream::textEndsBeforeTheStopText() {
    QFETCH(QStringList, stops);
    QFETCH(QStringList, pieces);
    QFETCH(QString, expected);
    QFETCH(bool, stopped);
    std::vector<std::string> stopTexts, texts;
    for (const QString& stop : stops)
        stopTexts.push_back(stop.toStdString());
    for (const QString& piece : pieces)
        texts.push_back(piece.toStdString());
    bool hasStopped = false;
    QCOMPARE(streamed(stopTexts, texts, &hasStopped), expected.toStdString());
    QCOMPARE(hasStopped, stopped);
}

void TestTextStream::possibleBeginningIsHeldBack() {
    StopTexts matcher({"</s>", "User:"});
    QCOMPARE(matcher.push("Hello U"), std::string("Hello "));
    QCOMPARE(matcher.push("nited <"), std::string("United "));
    QCOMPARE(matcher.push("/s"), std::string());
    QCOMPARE(matcher.push("> more"), std::string());
    QVERIFY(matcher.hasStopped());
    QCOMPARE(matcher.push("even more"), std::string());
    QCOMPARE(matcher.finish(), std::string());
}

void TestTextStream::cuttingDoesNotMatter() {
    std::mt19937 random(3);
    const std::vector<std::string> stops{"abab", "bb", "caa"};
    for (int round = 0; round < 3000; ++round) {
        std::string text;
        for (int at = 0; at < 30; ++at)
            text += static_cast<char>('a' + random() % 3);
        std::vector<std::string> pieces;
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t length = random() % 6 + 1;
            pieces.push_back(text.substr(at, length));
            at += length;
        }
        QCOMPARE(streamed(stops, pieces), streamed(stops, {text}));
    }
}

QTEST_GUILESS_MAIN(TestTextStream)
#include "tst_text_stream.moc"
