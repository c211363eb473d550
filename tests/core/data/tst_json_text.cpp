#include "core/base/random.h"
#include "core/data/json_text.h"
#include "core/data/utf8.h"

#include <QtTest>

#include <nlohmann/json.hpp>

using namespace lathe;
using nlohmann::json;

namespace {

std::size_t below(Rng& random, std::size_t limit) {
    return static_cast<std::size_t>(random.integer(0, static_cast<std::int64_t>(limit) - 1));
}

/// A value out of what JSON has: escapes, numbers of all kinds, nesting, white space.
std::string randomValue(Rng& random, int depth) {
    static const std::vector<std::string> kScalars{"null",
                                                   "true",
                                                   "false",
                                                   "0",
                                                   "-0",
                                                   "12.50",
                                                   "1e5",
                                                   "-3E-07",
                                                   "1E+99",
                                                   "123456789012345678901234567890",
                                                   R"("")",
                                                   R"("plain text that is longer than sixteen signs")",
                                                   R"("a\"b\\c\/\b\f\n\r\t")",
                                                   R"("\u00e9\ud83d\ude00")",
                                                   "\"h\xC3\xA9 \xF0\x9F\x98\x80\"",
                                                   R"("]},{[")",
                                                   "[]",
                                                   "{}",
                                                   "[ ]",
                                                   "{ }"};
    const std::size_t kind = depth > 4 ? 0 : below(random, 4);
    if (kind < 2)
        return kScalars[below(random, kScalars.size())];
    std::string text = kind == 2 ? "[" : "{";
    const std::size_t count = 1 + below(random, 3);
    for (std::size_t i = 0; i < count; ++i) {
        text += i == 0 ? " " : " ,\t";
        if (kind == 3)
            text += "\"k\\n" + std::to_string(below(random, 3)) + "\" : ";
        text += randomValue(random, depth + 1);
    }
    return text + (kind == 2 ? "\r\n]" : "}");
}

std::string randomObject(Rng& random) {
    std::string text = " {";
    const std::size_t count = below(random, 4);
    for (std::size_t i = 0; i < count; ++i)
        text +=
            (i == 0 ? "" : ",") + std::string("\"key") + std::to_string(i) + "\":" + randomValue(random, 0);
    return text + "} ";
}

std::string broken(std::string text, Rng& random) {
    static constexpr std::string_view kSigns = "\"\\{}[],:0e.-+ \n\x01\x80\xC3u9tn";
    const std::size_t times = 1 + below(random, 2);
    for (std::size_t i = 0; i < times && !text.empty(); ++i) {
        const std::size_t at = below(random, text.size());
        const char sign = kSigns[below(random, kSigns.size())];
        switch (below(random, 3)) {
        case 0:
            text[at] = sign;
            break;
        case 1:
            text.insert(at, 1, sign);
            break;
        default:
            text.erase(at, 1 + below(random, 3));
        }
    }
    return text;
}

} // namespace

class TestJsonText : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theScannerTakesAllSoundObjects();
    void theScannerTakesNothingThatTheJudgeRefuses();
    void membersAreAsTheyAreWritten();
    void textsAreDecodedLikeTheLibraryDoes();
    void aValueEndsWhereverThePiecesAreCut();
};

void TestJsonText::theScannerTakesAllSoundObjects() {
    Rng random(7);
    std::vector<JsonMember> members;
    for (int i = 0; i < 5000; ++i) {
        const std::string text = randomObject(random);
        QVERIFY2(scanJsonObject(text, members), text.c_str());
        QVERIFY2(readJsonObject(text).has_value(), text.c_str());
    }
}

void TestJsonText::theScannerTakesNothingThatTheJudgeRefuses() {
    Rng random(11);
    std::vector<JsonMember> members;
    int refused = 0;
    for (int i = 0; i < 20'000; ++i) {
        const std::string text = broken(randomObject(random), random);
        const bool isTaken = scanJsonObject(text, members);
        const auto judged = readJsonObject(text);
        refused += judged ? 0 : 1;
        QVERIFY2(judged || !firstInvalidUtf8(judged.error().message), text.c_str()); // reasons go into JSON
        QVERIFY2(!isTaken || judged, text.c_str());
        if (!isTaken)
            continue;
        JsonTexts texts; // the same members, the last of twins
        for (const JsonMember& member : members) {
            const std::string key = unescapedJson(member.key);
            std::erase_if(texts, [&key](const auto& known) { return known.first == key; });
            texts.emplace_back(key, jsonValueText(member.value));
        }
        for (const auto& known : *judged)
            QVERIFY2(std::find(texts.begin(), texts.end(), known) != texts.end(), text.c_str());
        QCOMPARE(texts.size(), judged->size());
    }
    QVERIFY(refused > 5000);
}

void TestJsonText::membersAreAsTheyAreWritten() {
    std::vector<JsonMember> members;
    QVERIFY(scanJsonObject(R"({"a":1.50,"b\n": [1, "x]"] ,"a":null})", members));
    const std::vector<JsonMember> wanted{{"a", "1.50"}, {"b\\n", "[1, \"x]\"]"}, {"a", "null"}};
    QCOMPARE(members.size(), wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i)
        QVERIFY(members[i] == wanted[i]);
}

void TestJsonText::textsAreDecodedLikeTheLibraryDoes() {
    for (const char* written : {R"("a\"b\\c\/\b\f\n\r\t")", R"("\u0041\u00E9\u20ac\ud83d\uDE00!")", R"("")",
                                R"("\u0000x")", "\"\xE2\x82\xAC\""})
        QCOMPARE(jsonValueText(written), json::parse(written).get<std::string>());
    for (const char* broken :
         {"\\ud800", "\\ud800\\u", "\\ud800\\u0041", "\\udc00", "\\u12", "\\u", "\\uXYZW", "\\"})
        QVERIFY(!unescapedJson(broken).starts_with("\\")); // not checked, yet no harm
    for (const std::string& text : {std::string("a\"\\\n\x01"), std::string("é😀"), std::string("\0b", 2)})
        QCOMPARE(jsonValueText(quotedJson(text)), text);
}

void TestJsonText::aValueEndsWhereverThePiecesAreCut() {
    const std::string text = R"({"a\\\"]":[1,{"b":"},"}],"c":"x"},next)";
    const std::size_t end = text.size() - 5;
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        JsonValueEnd value;
        auto found = value.find(std::string_view(text).substr(0, cut));
        if (!found) {
            found = value.find(std::string_view(text).substr(cut));
            QVERIFY(found.has_value());
            *found += cut;
        }
        QCOMPARE(*found, end);
    }
}

QTEST_GUILESS_MAIN(TestJsonText)
#include "tst_json_text.moc"
