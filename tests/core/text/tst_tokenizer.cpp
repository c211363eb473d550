#include "core/text/tokenizer.h"

#include "core/base/files.h"
#include "tests/support/shared_files.h"

#include <nlohmann/json.hpp>

#include <QtTest>

#include <array>
#include <thread>

using namespace lathe;
using nlohmann::json;

namespace {

using Ids = std::vector<std::int32_t>;
using Range = std::pair<std::size_t, std::size_t>;

/// Words are looked up whole; [CLS] and [SEP] go around; truncation and padding are stored as publishers do.
constexpr const char* kWords = R"({
  "version": "1.0",
  "truncation": {"direction": "Right", "max_length": 3, "strategy": "LongestFirst", "stride": 0},
  "padding": {"strategy": {"Fixed": 9}, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0,
              "pad_type_id": 0, "pad_token": "[PAD]"},
  "added_tokens": [
    {"id": 1, "content": "[CLS]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false,
     "special": true},
    {"id": 2, "content": "[SEP]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false,
     "special": true},
    {"id": 9, "content": "<extra>", "single_word": false, "lstrip": false, "rstrip": false,
     "normalized": false, "special": false}],
  "normalizer": {"type": "Lowercase"},
  "pre_tokenizer": {"type": "WhitespaceSplit"},
  "post_processor": {"type": "TemplateProcessing",
    "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
               {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
    "pair": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
             {"SpecialToken": {"id": "[SEP]", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}},
             {"SpecialToken": {"id": "[SEP]", "type_id": 1}}],
    "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [1], "tokens": ["[CLS]"]},
                       "[SEP]": {"id": "[SEP]", "ids": [2], "tokens": ["[SEP]"]}}},
  "decoder": null,
  "model": {"type": "WordLevel", "unk_token": "[UNK]",
    "vocab": {"[PAD]": 0, "[CLS]": 1, "[SEP]": 2, "[UNK]": 3, "über": 4, "den": 5, "wolken": 6, "a\u0000b": 7}}
})";

Tokenizer words() {
    Result<Tokenizer> tokenizer = Tokenizer::fromJson(kWords);
    if (!tokenizer)
        qFatal("%s", tokenizer.error().text().c_str());
    return std::move(tokenizer).value();
}

json readJson(std::string_view sharedFile) {
    const Result<std::string> text = readFile(test::sharedFile(sharedFile));
    return text ? json::parse(*text) : json();
}

} // namespace

class TestTokenizer : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void agreesWithTheGoldenModel();
    void storedTruncationAndPaddingAreCleared();
    void offsetsCountBytesOfTheInput();
    void pairsTellTheirParts();
    void batchEqualsOneByOne();
    void emptyTextHasNoTokens();
    void textMayHoldNul();
    void brokenUtf8IsRefused();
    void tokensAndIdsNameEachOther();
    void decodingSkipsSpecialTokensOnlyWhenAsked();
    void negativeIdsAreRefused();
    void brokenJsonIsRefused_data();
    void brokenJsonIsRefused();
    void threadsMayEncodeAtOnce();
};

void TestTokenizer::agreesWithTheGoldenModel() {
    LATHE_NEED_SHARED("models/stories260K/golden.json");
    const json golden = readJson("models/stories260K/golden.json");
    const Result<Tokenizer> tokenizer = Tokenizer::load(test::sharedFile("models/stories260K"));
    QVERIFY(tokenizer);
    QCOMPARE(tokenizer->bosId(), std::optional(1));
    QCOMPARE(tokenizer->eosId(), std::optional(2));
    for (const char* part : {"cases", "encode_only"}) {
        QVERIFY(!golden[part].empty());
        for (const json& expected : golden[part]) {
            const Result<Encoding> encoding = tokenizer->encode(expected["text"].get<std::string>(), true);
            QVERIFY(encoding);
            QCOMPARE(encoding->ids, expected["ids"].get<Ids>());
        }
    }
    for (const json& expected : golden["cases"]) {
        Ids ids = expected["ids"].get<Ids>();
        const Ids more = expected["greedy_ids_40"].get<Ids>();
        ids.insert(ids.end(), more.begin(), more.end());
        const Result<std::string> text = tokenizer->decode(ids, true);
        QVERIFY(text);
        QCOMPARE(*text, expected["greedy_text"].get<std::string>());
    }
}

void TestTokenizer::storedTruncationAndPaddingAreCleared() {
    const Tokenizer tokenizer = words();
    QCOMPARE(tokenizer.encode("den den den den den", true)->ids, (Ids{1, 5, 5, 5, 5, 5, 2}));
    QCOMPARE(tokenizer.encode("den", false)->ids, Ids{5});
}

void TestTokenizer::offsetsCountBytesOfTheInput() {
    const Encoding encoding = words().encode(" Über  😀 den", true).value();
    QCOMPARE(encoding.ids, (Ids{1, 4, 3, 5, 2}));
    QCOMPARE(encoding.offsets, (std::vector<Range>{{0, 0}, {1, 6}, {8, 12}, {13, 16}, {0, 0}}));
    QCOMPARE(encoding.specialMask, (std::vector<std::uint8_t>{1, 0, 0, 0, 1}));
    QCOMPARE(encoding.typeIds, std::vector<std::uint8_t>(5, 0));
}

void TestTokenizer::pairsTellTheirParts() {
    const Encoding encoding = words().encodePair("über den", "Wolken", true).value();
    QCOMPARE(encoding.ids, (Ids{1, 4, 5, 2, 6, 2}));
    QCOMPARE(encoding.typeIds, (std::vector<std::uint8_t>{0, 0, 0, 0, 1, 1}));
    QCOMPARE(encoding.specialMask, (std::vector<std::uint8_t>{1, 0, 0, 1, 0, 1}));
    QCOMPARE(encoding.offsets[4], (Range{0, 6}));
}

