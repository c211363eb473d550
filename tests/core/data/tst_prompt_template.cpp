#include "core/data/prompt_template.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

using namespace lathe;

namespace {

const std::string kH1 = "Below is an instruction that describes a task. Write a response that appropriately "
                        "completes the request.";
const std::string kH2 =
    "Below is an instruction that describes a task, paired with an input that provides further "
    "context. Write a response that appropriately completes the request.";
const std::string kS16 = "                ";

PromptTemplate preset(const std::string& id) { return findPromptTemplate(id).value(); }

} // namespace

class TestPromptTemplate : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void llmAdaptersPromptsAreByteExact();
    void alpacaHasNoTrailingSpaces();
    void plainPutsTheSpaceBeforeTheAnswer();
    void anEmptyInputCountsAsNone();
    void bracesInValuesStayAsTheyAre();
    void doubledBracesAreBraces();
    void brokenTemplatesAreRefused_data();
    void brokenTemplatesAreRefused();
    void aMissingColumnIsNamedWithThoseThereAre();
    void theFirstRowWithoutAColumnIsNamedByLine();
    void unknownIdsListTheKnownOnes();
    void placeholdersAreRoles();
    void ownTemplatesEndInTheAnswersSpace();
    void ownTemplatesAreCheckedWithTheFaultsPlace();
};

void TestPromptTemplate::llmAdaptersPromptsAreByteExact() {
    const Row bare{{"instruction", "Add."}, {"input", ""}, {"output", "3"}};
    const Row full{{"instruction", "Add."}, {"input", "1 2"}, {"output", "3"}};
    const auto train = preset("llm-adapters-train");
    QCOMPARE(render(train, bare)->prompt + render(train, bare)->answer,
             kH1 + "  \n\n" + kS16 + "### Instruction:\n" + kS16 + "Add.\n" + kS16 + "\n" + kS16 +
                 "### Response:\n" + kS16 + "3");
    QCOMPARE(render(train, full)->prompt + render(train, full)->answer,
             kH2 + " \n\n" + kS16 + "### Instruction:\n" + kS16 + "Add.\n" + kS16 + "\n" + kS16 +
                 "### Input:\n" + kS16 + "1 2\n" + kS16 + "\n" + kS16 + "### Response:\n" + kS16 + "3");
    const auto eval = preset("llm-adapters-eval");
    QCOMPARE(*renderPrompt(eval, bare), kH1 + " \n\n" + kS16 + "### Instruction:\n" + kS16 + "Add.\n\n" +
                                            kS16 + "### Response:\n" + kS16);
    QCOMPARE(*renderPrompt(eval, full), kH2 + "\n\n" + kS16 + "### Instruction:\n" + kS16 + "Add.\n\n" +
                                            kS16 + "### Input:\n" + kS16 + "1 2\n\n" + kS16 +
                                            "### Response:\n" + kS16);
}

void TestPromptTemplate::alpacaHasNoTrailingSpaces() {
    const Row row{{"instruction", "Add."}, {"input", "1 2"}, {"output", "3"}};
    QCOMPARE(render(preset("alpaca"), row)->prompt,
             kH2 + "\n\n### Instruction:\nAdd.\n\n### Input:\n1 2\n\n### Response:\n");
    QCOMPARE(render(preset("alpaca"), row)->answer, "3");
}

void TestPromptTemplate::plainPutsTheSpaceBeforeTheAnswer() {
    const Row row{{"instruction", "Add."}, {"input", "1 2"}, {"output", "3"}};
    const auto rendered = render(preset("plain"), row);
    QCOMPARE(rendered->prompt, "Add.\n\n1 2\n\nAnswer:");
    QCOMPARE(rendered->answer, " 3");
}

void TestPromptTemplate::anEmptyInputCountsAsNone() {
    const Row without{{"instruction", "Say hi."}, {"output", "hi"}};
    Row empty = without;
    empty["input"] = "";
    QCOMPARE(*renderPrompt(preset("plain"), without), "Say hi.\n\nAnswer:");
    QCOMPARE(*renderPrompt(preset("plain"), empty), "Say hi.\n\nAnswer:");
}

void TestPromptTemplate::bracesInValuesStayAsTheyAre() {
    const Row row{{"instruction", "{input} {{x}}"}, {"output", "}{"}};
    QCOMPARE(render(preset("plain"), row)->prompt, "{input} {{x}}\n\nAnswer:");
    QCOMPARE(render(preset("plain"), row)->answer, " }{");
}

void TestPromptTemplate::doubledBracesAreBraces() {
    const PromptTemplate prompt{"mine", "", "{{{a}}} {{}} {a}{a}", "b", ""};
    QCOMPARE(*renderPrompt(prompt, Row{{"a", "1"}}), "{1} {} 11");
}

