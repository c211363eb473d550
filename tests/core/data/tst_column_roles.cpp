#include "core/data/column_roles.h"
#include "core/data/examples.h"

#include <QtTest>

using namespace lathe;

namespace {

Table tableOf(std::vector<std::string> columns, const std::vector<std::vector<std::string>>& cells = {}) {
    Table table;
    table.source = "rows.jsonl";
    table.columns = std::move(columns);
    for (std::size_t i = 0; i < std::max<std::size_t>(cells.size(), 1); ++i) {
        Row row;
        for (std::size_t c = 0; c < table.columns.size(); ++c)
            row[table.columns[c]] = i < cells.size() ? cells[i][c] : "some words here";
        table.add(std::move(row), i + 1);
    }
    return table;
}

QString asText(const ColumnRoles& roles) {
    QStringList parts;
    for (const auto& [role, column] : roles)
        parts << QString::fromStdString(std::string(roleId(role)) + "=" + column);
    return parts.join(QStringLiteral(", "));
}

} // namespace

class TestColumnRoles : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void usualNamesAreKnown_data();
    void usualNamesAreKnown();
    void fewShortValuesAreLabels();
    void listsOfMessagesAreConversations();
    void whatIsGivenIsKept();
    void aGivenFormRulesTheOtherOut();
    void aMissingColumnIsNamed();
    void aColumnIsOneThing();
    void everyRoleHasItsNames();
    void labelColumnsAreFilledIn();
};

void TestColumnRoles::usualNamesAreKnown_data() {
    QTest::addColumn<QStringList>("columns");
    QTest::addColumn<QString>("roles");
    const auto add = [](const char* name, const QStringList& columns, const char* roles) {
        QTest::newRow(name) << columns << QString::fromUtf8(roles);
    };
    add("alpaca", {"instruction", "input", "output"}, "instruction=instruction, input=input, answer=output");
    add("a context beside plain names is left alone", {"instruction", "context", "output"},
        "instruction=instruction, answer=output");
    add("maths", {"instruction", "input", "output", "answer"},
        "instruction=instruction, input=input, answer=output");
    add("dolly", {"instruction", "context", "response", "category"},
        "instruction=instruction, input=context, answer=response, label=category");
    add("questions", {"id", "Question", "Answer"}, "instruction=Question, answer=Answer");
    add("input alone is asked", {"input", "target"}, "instruction=input, answer=target");
    add("summaries", {"article", "highlights"}, "instruction=article, answer=highlights");
    add("completions", {"prompt", "completion", "system_prompt"},
        "instruction=prompt, answer=completion, system=system_prompt");
    add("preferences", {"prompt", "chosen", "rejected"},
        "instruction=prompt, chosen=chosen, rejected=rejected");
    add("pairs", {"sentence1", "sentence2", "label"}, "text=sentence1, pair=sentence2, label=label");
    add("paraphrases", {"Quality", "#1 ID", "#2 ID", "#1 String", "#2 String"},
        "text=#1 String, pair=#2 String, label=Quality");
    add("inference", {"premise", "hypothesis", "label"}, "text=premise, pair=hypothesis, label=label");
    add("questions with sentences", {"question", "sentence", "label"},
        "text=question, pair=sentence, label=label");
    add("German", {"Frage", "Antwort"}, "instruction=Frage, answer=Antwort");
    add("Chinese", {"指令", "输入", "输出"}, "instruction=指令, input=输入, answer=输出");
    add("a corpus", {"title", "content"}, "text=content");
    add("one column", {"lines"}, "text=lines");
}

void TestColumnRoles::usualNamesAreKnown() {
    QFETCH(QStringList, columns);
    QFETCH(QString, roles);
    std::vector<std::string> names;
    for (const QString& column : columns)
        names.push_back(column.toStdString());
    QCOMPARE(asText(guessRoles(tableOf(names))), roles);
}

void TestColumnRoles::fewShortValuesAreLabels() {
    std::vector<std::vector<std::string>> cells;
    for (int i = 0; i < 40; ++i)
        cells.push_back({"a longer text with number " + std::to_string(i), i % 3 == 0 ? "yes" : "no",
                         "id" + std::to_string(i)});
    QCOMPARE(asText(guessRoles(tableOf({"a", "b", "c"}, cells))), QStringLiteral("text=a, label=b"));
}

void TestColumnRoles::listsOfMessagesAreConversations() {
    const std::string cell = R"([{"from":"human","value":"Hi"},{"from":"gpt","value":"Hello"}])";
    QCOMPARE(asText(guessRoles(tableOf({"x", "y"}, {{"1", cell}}))), QStringLiteral("conversation=y"));
}

void TestColumnRoles::whatIsGivenIsKept() {
    const ColumnRoles roles = rolesIn(tableOf({"instruction", "input", "output", "better"}),
                                      {{ColumnRole::Answer, "better"}, {ColumnRole::Instruction, "input"}});
    QCOMPARE(asText(roles), QStringLiteral("instruction=input, answer=better"));
}

void TestColumnRoles::aGivenFormRulesTheOtherOut() {
    const Table table = tableOf({"messages", "prompt", "answer"});
    QCOMPARE(asText(rolesIn(table, {{ColumnRole::Instruction, "prompt"}})),
             QStringLiteral("instruction=prompt, answer=answer"));
    QCOMPARE(asText(rolesIn(table, {{ColumnRole::Conversation, "messages"}})),
             QStringLiteral("conversation=messages"));
}

void TestColumnRoles::aMissingColumnIsNamed() {
    const auto checked = checkRoles(tableOf({"a", "b"}), {{ColumnRole::Answer, "c"}});
    QVERIFY(!checked.has_value());
    QCOMPARE(checked.error().text(),
             "rows.jsonl: has no column \"c\" for the role \"answer\"; its columns are a, b");
}

void TestColumnRoles::aColumnIsOneThing() {
    const auto checked =
        checkRoles(tableOf({"a", "b"}), {{ColumnRole::Instruction, "a"}, {ColumnRole::Answer, "a"}});
    QVERIFY(!checked.has_value());
    QCOMPARE(checked.error().text(),
             "rows.jsonl: its column \"a\" cannot be both \"instruction\" and \"answer\"; give each its own");
    QVERIFY(checkRoles(tableOf({"a"}), {{ColumnRole::Answer, "a"}, {ColumnRole::Chosen, "a"}}).has_value());
}

void TestColumnRoles::everyRoleHasItsNames() {
    QCOMPARE(allRoles().size(), 10U);
    for (const ColumnRole role : allRoles()) {
        QVERIFY(!roleId(role).empty());
        QVERIFY(!roleLabel(role).empty());
    }
}

void TestColumnRoles::labelColumnsAreFilledIn() {
    const Table table = tableOf({"premise", "hypothesis", "gold_label"});
    const LabelColumns found = columnsIn(table, {"", "", ""});
    QCOMPARE(found.text, "premise");
    QCOMPARE(found.pair, "hypothesis");
    QCOMPARE(found.label, "gold_label");
    QCOMPARE(columnsIn(table, {"premise", "", "gold_label"}).pair, ""); // there is none, as was said
}

QTEST_GUILESS_MAIN(TestColumnRoles)
#include "tst_column_roles.moc"
