#include "core/base/files.h"
#include "core/data/preview.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <nlohmann/json.hpp>

#include <QtTest>

#include <algorithm>
#include <map>

using namespace lathe;
using Json = nlohmann::ordered_json;

namespace {

const Json& golden() {
    static const Json all =
        Json::parse(readFile(test::sourceFile("tests/data/golden/templates/golden.json")).value());
    return all;
}

/// The vocabulary as make_golden.py builds it: the shared one, with two special tokens more.
const std::string& vocabularyOf(const std::string& name) {
    static std::map<std::string, std::string> made;
    if (made.contains(name))
        return made[name];
    const Json& spec = golden()["tokenizers"][name];
    Json json = Json::parse(readFile(test::sharedFile(spec["file"].get<std::string>())).value());
    int next = 0;
    for (const auto& [token, id] : json["model"]["vocab"].items())
        next = std::max(next, id.get<int>() + 1);
    for (const Json& token : json["added_tokens"])
        next = std::max(next, token["id"].get<int>() + 1);
    for (const Json& token : golden()["added"])
        json["added_tokens"].push_back({{"id", next++},
                                        {"content", token},
                                        {"single_word", false},
                                        {"lstrip", false},
                                        {"rstrip", false},
                                        {"normalized", false},
                                        {"special", true}});
    return made[name] = json.dump();
}

Tokenizer tokenizerOf(const test::TempFolder& folder, const std::string& name, const std::string& chat) {
    const Json& spec = golden()["tokenizers"][name];
    folder.write("tokenizer.json", vocabularyOf(name));
    Json config{{"bos_token", spec["bos"]}, {"eos_token", spec["eos"]}};
    if (!chat.empty())
        config["chat_template"] = chat;
    folder.write("tokenizer_config.json", config.dump());
    return Tokenizer::load(folder.path()).value();
}

std::vector<Row> sharedRows() {
    std::vector<Row> rows;
    const auto add = [&rows](const Json& from) {
        Row row;
        for (const char* key : {"instruction", "input", "output"})
            row[key] = from.contains(key) && from[key].is_string() ? from[key].get<std::string>() : "";
        rows.push_back(std::move(row));
    };
    add(golden()["first"]);
    for (const Json& entry : golden()["files"]) {
        const Table table = readTable(test::sharedFile(entry[0].get<std::string>())).value();
        for (std::size_t i = 0; i < entry[1].get<std::size_t>(); ++i) {
            Json row;
            for (const auto& [key, value] : table.row(i))
                row[key] = value;
            add(row);
        }
    }
    return rows;
}

/// Every fifth row is a conversation of up to three exchanges; every seventh has a system message.
Row chatRow(const std::vector<Row>& rows, std::size_t k) {
    Row row = rows[k];
    row["system"] = k % 7 == 0 ? "Answer row " + std::to_string(k) + "." : "";
    Json messages = Json::array();
    for (std::size_t i = k; k % 5 == 0 && i < std::min(k + 1 + k % 3, rows.size()); ++i) {
        const Row& each = rows[i];
        const std::string& input = each.at("input");
        messages.push_back(
            {{"from", "human"}, {"value", each.at("instruction") + (input.empty() ? "" : "\n\n" + input)}});
        messages.push_back({{"from", "gpt"}, {"value", each.at("output")}});
    }
    row["conversations"] = messages.empty() ? "" : messages.dump();
    return row;
}

Table tableFor(const std::vector<Row>& rows, bool isChat) {
    Table table;
    table.source = "rows";
    table.columns = {"instruction", "input", "output"};
    if (isChat)
        table.columns.insert(table.columns.end(), {"system", "conversations"});
    for (std::size_t k = 0; k < rows.size(); ++k)
        table.add(isChat ? chatRow(rows, k) : rows[k], k + 1);
    return table;
}

std::string packed(const Example& example) {
    std::string bytes;
    for (const auto* numbers : {&example.ids, &example.labels})
        bytes.append(reinterpret_cast<const char*>(numbers->data()), numbers->size() * sizeof(std::int32_t));
    return bytes;
}

} // namespace

class TestTemplateOracle : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tokensAndLabelsAreThoseOfTransformers_data();
    void tokensAndLabelsAreThoseOfTransformers();
    void previewsAreWhatTheModelGets_data() { tokensAndLabelsAreThoseOfTransformers_data(); }
    void previewsAreWhatTheModelGets();
};

void TestTemplateOracle::tokensAndLabelsAreThoseOfTransformers_data() {
    QTest::addColumn<std::size_t>("place");
    for (std::size_t i = 0; i < golden()["cases"].size(); ++i) {
        const Json& entry = golden()["cases"][i];
        QTest::newRow(
            (entry["tokenizer"].get<std::string>() + " " + entry["template"].get<std::string>()).c_str())
            << i;
    }
}

