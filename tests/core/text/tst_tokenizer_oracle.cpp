#include "core/base/files.h"
#include "core/text/sentencepiece_file.h"
#include "core/text/tokenizer.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <nlohmann/json.hpp>

#include <QtTest>

#include <algorithm>
#include <memory>
#include <sstream>

using namespace lathe;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

using Ids = std::vector<std::int32_t>;
using Range = std::pair<std::size_t, std::size_t>;

const std::string kTokenizers = "models/tokenizers/";

/// A model folder with some of the shared files, under the names that published folders use.
std::unique_ptr<test::TempFolder> folderWith(const std::vector<std::pair<std::string, std::string>>& files,
                                             const std::string& config) {
    auto folder = std::make_unique<test::TempFolder>();
    for (const auto& [shared, name] : files)
        fs::create_symlink(fs::absolute(test::sharedFile(shared)), *folder / name);
    if (!config.empty())
        folder->write("config.json", config);
    return folder;
}

/// Byte offsets as the code points they are in `text`: the oracles count those.
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

/// What differs from the reference; empty where nothing does.
std::string differenceInCase(const Tokenizer& tokenizer, const json& expected) {
    const auto text = expected["text"].get<std::string>();
    const Result<Encoding> plain = tokenizer.encode(text, false);
    const Result<Encoding> special = tokenizer.encode(text, true);
    if (!plain || !special)
        return "does not encode";
    if (plain->ids != expected["ids"].get<Ids>())
        return "ids";
    if (special->ids != expected["ids_special"].get<Ids>())
        return "ids with special tokens";
    if (inCodePoints(text, plain->offsets) != expected["offsets"].get<std::vector<Range>>())
        return "offsets";
    if (tokenizer.decode(special->ids, false).value_or("?") != expected["decoded"].get<std::string>())
        return "decoded text";
    if (tokenizer.decode(special->ids, true).value_or("?") !=
        expected["decoded_skip_special"].get<std::string>())
        return "decoded text without special tokens";
    return {};
}

std::string differenceInPair(const Tokenizer& tokenizer, const json& expected) {
    const Result<Encoding> pair =
        tokenizer.encodePair(expected["text"].get<std::string>(), expected["pair"].get<std::string>(), true);
    if (!pair)
        return "pair does not encode";
    if (pair->ids != expected["ids"].get<Ids>())
        return "ids of a pair";
    if (pair->typeIds != expected["type_ids"].get<std::vector<std::uint8_t>>())
        return "type ids of a pair";
    if (pair->specialMask != expected["special_tokens_mask"].get<std::vector<std::uint8_t>>())
        return "special tokens of a pair";
    return {};
}

void compareCases(const Tokenizer& tokenizer, const std::string& name, const std::string& source) {
    const std::string file = "oracles/tokenizers/" + name + ".cases.json";
    const Result<std::string> text = readFile(test::sharedFile(file));
    QVERIFY(text);
    const json all = json::parse(*text);
    std::size_t same = 0;
    std::string first;
    const auto count = [&](const std::string& difference, const json& expected) {
        same += difference.empty() ? 1 : 0;
        if (!difference.empty() && first.empty())
            first = difference + " of " + expected["text"].dump();
    };
    for (const json& expected : all["cases"])
        count(differenceInCase(tokenizer, expected), expected);
    for (const json& expected : all["pairs"])
        count(differenceInPair(tokenizer, expected), expected);
    const std::size_t total = all["cases"].size() + all["pairs"].size();
    QVERIFY(total >= 64);
    qInfo("%s from %s: %zu of %zu identical", name.c_str(), source.c_str(), same, total);
    QVERIFY2(same == total, first.c_str());
}

void compareVectors(const Tokenizer& tokenizer, const std::string& inputFile, const std::string& idsFile) {
    const std::string input = readFile(test::sharedFile(inputFile)).value_or("");
    std::istringstream lines(readFile(test::sharedFile(idsFile)).value_or(""));
    const std::string separator = "\n__ggml_vocab_test__\n";
    int same = 0, total = 0;
    std::string first;
    std::size_t from = 0;
    for (std::size_t to = input.find(separator); to != std::string::npos; to = input.find(separator, from)) {
        std::string line;
        QVERIFY(std::getline(lines, line));
        std::istringstream numbers(line);
        Ids expected;
        for (std::int32_t id = 0; numbers >> id;)
            expected.push_back(id);
        const std::string text = input.substr(from, to - from);
        const Result<Encoding> encoding = tokenizer.encode(text, false);
        const bool isSame = encoding && encoding->ids == expected;
        same += isSame ? 1 : 0;
        if (!isSame && first.empty())
            first = json(text).dump();
        ++total;
        from = to + separator.size();
    }
    qInfo("%d of %d vectors identical", same, total);
    QCOMPARE(total, 46);
    QVERIFY2(same == total, first.c_str());
}

