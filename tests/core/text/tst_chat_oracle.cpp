#include "core/base/files.h"
#include "core/text/chat.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <nlohmann/json.hpp>

#include <QtTest>

using namespace lathe;
using Json = nlohmann::ordered_json;

namespace {

Result<Tokenizer> tokenizerWith(const test::TempFolder& folder, const Json& entry) {
    Json vocabulary{{"<u>", 0}, {"a", 1}};
    Json config = Json::object();
    for (const char* role : {"bos_token", "eos_token"}) {
        config[role] = entry[role];
        if (entry[role].is_string())
            vocabulary.emplace(entry[role].get<std::string>(), vocabulary.size());
    }
    config["chat_template"] = entry["template"];
    const Json tokenizer{{"version", "1.0"},
                         {"model", {{"type", "WordLevel"}, {"unk_token", "<u>"}, {"vocab", vocabulary}}}};
    folder.write("tokenizer.json", tokenizer.dump());
    folder.write("tokenizer_config.json", config.dump());
    return Tokenizer::load(folder.path());
}

} // namespace

class TestChatOracle : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyCaseIsIdentical();
};

void TestChatOracle::everyCaseIsIdentical() {
    LATHE_NEED_SHARED("oracles/chat_templates.json");
    const Json all = Json::parse(readFile(test::sharedFile("oracles/chat_templates.json")).value());
    int compared = 0;
    for (const Json& entry : all["templates"]) {
        const test::TempFolder folder;
        const Result<Tokenizer> tokenizer = tokenizerWith(folder, entry);
        QVERIFY2(tokenizer, tokenizer ? "" : tokenizer.error().text().c_str());
        for (const Json& expected : entry["cases"]) {
            ChatRendering options;
            options.addGenerationPrompt = expected["add_generation_prompt"].get<bool>();
            if (entry.contains("variables"))
                options.extraJson = entry["variables"].dump();
            const std::string messages =
                all["conversations"][expected["conversation"].get<std::size_t>()].dump();
            const Result<RenderedChat> chat = renderConversation(*tokenizer, messages, options);
            QVERIFY2(chat.has_value() == expected.contains("expected"),
                     chat ? chat->text.c_str() : chat.error().text().c_str());
            if (chat)
                QCOMPARE(chat->text, expected["expected"].get<std::string>());
            else
                QVERIFY2(chat.error().message.ends_with(expected["error"].get<std::string>()),
                         chat.error().message.c_str());
            ++compared;
        }
    }
    qInfo("chat templates: %d of %d identical", compared, compared);
    QVERIFY(compared >= 60);
}

QTEST_GUILESS_MAIN(TestChatOracle)
#include "tst_chat_oracle.moc"
