#include "core/data/preview.h"
#include "tests/core/data/word_tokenizer.h"

#include <QtTest>

using namespace lathe;

namespace {

Table tableOf(std::vector<std::string> columns, const std::vector<std::vector<std::string>>& cells) {
    Table table;
    table.source = "rows.jsonl";
    table.columns = std::move(columns);
    for (std::size_t i = 0; i < cells.size(); ++i) {
        Row row;
        for (std::size_t c = 0; c < table.columns.size(); ++c)
            row[table.columns[c]] = cells[i][c];
        table.add(std::move(row), i + 1);
    }
    return table;
}

/// "text/role" of each token, in brackets where no loss is taken.
QString picture(const RowPreview& preview) {
    const char* roles[] = {"template", "system", "instruction", "input", "answer", "special", "text", "pair"};
    QStringList parts;
    for (const PreviewToken& token : preview.tokens) {
        const QString part = QString::fromStdString(token.text) + QLatin1Char('/') +
                             QLatin1String(roles[static_cast<std::size_t>(token.role)]);
        parts << (token.isMasked ? QLatin1Char('(') + part + QLatin1Char(')') : part);
    }
    return parts.join(QLatin1Char('|')).replace(QLatin1Char('\n'), QStringLiteral("\\n"));
}

const std::vector<std::string> kWords{"add", "one", "two", "three", "Answer:"};

ExampleOptions upTo(std::size_t length, LengthPolicy policy) {
    ExampleOptions options;
    options.maxLength = length;
    options.lengthPolicy = policy;
    return options;
}

} // namespace

class TestPreview : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tokensShowRoleTextAndMask();
    void placesAreBytesOfTheText();
    void conversationsShowWhoSpeaks();
    void whatIsCutIsTold();
    void rowsThatAreLeftOutSayWhy();
    void longRowsAreTreatedByThePolicy();
    void labelledTextsAreShown();
    void plainTextIsItsPartOfTheStream();
};

void TestPreview::tokensShowRoleTextAndMask() {
    const Tokenizer tokenizer = test::wordTokenizer(kWords);
    const Table table = tableOf({"question", "context", "answer"}, {{"add", "one two", "three"}});
    const auto preview = previewInstruction(table, 0, findPromptTemplate("plain").value(), tokenizer, {});
    QVERIFY(preview.has_value());
    QCOMPARE(picture(*preview),
             QStringLiteral(
                 "(<s>/special)|(add/instruction)|(\\n\\none/input)|( two/input)|(\\n\\nAnswer:/template)"
                 "| three/answer|</s>/special"));
    QVERIFY(preview->cutReason.empty() && preview->dropReason.empty());
}

void TestPreview::placesAreBytesOfTheText() {
    const Tokenizer tokenizer = test::wordTokenizer(kWords);
    const Table table = tableOf({"instruction", "output"}, {{"add one", "two"}});
    const auto preview = previewInstruction(table, 0, findPromptTemplate("plain").value(), tokenizer, {});
    QCOMPARE(preview->text, "add one\n\nAnswer: two");
    QCOMPARE(preview->tokens.at(0).range, (ByteRange{0, 0}));
    QVERIFY(preview->tokens.at(0).isSpecial);
    QCOMPARE(preview->tokens.at(2).range, (ByteRange{4, 7}));
    QCOMPARE(preview->tokens.at(5).range, (ByteRange{20, 20}));
}

void TestPreview::conversationsShowWhoSpeaks() {
    const Tokenizer tokenizer = test::wordTokenizer(
        {"S", "U", "A", "add", "one", "two"},
        "{% for m in messages %}{{ {'user': 'U', 'assistant': 'A', 'system': 'S'}[m.role] }} {{ m.content }} "
        "{% if m.role == 'assistant' %}</s> {% endif %}{% endfor %}{% if add_generation_prompt %}A {% endif "
        "%}");
    const Table table = tableOf({"system", "prompt", "response"}, {{"two", "add", "one"}});
    const auto preview =
        previewInstruction(table, 0, findPromptTemplate(kChatTemplate).value(), tokenizer, {});
    QVERIFY(preview.has_value());
    QCOMPARE(picture(*preview), QStringLiteral("(S/template)|( two/system)|( U/template)|( add/instruction)|"
                                               "( A/template)| one/answer|</s>/special"));
}

void TestPreview::whatIsCutIsTold() {
    const Tokenizer tokenizer = test::wordTokenizer(kWords);
    const Table table = tableOf({"instruction", "output"}, {{"add one two", "three three"}});
    const auto prompt = findPromptTemplate("plain").value(); // <s> add one two Answer: three three </s>
    const auto answer = previewInstruction(table, 0, prompt, tokenizer, upTo(6, LengthPolicy::CutAnswer));
    QCOMPARE(answer->cutReason, "1 token of the answer's end were cut; the maximum length is 6");
    QCOMPARE(answer->tokens.size(), 6U);
    QCOMPARE(answer->tokens.back().text, " three");
    const auto start = previewInstruction(table, 0, prompt, tokenizer, upTo(6, LengthPolicy::CutPrompt));
    QCOMPARE(start->cutReason, "2 tokens of the prompt's beginning were cut; the maximum length is 6");
    QCOMPARE(start->cutTokens, 2U);
    QCOMPARE(picture(*start), QStringLiteral("(<s>/special)|( two/instruction)|(\\n\\nAnswer:/template)|"
                                             " three/answer| three/answer|</s>/special"));
}