void TestTokenizer::batchEqualsOneByOne() {
    const Tokenizer tokenizer = words();
    const std::vector<std::string> texts{"über den wolken", "", "den", "was ist <extra>"};
    const std::vector<Encoding> batch = tokenizer.encodeBatch(texts, true).value();
    QCOMPARE(batch.size(), texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const Encoding single = tokenizer.encode(texts[i], true).value();
        QCOMPARE(batch[i].ids, single.ids);
        QCOMPARE(batch[i].offsets, single.offsets);
        QCOMPARE(batch[i].specialMask, single.specialMask);
        QCOMPARE(batch[i].typeIds, single.typeIds);
    }
    QVERIFY(tokenizer.encodeBatch({}, true)->empty());
}

void TestTokenizer::emptyTextHasNoTokens() {
    const Tokenizer tokenizer = words();
    QVERIFY(tokenizer.encode("", false)->ids.empty());
    QVERIFY(tokenizer.encode({}, false)->ids.empty());
    QCOMPARE(tokenizer.encode("", true)->ids, (Ids{1, 2}));
    QCOMPARE(tokenizer.decode({}, false).value(), std::string());
}

void TestTokenizer::textMayHoldNul() {
    using namespace std::string_literals;
    const Tokenizer tokenizer = words();
    const Encoding encoding = tokenizer.encode("den a\0b"s, false).value();
    QCOMPARE(encoding.ids, (Ids{5, 7}));
    QCOMPARE(encoding.offsets[1], (Range{4, 7}));
    QCOMPARE(tokenizer.decode(encoding.ids, false).value(), "den a\0b"s);
}

void TestTokenizer::brokenUtf8IsRefused() {
    const Result<Encoding> encoding = words().encode("den \xC3(", false);
    QVERIFY(!encoding);
    QVERIFY(encoding.error().kind == Error::Kind::Input);
    QCOMPARE(encoding.error().message, std::string("the text is not valid UTF-8: byte 0xC3 at position 4"));
}

void TestTokenizer::tokensAndIdsNameEachOther() {
    const Tokenizer tokenizer = words();
    QCOMPARE(tokenizer.vocabularySize(), std::size_t{9});
    QCOMPARE(tokenizer.idOf("wolken"), std::optional(6));
    QCOMPARE(tokenizer.tokenOf(6), std::optional<std::string>("wolken"));
    QCOMPARE(tokenizer.tokenOf(tokenizer.idOf("<extra>").value()), std::optional<std::string>("<extra>"));
    QVERIFY(!tokenizer.idOf("himmel"));
    QVERIFY(!tokenizer.idOf(""));
    QVERIFY(!tokenizer.tokenOf(1000));
    QVERIFY(!tokenizer.tokenOf(-1));
}

void TestTokenizer::decodingSkipsSpecialTokensOnlyWhenAsked() {
    const Tokenizer tokenizer = words();
    const Ids ids = tokenizer.encode("über <extra> wolken", true)->ids;
    QCOMPARE(tokenizer.decode(ids, false).value(), std::string("[CLS] über <extra> wolken [SEP]"));
    QCOMPARE(tokenizer.decode(ids, true).value(), std::string("über <extra> wolken"));
    QCOMPARE(tokenizer.decode(Ids{4, 1000, 6}, true).value(), std::string("über wolken"));
}

void TestTokenizer::negativeIdsAreRefused() {
    const Result<std::string> text = words().decode(Ids{4, -100}, true);
    QVERIFY(!text);
    QCOMPARE(text.error().message, std::string("token id -100 is negative, so it names no token"));
}

void TestTokenizer::brokenJsonIsRefused_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("cut off") << QByteArray(kWords).left(700);
    QTest::newRow("other JSON") << QByteArray(R"({"hidden_size": 64})");
    QTest::newRow("unknown model") << QByteArray(R"({"version":"1.0","model":{"type":"Oracle","vocab":{}}})");
    QTest::newRow("merge of an unknown token")
        << QByteArray(R"({"version":"1.0","model":{"type":"BPE","vocab":{"a":0},"merges":["a b"]}})");
    QTest::newRow("not UTF-8") << QByteArray("{\"version\":\"\xFF\"}");
}

void TestTokenizer::brokenJsonIsRefused() {
    QFETCH(QByteArray, text);
    const Result<Tokenizer> tokenizer = Tokenizer::fromJson({text.constData(), std::size_t(text.size())});
    QVERIFY(!tokenizer);
    QVERIFY(tokenizer.error().kind == Error::Kind::Input);
    QVERIFY(tokenizer.error().message.starts_with("is not a tokenizer this version can read ("));
}

void TestTokenizer::threadsMayEncodeAtOnce() {
    const Tokenizer tokenizer = words();
    const Ids expected = tokenizer.encode("über den wolken", true)->ids;
    std::array<int, 4> wrong{};
    {
        std::vector<std::jthread> threads;
        for (int& mine : wrong)
            threads.emplace_back([&] {
                for (int round = 0; round < 500; ++round) {
                    const Result<Encoding> encoding = tokenizer.encode("über den wolken", true);
                    const bool same = encoding && encoding->ids == expected &&
                                      tokenizer.decode(expected, true).value_or("") == "über den wolken";
                    mine += same ? 0 : 1;
                }
            });
    }
    QCOMPARE(wrong, (std::array<int, 4>{}));
}

QTEST_GUILESS_MAIN(TestTokenizer)
#include "tst_tokenizer.moc"
