#include "core/text/tokenizer.h"

#include "core/base/files.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <nlohmann/json.hpp>

#include <QtTest>

#include <algorithm>
#include <random>
#include <thread>

using namespace lathe;
using nlohmann::json;

namespace {

using Range = std::pair<std::size_t, std::size_t>;

/// Byte offsets as the code points they are in `text`; the oracles count those.
std::vector<Range> inCodePoints(const std::string& text, const std::vector<Range>& bytes) {
    std::vector<std::size_t> before(text.size() + 1, 0);
    for (std::size_t i = 0; i < text.size(); ++i)
        before[i + 1] = before[i] + ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80 ? 1 : 0);
    std::vector<Range> points;
    points.reserve(bytes.size());
    for (const auto& [from, to] : bytes)
        points.emplace_back(before[from], before[to]);
    return points;
}

json readJson(const std::filesystem::path& file) {
    const Result<std::string> text = readFile(file);
    return text ? json::parse(*text) : json();
}

/// Says which texts differ, at most a few of them.
void compareCase(const Tokenizer& tokenizer, const json& expected) {
    const auto text = expected["text"].get<std::string>();
    const Result<Encoding> plain = tokenizer.encode(text, false);
    const Result<Encoding> special = tokenizer.encode(text, true);
    QVERIFY2(plain && special, text.c_str());
    QVERIFY2(plain->ids == expected["ids"].get<std::vector<std::int32_t>>(), text.c_str());
    QVERIFY2(special->ids == expected["ids_special"].get<std::vector<std::int32_t>>(), text.c_str());
    QVERIFY2(inCodePoints(text, plain->offsets) == expected["offsets"].get<std::vector<Range>>(),
             text.c_str());
    QVERIFY2(std::all_of(plain->specialMask.begin(), plain->specialMask.end(), [](auto m) { return m == 0; }),
             text.c_str());
    const auto added = std::count(special->specialMask.begin(), special->specialMask.end(), 1);
    QCOMPARE(static_cast<std::size_t>(added), special->ids.size() - plain->ids.size());
    const Result<std::string> decoded = tokenizer.decode(special->ids, false);
    QVERIFY2(decoded && *decoded == expected["decoded"].get<std::string>(), text.c_str());
    const Result<std::string> skipped = tokenizer.decode(special->ids, true);
    QVERIFY2(skipped && *skipped == expected["decoded_skip_special"].get<std::string>(), text.c_str());
}

} // namespace

class TestTokenizer : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void agreesWithTheReference_data();
    void agreesWithTheReference();
};

void TestTokenizer::agreesWithTheReference_data() {
    QTest::addColumn<QString>("name");
    for (const char* name :
         {"gpt2", "bert-base-uncased", "llama2-phi3", "stories260K", "tiny-bpe", "ignore-merges"})
        QTest::newRow(name) << QString(name);
}

void TestTokenizer::agreesWithTheReference() {
    QFETCH(QString, name);
    const std::string oracle = "oracles/tokenizers/" + name.toStdString() + ".cases.json";
    LATHE_NEED_SHARED(oracle);
    const json all = readJson(test::sharedFile(oracle));
    const std::string file = "models/" + all["tokenizer"].get<std::string>();
    LATHE_NEED_SHARED(file);
    const Result<Tokenizer> tokenizer = Tokenizer::load(test::sharedFile(file));
    QVERIFY2(tokenizer, tokenizer ? "" : tokenizer.error().text().c_str());
    QVERIFY(all["cases"].size() >= 60);
    for (const json& expected : all["cases"])
        compareCase(*tokenizer, expected);
}

QTEST_GUILESS_MAIN(TestTokenizer)
#include "tst_tokenizer.moc"