void TestPreview::rowsThatAreLeftOutSayWhy() {
    const Tokenizer tokenizer = test::wordTokenizer(kWords);
    const Table table = tableOf({"instruction", "output"}, {{"add one two", "three three"}, {"add", ""}});
    const auto prompt = findPromptTemplate("plain").value();
    const auto longRow = previewInstruction(table, 0, prompt, tokenizer, upTo(6, LengthPolicy::Drop));
    QCOMPARE(longRow->dropReason, "the row has 8 tokens; the maximum length is 6");
    QVERIFY(longRow->tokens.empty());
    const auto empty = previewInstruction(table, 1, prompt, tokenizer, {});
    QCOMPARE(empty->dropReason, "the column \"output\" is empty");
}

void TestPreview::longRowsAreTreatedByThePolicy() {
    const Tokenizer tokenizer = test::wordTokenizer(kWords);
    const Table table =
        tableOf({"instruction", "output"}, {{"add one two three", "one"},           // 5 + 1 + end
                                            {"add", "one two three"},               // 2 + 3 + end + begin
                                            {"add", "one two three one two three"}, // no room for a prompt
                                            {"add", "one"}});
    const auto prompt = findPromptTemplate("plain").value();
    const auto cutPrompt =
        makeInstructionExamples(table, prompt, tokenizer, upTo(6, LengthPolicy::CutPrompt));
    QVERIFY(cutPrompt.has_value());
    QCOMPARE(cutPrompt->cutPromptCount, 2U);
    QCOMPARE(cutPrompt->cutAnswerCount, 0U);
    QCOMPARE(cutPrompt->truncatedCount, 2U);
    QCOMPARE(cutPrompt->droppedForLengthCount, 1U);
    QCOMPARE(cutPrompt->cut.at(0).line, 1U);
    QCOMPARE(cutPrompt->cut.at(0).reason,
             "2 tokens of the prompt's beginning were cut; the maximum length is 6");
    QCOMPARE(cutPrompt->examples.at(0).ids, (std::vector<std::int32_t>{0, 5, 6, 7, 4, 1}));
    QCOMPARE(cutPrompt->examples.at(0).labels, (std::vector<std::int32_t>{-100, -100, -100, -100, 4, 1}));
    QCOMPARE(cutPrompt->dropped.at(0).reason,
             "the answer alone has 7 tokens, and some of the prompt must stand "
             "before it; the maximum length is 6");
    const auto dropped = makeInstructionExamples(table, prompt, tokenizer, upTo(6, LengthPolicy::Drop));
    QCOMPARE(dropped->examples.size(), 1U);
    QCOMPARE(dropped->droppedForLengthCount, 3U);
    QCOMPARE(dropped->truncatedCount, 0U);
    const auto cutAnswer =
        makeInstructionExamples(table, prompt, tokenizer, upTo(6, LengthPolicy::CutAnswer));
    QCOMPARE(cutAnswer->examples.size(), 3U); // the first row has room for no answer
    QCOMPARE(cutAnswer->cutAnswerCount, 1U);
    QCOMPARE(cutAnswer->droppedForLengthCount, 1U);
}

void TestPreview::labelledTextsAreShown() {
    const Tokenizer tokenizer = test::wordTokenizer(kWords);
    const Table table = tableOf({"sentence1", "sentence2", "label"},
                                {{"add one", "two", "yes"}, {"three", "one", "no"}, {"", "one", "no"}});
    const LabelColumns columns{"", "", ""};
    const auto set = makeLabelExamples(table, columns, {}, tokenizer, {});
    QVERIFY2(set.has_value(), set ? "" : set.error().text().c_str());
    const auto preview = previewLabel(table, 0, columns, {}, tokenizer, {});
    QCOMPARE(picture(*preview), QStringLiteral("(add/text)|( one/text)|(two/pair)"));
    QCOMPARE(preview->label, std::optional<std::string>("yes"));
    QCOMPARE(preview->tokens.size(), set->examples.at(0).ids.size());
    QCOMPARE(previewLabel(table, 2, columns, {}, tokenizer, {})->dropReason,
             "the column \"sentence1\" is empty");
}

void TestPreview::plainTextIsItsPartOfTheStream() {
    const Tokenizer tokenizer = test::wordTokenizer(kWords);
    const Table table = tableOf({"content"}, {{"add one"}, {"two"}, {"three add"}});
    const auto set = makeTextExamples(table, "", tokenizer, upTo(4, LengthPolicy::CutAnswer));
    std::vector<std::int32_t> stream;
    for (const Example& example : set->examples)
        stream.insert(stream.end(), example.ids.begin(), example.ids.end());
    std::vector<std::int32_t> shown;
    for (std::size_t i = 0; i < table.size(); ++i) {
        const auto preview = previewText(table, i, "", tokenizer, {});
        for (const PreviewToken& token : preview->tokens) {
            shown.push_back(token.id);
            QVERIFY(!token.isMasked);
        }
    }
    QCOMPARE(shown, stream);
}

QTEST_GUILESS_MAIN(TestPreview)
#include "tst_preview.moc"
