#include "core/data/conversation.h"
#include "core/data/examples.h"
#include "tests/core/data/word_tokenizer.h"

#include <QtTest>

using namespace lathe;

namespace {

using Ids = std::vector<std::int32_t>;

const std::vector<std::string> kWords{"U", "A", "E", "hi", "yes", "bye", "no", "S", "think"}; // ids 3 …

/// Turns are "U hi E" and "A yes E".
const std::string kTurns =
    "{% for m in messages %}{{ {'user': 'U', 'assistant': 'A', 'system': 'S'}[m.role] }} "
    "{{ m.content }} E {% endfor %}{% if add_generation_prompt %}A {% endif %}";

/// As kTurns, but earlier answers are left away when the talk goes on.
const std::string kForgetful =
    "{% for m in messages %}{% if m.role == 'user' %}U {{ m.content }} E {% elif loop.last %}A {{ m.content "
    "}} E "
    "{% else %}A E {% endif %}{% endfor %}{% if add_generation_prompt %}A {% endif %}";

/// An answer is asked for in another way than it is written.
const std::string kThinking =
    "{% for m in messages %}{{ 'U' if m.role == 'user' else 'A' }} {{ m.content }} E "
    "{% endfor %}{% if add_generation_prompt %}A think {% endif %}";

Table conversations(const std::vector<std::string>& cells) {
    Table table;
    table.source = "talk.jsonl";
    table.columns = {"conversations"};
    for (std::size_t i = 0; i < cells.size(); ++i)
        table.add({{"conversations", cells[i]}}, i + 1);
    return table;
}

std::string talk(const std::vector<std::string>& turns) {
    std::string cell = "[";
    for (std::size_t i = 0; i < turns.size(); ++i)
        cell += std::string(i == 0 ? "" : ",") + R"({"from":")" + (i % 2 == 0 ? "human" : "gpt") +
                R"(","value":")" + turns[i] + "\"}";
    return cell + "]";
}

Result<ExampleSet> examplesOf(const Table& table, const Tokenizer& tokenizer,
                              const std::string& id = kChatTemplate) {
    return makeInstructionExamples(table, findPromptTemplate(id).value(), tokenizer, {});
}

} // namespace

class TestConversation : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyAnswerIsLearnt();
    void instructionRowsBecomeConversations();
    void bothFormsOfMessagesAreRead();
    void brokenConversationsCostTheirOwnRow();
    void aTemplateThatForgetsIsRefused();
    void aTemplateThatAsksOtherwiseIsRefused();
    void anExchangeFillsATextTemplate();
    void chosenConversationsAreAnswers();
    void promptsEndWhereTheAnswerBegins();
    void modelsWithoutATemplateAreRefused();
};

void TestConversation::everyAnswerIsLearnt() {
    const Tokenizer tokenizer = test::wordTokenizer(kWords, kTurns);
    const auto set = examplesOf(conversations({talk({"hi", "yes", "bye", "no"})}), tokenizer);
    QVERIFY2(set.has_value(), set ? "" : set.error().text().c_str());
    const Example& example = set->examples.at(0);
    QCOMPARE(example.ids, (Ids{3, 6, 5, 4, 7, 5, 3, 8, 5, 4, 9, 5}));
    QCOMPARE(example.labels, (Ids{-100, -100, -100, -100, 7, 5, -100, -100, -100, -100, 9, 5}));
    QCOMPARE(example.answer, "no");
}

void TestConversation::instructionRowsBecomeConversations() {
    const Tokenizer tokenizer = test::wordTokenizer(kWords, kTurns);
    Table table;
    table.source = "rows.jsonl";
    table.columns = {"system", "question", "context", "answer"};
    table.add({{"system", "think"}, {"question", "hi"}, {"context", "bye"}, {"answer", "yes"}}, 1);
    table.add({{"system", ""}, {"question", "hi"}, {"context", ""}, {"answer", "no"}}, 2);
    const auto set = examplesOf(table, tokenizer);
    QVERIFY2(set.has_value(), set ? "" : set.error().text().c_str());
    QCOMPARE(set->examples.at(0).ids, (Ids{10, 11, 5, 3, 6, 8, 5, 4, 7, 5}));
    QCOMPARE(set->examples.at(1).ids, (Ids{3, 6, 5, 4, 9, 5}));
}

void TestConversation::bothFormsOfMessagesAreRead() {
    const std::string plain = R"([{"role":"user","content":"hi"},{"role":"assistant","content":"yes"}])";
    const std::string wrapped = R"({"messages":)" + plain + R"(,"id":7})";
    for (const std::string& cell : {plain, wrapped, talk({"hi", "yes"})}) {
        QVERIFY(looksLikeConversation(cell));
        QCOMPARE(messagesOf(cell, "").value(), plain);
    }
    QCOMPARE(messagesOf(plain, "S").value(), R"([{"role":"system","content":"S"},)" + plain.substr(1));
    for (const char* other : {"", "[]", "[1,2]", R"(["a"])", R"([{"role":"user"}])", "{", "hi"})
        QVERIFY2(!looksLikeConversation(other), other);
}