struct Vocabulary {
    std::vector<std::pair<std::string, std::string>> files;
    std::string config;
};

/// The same vocabulary in its older files.
Vocabulary olderFiles(const std::string& name) {
    const auto pair = [](const std::string& folder) {
        return std::vector<std::pair<std::string, std::string>>{
            {kTokenizers + folder + "/vocab.json", "vocab.json"},
            {kTokenizers + folder + "/merges.txt", "merges.txt"}};
    };
    if (name == "roberta" || name == "opt")
        return {pair("opt-roberta"), R"({"model_type":")" + name + "\"}"};
    if (name == "qwen2")
        return {pair("qwen"), R"({"model_type":"qwen2"})"};
    if (name == "qwen2 by its size")
        return {pair("qwen"), {}};
    if (name == "gpt2")
        return {pair("gpt2"), {}};
    if (name == "qwen.tiktoken")
        return {{{kTokenizers + "qwen/qwen.tiktoken", "qwen.tiktoken"}}, {}};
    if (name == "bert-base-uncased")
        return {{{kTokenizers + "bert-base-uncased/vocab.txt", "vocab.txt"}}, {}};
    if (name == "llama2 model")
        return {{{kTokenizers + "llama2/tokenizer.model", "tokenizer.model"}}, {}};
    if (name == "llama2 bin")
        return {{{kTokenizers + "llama2/tokenizer.bin", "tokenizer.bin"}}, {}};
    return {{{"models/stories260K/tok512.bin", "tokenizer.bin"}}, {}};
}

} // namespace

/// Every file under oracles/tokenizers and every vector under models/tokenizers of the shared folder.
class TestTokenizerOracle : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tokenizerJsonGivesTheReference_data();
    void tokenizerJsonGivesTheReference();
    void olderFilesGiveTheReference_data();
    void olderFilesGiveTheReference();
    void tokenizerJsonGivesTheVectors_data();
    void tokenizerJsonGivesTheVectors();
    void olderFilesGiveTheVectors_data();
    void olderFilesGiveTheVectors();
    void sentencePieceGivesAsManyMergesAsThePublishedFile();
};

void TestTokenizerOracle::tokenizerJsonGivesTheReference_data() {
    QTest::addColumn<QString>("name");
    for (const char* name :
         {"gpt2", "bert-base-uncased", "llama2-phi3", "stories260K", "tiny-bpe", "ignore-merges"})
        QTest::newRow(name) << QString(name);
}

void TestTokenizerOracle::tokenizerJsonGivesTheReference() {
    QFETCH(QString, name);
    const std::string oracle = "oracles/tokenizers/" + name.toStdString() + ".cases.json";
    LATHE_NEED_SHARED(oracle);
    const json all = json::parse(readFile(test::sharedFile(oracle)).value());
    const std::string file = "models/" + all["tokenizer"].get<std::string>();
    LATHE_NEED_SHARED(file);
    const Result<Tokenizer> tokenizer = Tokenizer::load(test::sharedFile(file));
    QVERIFY2(tokenizer, tokenizer ? "" : tokenizer.error().text().c_str());
    compareCases(*tokenizer, name.toStdString(), "tokenizer.json");
}

void TestTokenizerOracle::olderFilesGiveTheReference_data() {
    QTest::addColumn<QString>("vocabulary");
    QTest::addColumn<QString>("cases");
    QTest::newRow("roberta") << "roberta"
                             << "roberta";
    QTest::newRow("opt") << "opt"
                         << "opt";
    QTest::newRow("qwen2") << "qwen2"
                           << "qwen2";
    QTest::newRow("qwen2 by its size") << "qwen2 by its size"
                                       << "qwen2";
    QTest::newRow("qwen.tiktoken") << "qwen.tiktoken"
                                   << "qwen2";
    QTest::newRow("gpt2") << "gpt2"
                          << "gpt2";
    QTest::newRow("bert-base-uncased") << "bert-base-uncased"
                                       << "bert-base-uncased";
    QTest::newRow("tok512.bin") << "tok512.bin"
                                << "stories260K";
}

