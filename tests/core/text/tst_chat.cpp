#include "core/text/chat.h"

#include "tests/support/temp_folder.h"

#include <nlohmann/json.hpp>

#include <QtTest>

using namespace lathe;
using nlohmann::json;

namespace {

constexpr const char* kTokenizer = R"({"version":"1.0","model":{"type":"WordLevel","unk_token":"<unk>",
    "vocab":{"<unk>":0,"<s>":1,"</s>":2,"[MASK]":3}}})";

constexpr const char* kTemplate =
    "{{ bos_token }}{% for m in messages %}<{{ m.role }}>{{ m.content }}"
    "{% if not loop.last or not add_generation_prompt %}{{ eos_token }}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}";

/// A tokenizer with the templates {name: template}.
Tokenizer tokenizerWith(const std::map<std::string, std::string>& templates, json config = json::object()) {
    const test::TempFolder folder;
    folder.write("tokenizer.json", kTokenizer);
    for (const auto& [name, text] : templates)
        config["chat_template"].push_back({{"name", name}, {"template", text}});
    folder.write("tokenizer_config.json", config.dump());
    Result<Tokenizer> tokenizer = Tokenizer::load(folder.path());
    if (!tokenizer)
        qFatal("%s", tokenizer.error().text().c_str());
    return std::move(tokenizer).value();
}

const std::vector<ChatTurn> kTurns{{"user", "hi"}, {"assistant", " well "}};

std::string rendered(const std::string& source, const ChatRendering& options) {
    const Result<RenderedChat> chat =
        renderConversation(tokenizerWith({{"default", source}}), kTurns, options);
    return chat ? chat->text : "error: " + chat.error().message;
}

} // namespace

class TestChat : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void templateSeesTheSpecialTokens();
    void configuredTokenIsGivenByItsName();
    void generationPromptIsAddedWhenAsked();
    void lastMessageIsContinued_data();
    void lastMessageIsContinued();
    void lastPartOfAMessageIsContinued();
    void continuedMessageThatTheTemplateDropsIsRefused();
    void toolsChooseTheirTemplate();
    void templateIsChosenByName();
    void extraVariablesAreSeen();
    void toolsKeepTheirKeysInOrder();
    void reasoningGoesByAllItsNames();
    void answersAreMarkedUpToTheCut();
    void modelWithoutATemplateIsRefused();
    void brokenJsonIsRefused_data();
    void brokenJsonIsRefused();
};

void TestChat::templateSeesTheSpecialTokens() {
    QCOMPARE(rendered(kTemplate, {}), std::string("<s><user>hi</s><assistant> well </s>"));
}

void TestChat::configuredTokenIsGivenByItsName() {
    const Tokenizer tokenizer =
        tokenizerWith({{"default", "{{ bos_token }}|{{ mask_token }}|{{ sep_token }}"}},
                      {{"bos_token", {{"content", "</s>"}}}, {"mask_token", "[MASK]"}});
    QCOMPARE(renderConversation(tokenizer, kTurns, {})->text, std::string("</s>|[MASK]|"));
}

void TestChat::generationPromptIsAddedWhenAsked() {
    QCOMPARE(rendered(kTemplate, {.addGenerationPrompt = true}),
             std::string("<s><user>hi</s><assistant> well <assistant>"));
    QVERIFY(rendered(kTemplate, {.addGenerationPrompt = true, .continueFinalMessage = true})
                .starts_with("error: a message cannot be both"));
}

void TestChat::lastMessageIsContinued_data() {
    QTest::addColumn<QString>("source");
    QTest::addColumn<QString>("expected");
    QTest::newRow("as it is") << kTemplate << "<s><user>hi</s><assistant> well ";
    QTest::newRow("trimmed") << "{% for m in messages %}<{{ m.content | trim }}>{% endfor %}"
                             << "<hi><well";
}

void TestChat::lastMessageIsContinued() {
    QFETCH(QString, source);
    QFETCH(QString, expected);
    QCOMPARE(rendered(source.toStdString(), {.continueFinalMessage = true}), expected.toStdString());
}

void TestChat::lastPartOfAMessageIsContinued() {
    const Tokenizer tokenizer = tokenizerWith(
        {{"default", "{% for p in messages[0].content %}[{{ p.text }}{{ p.type }}]{% endfor %}!"}});
    const char* messages = R"([{"role":"assistant","content":[{"text":"a","type":1},{"text":"b","type":2},
                                                              {"type":3}]}])";
    const Result<RenderedChat> chat = renderConversation(tokenizer, messages, {.continueFinalMessage = true});
    QVERIFY2(chat, chat ? "" : chat.error().message.c_str());
    QCOMPARE(chat->text, std::string("[a1][b"));
}