void TestConversation::brokenConversationsCostTheirOwnRow() {
    const Tokenizer tokenizer = test::wordTokenizer(kWords, kTurns);
    const auto set =
        examplesOf(conversations({talk({"hi", "yes"}), "[]", R"([{"from":"human"}])", talk({"hi"}), "no list",
                                  talk({"hi", ""}), R"([{"role":"pope","content":"hi"}])"}),
                   tokenizer);
    QVERIFY2(set.has_value(), set ? "" : set.error().text().c_str());
    QCOMPARE(set->examples.size(), 1U);
    QCOMPARE(set->dropped.size(), 6U);
    QCOMPARE(set->dropped[0].reason, "the conversation is empty");
    QCOMPARE(set->dropped[1].reason,
             "message 1 of the conversation has no role and content (or from and value)");
    QCOMPARE(set->dropped[2].reason, "the conversation has no turn of the assistant");
    QCOMPARE(set->dropped[3].reason, "the conversation is no JSON list of messages");
    QCOMPARE(set->dropped[4].reason, "the assistant says nothing in the conversation");
    QCOMPARE(set->dropped[5].line, 7U);
}

void TestConversation::aTemplateThatForgetsIsRefused() {
    const Tokenizer tokenizer = test::wordTokenizer(kWords, kForgetful);
    QVERIFY(examplesOf(conversations({talk({"hi", "yes"})}), tokenizer).has_value());
    const auto set = examplesOf(conversations({talk({"hi", "yes", "bye", "no"})}), tokenizer);
    QVERIFY(!set.has_value());
    QVERIFY2(set.error().message.find(
                 "changes what stands there when the conversation goes on at message 2") != std::string::npos,
             set.error().message.c_str());
}

void TestConversation::aTemplateThatAsksOtherwiseIsRefused() {
    const Tokenizer tokenizer = test::wordTokenizer(kWords, kThinking);
    const auto set = examplesOf(conversations({talk({"hi", "yes"})}), tokenizer);
    QVERIFY(!set.has_value());
    QVERIFY2(set.error().message.find("begins an answer in another way than it asks for one") !=
                 std::string::npos,
             set.error().message.c_str());
}

void TestConversation::anExchangeFillsATextTemplate() {
    const Tokenizer tokenizer = test::wordTokenizer({"hi", "yes", "Answer:"});
    const auto set = examplesOf(conversations({talk({"hi", "yes"}), talk({"hi", "yes", "hi", "yes"})}),
                                tokenizer, "plain");
    QVERIFY2(set.has_value(), set ? "" : set.error().text().c_str());
    QCOMPARE(set->examples.at(0).ids, (Ids{0, 3, 5, 4, 1}));
    QCOMPARE(set->dropped.at(0).reason, "a conversation of 4 messages is more than one question and its "
                                        "answer; choose the prompt template \"chat\"");
}

void TestConversation::chosenConversationsAreAnswers() {
    const Tokenizer tokenizer = test::wordTokenizer(kWords, kTurns);
    Table table;
    table.source = "rows.jsonl";
    table.columns = {"prompt", "chosen", "rejected"};
    table.add({{"prompt", "hi"}, {"chosen", "yes"}, {"rejected", "no"}}, 1);
    table.add({{"prompt", "hi"}, {"chosen", talk({"hi", "yes"})}, {"rejected", talk({"hi", "no"})}}, 2);
    const auto set = examplesOf(table, tokenizer);
    QVERIFY2(set.has_value(), set ? "" : set.error().text().c_str());
    QCOMPARE(set->examples.size(), 2U);
    QCOMPARE(set->examples[0].ids, set->examples[1].ids);
}

void TestConversation::promptsEndWhereTheAnswerBegins() {
    const Tokenizer tokenizer = test::wordTokenizer(kWords, kTurns);
    const auto set = examplesOf(conversations({talk({"hi", "yes", "bye", "no"})}), tokenizer);
    const Example& example = set->examples.at(0);
    QCOMPARE(encodePrompt(example, tokenizer, {}).value(),
             Ids(example.ids.begin(), example.ids.begin() + 10)); // no begin token in front
}

void TestConversation::modelsWithoutATemplateAreRefused() {
    const Tokenizer tokenizer = test::wordTokenizer(kWords);
    const auto set = examplesOf(conversations({talk({"hi", "yes"})}), tokenizer);
    QVERIFY(!set.has_value());
    QVERIFY2(set.error().message.find("the model has no chat template") != std::string::npos,
             set.error().message.c_str());
}

QTEST_GUILESS_MAIN(TestConversation)
#include "tst_conversation.moc"