void TestTokenizerOracle::olderFilesGiveTheReference() {
    QFETCH(QString, vocabulary);
    QFETCH(QString, cases);
    const Vocabulary older = olderFiles(vocabulary.toStdString());
    LATHE_NEED_SHARED("oracles/tokenizers/" + cases.toStdString() + ".cases.json");
    LATHE_NEED_SHARED(older.files.front().first);
    const auto folder = folderWith(older.files, older.config);
    const Result<Tokenizer> tokenizer = Tokenizer::load(folder->path());
    QVERIFY2(tokenizer, tokenizer ? "" : tokenizer.error().text().c_str());
    compareCases(*tokenizer, cases.toStdString(), vocabulary.toStdString());
}

void TestTokenizerOracle::tokenizerJsonGivesTheVectors_data() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("ids");
    QTest::newRow("gpt2") << "gpt2"
                          << "tokenizer.json"
                          << "test.out";
    QTest::newRow("bert-base-uncased") << "bert-base-uncased"
                                       << "tokenizer.json"
                                       << "test.out";
    QTest::newRow("llama2 of Phi 3") << "llama2"
                                     << "tokenizer.phi3.json"
                                     << "test.phi3.out";
}

void TestTokenizerOracle::tokenizerJsonGivesTheVectors() {
    QFETCH(QString, folder);
    QFETCH(QString, file);
    QFETCH(QString, ids);
    const std::string place = kTokenizers + folder.toStdString() + '/';
    LATHE_NEED_SHARED(place + file.toStdString());
    const Result<Tokenizer> tokenizer = Tokenizer::load(test::sharedFile(place + file.toStdString()));
    QVERIFY2(tokenizer, tokenizer ? "" : tokenizer.error().text().c_str());
    compareVectors(*tokenizer, place + "test.inp", place + ids.toStdString());
}

void TestTokenizerOracle::olderFilesGiveTheVectors_data() {
    QTest::addColumn<QString>("vocabulary");
    QTest::addColumn<QString>("folder");
    QTest::newRow("gpt2") << "gpt2"
                          << "gpt2";
    QTest::newRow("roberta") << "roberta"
                             << "opt-roberta";
    QTest::newRow("opt") << "opt"
                         << "opt-roberta";
    QTest::newRow("bert-base-uncased") << "bert-base-uncased"
                                       << "bert-base-uncased";
    QTest::newRow("llama2 tokenizer.model") << "llama2 model"
                                            << "llama2";
    QTest::newRow("llama2 tokenizer.bin") << "llama2 bin"
                                          << "llama2";
    QTest::newRow("qwen2") << "qwen2"
                           << "qwen";
    QTest::newRow("qwen.tiktoken") << "qwen.tiktoken"
                                   << "qwen";
}

void TestTokenizerOracle::olderFilesGiveTheVectors() {
    QFETCH(QString, vocabulary);
    QFETCH(QString, folder);
    const std::string place = kTokenizers + folder.toStdString() + '/';
    LATHE_NEED_SHARED(place + "test.inp");
    const Vocabulary older = olderFiles(vocabulary.toStdString());
    const auto model = folderWith(older.files, older.config);
    const Result<Tokenizer> tokenizer = Tokenizer::load(model->path());
    QVERIFY2(tokenizer, tokenizer ? "" : tokenizer.error().text().c_str());
    compareVectors(*tokenizer, place + "test.inp", place + "test.out");
}

void TestTokenizerOracle::sentencePieceGivesAsManyMergesAsThePublishedFile() {
    LATHE_NEED_SHARED(kTokenizers + "llama2/tokenizer.model");
    const Result<std::string> model = readFile(test::sharedFile(kTokenizers + "llama2/tokenizer.model"));
    const Result<std::string> published =
        readFile(test::sharedFile(kTokenizers + "llama2/tokenizer.phi3.json"));
    QVERIFY(model && published);
    const Result<std::string> text = tokenizerOfSentencePiece(*model, {}, "tokenizer.model");
    QVERIFY2(text, text ? "" : text.error().text().c_str());
    const json ours = json::parse(*text)["model"];
    const json theirs = json::parse(*published)["model"];
    QCOMPARE(ours["merges"].size(), std::size_t{61249});
    QCOMPARE(ours["merges"].size(), theirs["merges"].size());
    QVERIFY(ours["vocab"] == theirs["vocab"]);
}

QTEST_GUILESS_MAIN(TestTokenizerOracle)
#include "tst_tokenizer_oracle.moc"