void TestPromptTemplate::brokenTemplatesAreRefused_data() {
    QTest::addColumn<QString>("source");
    QTest::addColumn<QString>("message");
    QTest::newRow("open") << "x {a"
                          << "single '{' at position 3";
    QTest::newRow("close") << "x a}"
                           << "single '}' at position 4";
    QTest::newRow("empty") << "{} "
                           << "single '{' at position 1";
}

void TestPromptTemplate::brokenTemplatesAreRefused() {
    QFETCH(QString, source);
    QFETCH(QString, message);
    const auto text = renderPrompt({"mine", "", source.toStdString(), "b", ""}, Row{{"a", "1"}});
    QVERIFY(!text.has_value());
    QVERIFY2(QString::fromStdString(text.error().text()).contains(message), text.error().text().c_str());
}

void TestPromptTemplate::aMissingColumnIsNamedWithThoseThereAre() {
    const auto rendered = render(preset("plain"), Row{{"instruction", "a"}, {"answer", "b"}});
    QVERIFY(!rendered.has_value());
    QCOMPARE(rendered.error().kind, Error::Kind::Input);
    QCOMPARE(rendered.error().message, "has no column \"output\"; its columns are answer, instruction");
}

void TestPromptTemplate::theFirstRowWithoutAColumnIsNamedByLine() {
    const test::TempFolder folder;
    const auto table = readTable(folder.write("a.jsonl", "{\"instruction\":\"a\",\"output\":\"b\"}\n\n"
                                                         "{\"instruction\":\"a\",\"ouput\":\"b\"}\n"));
    QVERIFY(table.has_value());
    const auto status = checkColumns(*table, preset("plain"));
    QVERIFY(!status.has_value());
    const QString text = QString::fromStdString(status.error().text());
    QVERIFY2(text.contains("a.jsonl, line 3: has no column \"output\""), qPrintable(text));
}

void TestPromptTemplate::unknownIdsListTheKnownOnes() {
    const auto unknown = findPromptTemplate("nope");
    QVERIFY(!unknown.has_value());
    for (const PartInfo& info : promptTemplates()) {
        QVERIFY(unknown.error().message.find(info.id) != std::string::npos);
        QCOMPARE(findPromptTemplate(info.id)->id, info.id);
    }
}

void TestPromptTemplate::placeholdersAreRoles() {
    PromptTemplate prompt = preset("plain");
    prompt.roles = {{ColumnRole::Instruction, "q"}, {ColumnRole::Input, "c"}, {ColumnRole::Answer, "a"}};
    const auto rendered = render(prompt, Row{{"q", "Why?"}, {"c", "Rain."}, {"a", "So."}});
    QVERIFY(rendered.has_value());
    QCOMPARE(rendered->prompt, "Why?\n\nRain.\n\nAnswer:");
    QCOMPARE(rendered->answer, " So.");
    const auto missing = render(prompt, Row{{"q", "Why?"}});
    QCOMPARE(missing.error().message, "has no column \"a\"; its columns are q");
}

void TestPromptTemplate::ownTemplatesEndInTheAnswersSpace() {
    const PromptTemplate prompt = customTemplate("Q: {instruction} ({other}) A: ", "");
    const auto rendered = render(prompt, Row{{"instruction", "Why?"}, {"other", "x"}, {"output", "So."}});
    QCOMPARE(rendered->prompt, "Q: Why? (x) A:");
    QCOMPARE(rendered->answer, " So.");
    const PromptTemplate two = customTemplate("{instruction} {input}\n", "{instruction}\n");
    QCOMPARE(render(two, Row{{"instruction", "a"}, {"input", ""}, {"output", "b"}})->prompt, "a\n");
    QCOMPARE(render(two, Row{{"instruction", "a"}, {"input", "c"}, {"output", "b"}})->prompt, "a c\n");
    QVERIFY(!renderPrompt(preset("custom"), Row{{"instruction", "a"}}).has_value());
}

void TestPromptTemplate::ownTemplatesAreCheckedWithTheFaultsPlace() {
    QVERIFY(checkTemplateText("{instruction} {{x}}").has_value());
    QVERIFY(checkTemplateText("ab {x").error().message.find("position 4") != std::string::npos);
    QVERIFY(checkTemplateText("a{b}} c").error().message.find("position 5") != std::string::npos);
    QVERIFY(checkTemplateText("a {output}").error().message.find("{output} at position 3") !=
            std::string::npos);
    QVERIFY(!checkTemplateText("").has_value());
}

QTEST_GUILESS_MAIN(TestPromptTemplate)
#include "tst_prompt_template.moc"