void TestChat::continuedMessageThatTheTemplateDropsIsRefused() {
    QVERIFY(rendered("{{ messages[0].content }}", {.continueFinalMessage = true})
                .starts_with("error: the chat template leaves out or changes the last message"));
    const Tokenizer tokenizer = tokenizerWith({{"default", kTemplate}});
    QVERIFY(!renderConversation(tokenizer, std::vector<ChatTurn>{}, {.continueFinalMessage = true}));
    QVERIFY(!renderConversation(tokenizer, R"([{"role":"assistant","content":null}])",
                                {.continueFinalMessage = true}));
}

void TestChat::toolsChooseTheirTemplate() {
    const Tokenizer both = tokenizerWith({{"default", "usual"}, {"tool_use", "{{ tools | length }} tools"}});
    QCOMPARE(renderConversation(both, kTurns, {})->text, std::string("usual"));
    QCOMPARE(renderConversation(both, kTurns, {.toolsJson = R"([{"name":"f"}])"})->text,
             std::string("1 tools"));
    const Tokenizer one = tokenizerWith({{"default", "usual"}});
    QCOMPARE(renderConversation(one, kTurns, {.toolsJson = "[]"})->text, std::string("usual"));
}

void TestChat::templateIsChosenByName() {
    const Tokenizer tokenizer = tokenizerWith({{"default", "usual"}, {"rag", "other"}});
    QCOMPARE(renderConversation(tokenizer, kTurns, {.templateName = "rag"})->text, std::string("other"));
    const Result<RenderedChat> none = renderConversation(tokenizer, kTurns, {.templateName = "none"});
    QVERIFY(!none);
    QCOMPARE(
        none.error().message,
        std::string("the model has no chat template called none, only default, rag: choose one of them"));
}

void TestChat::extraVariablesAreSeen() {
    const char* source = "{{ 'thinks' if enable_thinking else 'answers' }} {{ bos_token }}";
    QCOMPARE(rendered(source, {.extraJson = R"({"enable_thinking":true})"}), std::string("thinks <s>"));
    QCOMPARE(rendered(source, {.extraJson = R"({"bos_token":"mine"})"}), std::string("answers mine"));
}

void TestChat::toolsKeepTheirKeysInOrder() {
    QCOMPARE(rendered("{{ tools | tojson }}", {.toolsJson = R"([{"z":1.0,"a":{"y":null,"b":"<é>"}}])"}),
             std::string(R"([{"z": 1.0, "a": {"y": null, "b": "<é>"}}])"));
}

void TestChat::reasoningGoesByAllItsNames() {
    const Tokenizer tokenizer =
        tokenizerWith({{"default", "{{ messages[0].reasoning_content }}{{ messages[0].thinking }}"}});
    QCOMPARE(renderConversation(tokenizer, R"([{"role":"a","content":"","reasoning":"so"}])", {})->text,
             std::string("soso"));
}

void TestChat::answersAreMarkedUpToTheCut() {
    const Tokenizer tokenizer = tokenizerWith(
        {{"default",
          "{% for m in messages %}{% generation %}{{ m.content }}.{% endgeneration %}{% endfor %}"}});
    const RenderedChat whole = renderConversation(tokenizer, kTurns, {}).value();
    QCOMPARE(whole.text, std::string("hi. well ."));
    QCOMPARE(whole.generated, (std::vector<std::pair<std::size_t, std::size_t>>{{0, 3}, {3, 10}}));
    const RenderedChat cut = renderConversation(tokenizer, kTurns, {.continueFinalMessage = true}).value();
    QCOMPARE(cut.text, std::string("hi. well "));
    QCOMPARE(cut.generated, (std::vector<std::pair<std::size_t, std::size_t>>{{0, 3}, {3, 9}}));
}

void TestChat::modelWithoutATemplateIsRefused() {
    const Result<RenderedChat> chat = renderConversation(tokenizerWith({}), kTurns, {});
    QVERIFY(!chat);
    QVERIFY(chat.error().message.starts_with("the model has no chat template: "));
}

void TestChat::brokenJsonIsRefused_data() {
    QTest::addColumn<QString>("messages");
    QTest::addColumn<QString>("tools");
    QTest::addColumn<QString>("extra");
    QTest::newRow("messages cut") << "[{"
                                  << ""
                                  << "";
    QTest::newRow("messages no list") << "{}"
                                      << ""
                                      << "";
    QTest::newRow("message no object") << "[7]"
                                       << ""
                                       << "";
    QTest::newRow("tools no list") << "[]"
                                   << "{}"
                                   << "";
    QTest::newRow("extra no object") << "[]"
                                     << ""
                                     << "[]";
}

void TestChat::brokenJsonIsRefused() {
    QFETCH(QString, messages);
    QFETCH(QString, tools);
    QFETCH(QString, extra);
    ChatRendering options;
    options.toolsJson = tools.toStdString();
    options.extraJson = extra.toStdString();
    const Result<RenderedChat> chat =
        renderConversation(tokenizerWith({{"default", kTemplate}}), messages.toStdString(), options);
    QVERIFY(!chat);
    QVERIFY(chat.error().kind == Error::Kind::Input);
}

QTEST_GUILESS_MAIN(TestChat)
#include "tst_chat.moc"