void TestTemplateOracle::tokensAndLabelsAreThoseOfTransformers() {
    QFETCH(std::size_t, place);
    LATHE_NEED_SHARED("data/math/ft-training_set/math_data.json");
    LATHE_NEED_SHARED("models/tokenizers/gpt2/tokenizer.json");
    const Json& entry = golden()["cases"][place];
    const auto name = entry["template"].get<std::string>();
    const bool isChat = golden()["chats"].contains(name);
    const test::TempFolder folder;
    const Tokenizer tokenizer = tokenizerOf(folder, entry["tokenizer"].get<std::string>(),
                                            isChat ? golden()["chats"][name].get<std::string>() : "");
    const PromptTemplate prompt = name == "custom"
                                      ? customTemplate(golden()["custom"].get<std::string>(), "")
                                      : findPromptTemplate(isChat ? kChatTemplate : name).value();
    ExampleOptions options;
    options.maxLength = 100'000;
    const auto set = makeInstructionExamples(tableFor(sharedRows(), isChat), prompt, tokenizer, options);
    QVERIFY2(set.has_value(), set ? "" : set.error().text().c_str());
    QCOMPARE(set->examples.size() * 8, entry["rows"].get<std::string>().size());
    QVERIFY(set->examples.size() > 490); // a short answer can be one token with the spaces before it
    QCOMPARE(set->examples.size() + set->dropped.size(), 500U);
    QCOMPARE(set->examples[0].ids, entry["first"]["ids"].get<std::vector<std::int32_t>>());
    QCOMPARE(set->examples[0].labels, entry["first"]["labels"].get<std::vector<std::int32_t>>());
    std::string all;
    const auto digests = entry["rows"].get<std::string>();
    for (std::size_t k = 0; k < set->examples.size(); ++k) {
        const std::string bytes = packed(set->examples[k]);
        QVERIFY2(sha256(bytes).substr(0, 8) == digests.substr(8 * k, 8),
                 ("row " + std::to_string(k)).c_str());
        all += bytes;
    }
    QCOMPARE(sha256(all), entry["sha256"].get<std::string>());
}

/// Token for token and mask for mask, cut or whole, and every byte of the text is shown once.
void TestTemplateOracle::previewsAreWhatTheModelGets() {
    QFETCH(std::size_t, place);
    LATHE_NEED_SHARED("data/math/ft-training_set/math_data.json");
    LATHE_NEED_SHARED("models/tokenizers/gpt2/tokenizer.json");
    const Json& entry = golden()["cases"][place];
    const auto name = entry["template"].get<std::string>();
    const bool isChat = golden()["chats"].contains(name);
    const test::TempFolder folder;
    const Tokenizer tokenizer = tokenizerOf(folder, entry["tokenizer"].get<std::string>(),
                                            isChat ? golden()["chats"][name].get<std::string>() : "");
    const PromptTemplate prompt = name == "custom"
                                      ? customTemplate(golden()["custom"].get<std::string>(), "")
                                      : findPromptTemplate(isChat ? kChatTemplate : name).value();
    std::vector<Row> rows = sharedRows();
    rows.resize(24);
    const Table table = tableFor(rows, isChat);
    ExampleOptions whole;
    whole.maxLength = 100'000;
    std::vector<std::size_t> lengths;
    const auto all = makeInstructionExamples(table, prompt, tokenizer, whole);
    for (const Example& example : all->examples)
        lengths.push_back(example.ids.size());
    std::ranges::sort(lengths);
    for (const LengthPolicy policy : {LengthPolicy::CutAnswer, LengthPolicy::CutPrompt, LengthPolicy::Drop}) {
        ExampleOptions options;
        options.maxLength = lengths[lengths.size() / 2];
        options.lengthPolicy = policy;
        const auto set = makeInstructionExamples(table, prompt, tokenizer, options);
        QVERIFY2(set.has_value(), set ? "" : set.error().text().c_str());
        std::size_t used = 0;
        std::size_t cut = 0;
        for (std::size_t k = 0; k < table.size(); ++k) {
            const auto preview = previewInstruction(table, k, prompt, tokenizer, options);
            QVERIFY(preview.has_value());
            QCOMPARE(preview->tokens.empty(), !preview->dropReason.empty());
            if (preview->tokens.empty())
                continue;
            const Example& example = set->examples.at(used++);
            QCOMPARE(example.row, k);
            QCOMPARE(preview->tokens.size(), example.ids.size());
            for (std::size_t i = 0; i < example.ids.size(); ++i) {
                QCOMPARE(preview->tokens[i].id, example.ids[i]);
                QCOMPARE(preview->tokens[i].isMasked, example.labels[i] == kIgnoreLabel);
            }
            cut += preview->cutTokens > 0 ? 1 : 0;
        }
        QCOMPARE(used, set->examples.size());
        QCOMPARE(cut, set->truncatedCount);
        QCOMPARE(set->examples.size() + set->dropped.size(), table.size());
        // Where the part that stays whole is too long by itself, nothing is left to cut.
        QVERIFY(policy == LengthPolicy::Drop ? cut == 0 : cut + set->dropped.size() > 0);
    }
}

QTEST_GUILESS_MAIN(TestTemplateOracle)
#include "tst_template_oracle.moc"
