#include "core/data/examples.h"

#include <QtTest>

using namespace lathe;

namespace {

/// One word a token, [CLS] text [SEP] pair [SEP] as BERT's.
Tokenizer wordTokenizer() {
    return Tokenizer::fromJson(R"({"version":"1.0","truncation":null,"padding":null,"added_tokens":[
        {"id":0,"content":"[PAD]","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true},
        {"id":1,"content":"[CLS]","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true},
        {"id":2,"content":"[SEP]","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}],
        "normalizer":null,"pre_tokenizer":{"type":"WhitespaceSplit"},"post_processor":{"type":"TemplateProcessing",
        "single":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},
        {"SpecialToken":{"id":"[SEP]","type_id":0}}],"pair":[{"SpecialToken":{"id":"[CLS]","type_id":0}},
        {"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"[SEP]","type_id":0}},
        {"Sequence":{"id":"B","type_id":1}},{"SpecialToken":{"id":"[SEP]","type_id":1}}],"special_tokens":{
        "[CLS]":{"id":"[CLS]","ids":[1],"tokens":["[CLS]"]},"[SEP]":{"id":"[SEP]","ids":[2],"tokens":["[SEP]"]}}},
        "decoder":null,"model":{"type":"WordLevel","unk_token":"?","vocab":{
        "[PAD]":0,"[CLS]":1,"[SEP]":2,"?":3,"a":4,"b":5,"c":6,"d":7,"e":8}}})")
        .value();
}

Table tableOf(std::vector<Row> rows) {
    Table table;
    table.source = "rows.jsonl";
    table.columns = {"text", "second", "label"};
    for (std::size_t i = 0; i < rows.size(); ++i)
        table.add(std::move(rows[i]), i + 1);
    return table;
}

Row row(const std::string& text, const std::string& label, const std::string& second = {}) {
    return {{"text", text}, {"second", second}, {"label", label}};
}

ExampleOptions upTo(std::size_t length) {
    ExampleOptions options;
    options.maxLength = length;
    return options;
}

using Ids = std::vector<std::int32_t>;

} // namespace

class TestLabelExamples : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aTextHasItsTokensAndTheNumberOfItsLabel();
    void labelsThatAreNumbersComeInTheirOrder();
    void aPairTellsItsPartsApart();
    void theLongerTextIsCut();
    void unusableRowsAreDroppedWithAReason();
    void labelsOfAnotherFileKeepTheirNumbers();
    void aMissingColumnIsNamed();
    void oneLabelIsNone();
    void batchesCarryLabelsAndTypes();

private:
    Tokenizer m_tokenizer = wordTokenizer();
};

void TestLabelExamples::aTextHasItsTokensAndTheNumberOfItsLabel() {
    const auto set =
        makeLabelExamples(tableOf({row("a b", "yes"), row("c", "no")}), {}, {}, m_tokenizer, upTo(16));
    QVERIFY(set.has_value());
    QVERIFY(set->labelNames == (std::vector<std::string>{"no", "yes"}));
    QCOMPARE(set->examples[0].ids, (Ids{1, 4, 5, 2}));
    QCOMPARE(set->examples[0].labels, Ids(4, kIgnoreLabel));
    QCOMPARE(set->examples[0].textLabel.value(), 1);
    QCOMPARE(set->examples[1].textLabel.value(), 0);
}

void TestLabelExamples::labelsThatAreNumbersComeInTheirOrder() {
    const auto set = makeLabelExamples(tableOf({row("a", "10"), row("b", "9"), row("c", "-1")}), {}, {},
                                       m_tokenizer, upTo(16));
    QVERIFY(set.has_value());
    QVERIFY(set->labelNames == (std::vector<std::string>{"-1", "9", "10"}));
}

void TestLabelExamples::aPairTellsItsPartsApart() {
    LabelColumns columns;
    columns.pair = "second";
    const auto set = makeLabelExamples(tableOf({row("a", "x", "b c"), row("d", "y", "e")}), columns, {},
                                       m_tokenizer, upTo(16));
    QVERIFY(set.has_value());
    QCOMPARE(set->examples[0].ids, (Ids{1, 4, 2, 5, 6, 2}));
    QVERIFY(set->examples[0].typeIds == (std::vector<std::uint8_t>{0, 0, 0, 1, 1, 1}));
}

void TestLabelExamples::theLongerTextIsCut() {
    LabelColumns columns;
    columns.pair = "second";
    const auto set =
        makeLabelExamples(tableOf({row("a b c d", "x", "e e"), row("a", "y", "b c d e"), row("a", "y", "b")}),
                          columns, {}, m_tokenizer, upTo(7));
    QVERIFY(set.has_value());
    QCOMPARE(set->truncatedCount, std::size_t{2});
    QCOMPARE(set->examples[0].ids, (Ids{1, 4, 5, 2, 8, 8, 2}));
    QCOMPARE(set->examples[1].ids, (Ids{1, 4, 2, 5, 6, 7, 2}));
    QCOMPARE(set->examples[2].ids, (Ids{1, 4, 2, 5, 2}));
}

void TestLabelExamples::unusableRowsAreDroppedWithAReason() {
    const auto set =
        makeLabelExamples(tableOf({row("", "yes"), row("a", ""), row("b", "yes"), row("c", "no")}), {}, {},
                          m_tokenizer, upTo(16));
    QVERIFY(set.has_value());
    QCOMPARE(set->examples.size(), std::size_t{2});
    QCOMPARE(set->dropped.size(), std::size_t{2});
    QCOMPARE(set->dropped[0].line, std::size_t{1});
    QVERIFY(set->dropped[0].reason.find("\"text\"") != std::string::npos);
    QVERIFY(set->dropped[1].reason.find("\"label\"") != std::string::npos);
}

void TestLabelExamples::labelsOfAnotherFileKeepTheirNumbers() {
    const auto set = makeLabelExamples(tableOf({row("a", "c"), row("b", "z")}), {}, {"a", "b", "c"},
                                       m_tokenizer, upTo(16));
    QVERIFY(set.has_value());
    QCOMPARE(set->examples.size(), std::size_t{1});
    QCOMPARE(set->examples[0].textLabel.value(), 2);
    QVERIFY(set->dropped[0].reason.find("\"z\"") != std::string::npos);
    QVERIFY(set->dropped[0].reason.find("a, b, c") != std::string::npos);
}

void TestLabelExamples::aMissingColumnIsNamed() {
    LabelColumns columns;
    columns.label = "class";
    const auto set = makeLabelExamples(tableOf({row("a", "x")}), columns, {}, m_tokenizer, upTo(16));
    QVERIFY(!set.has_value());
    QVERIFY(set.error().message.find("\"class\"") != std::string::npos);
    QVERIFY(set.error().message.find("text, second, label") != std::string::npos);
}

void TestLabelExamples::oneLabelIsNone() {
    const auto set =
        makeLabelExamples(tableOf({row("a", "x"), row("b", "x")}), {}, {}, m_tokenizer, upTo(16));
    QVERIFY(!set.has_value());
    QVERIFY(set.error().message.find("at least two") != std::string::npos);
}

void TestLabelExamples::batchesCarryLabelsAndTypes() {
    LabelColumns columns;
    columns.pair = "second";
    const auto set = makeLabelExamples(tableOf({row("a", "x", "b c"), row("d", "y", "e")}), columns, {},
                                       m_tokenizer, upTo(16))
                         .value();
    const std::array<const Example*, 2> rows{&set.examples[0], &set.examples[1]};
    const Batch batch = makeBatch(rows, 0);
    QVERIFY(batch.textLabels == (Ids{0, 1}));
    QCOMPARE(batch.ids, (Ids{1, 4, 2, 5, 6, 2, 1, 7, 2, 8, 2, 0}));
    QVERIFY(batch.typeIds == (std::vector<std::uint8_t>{0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 0}));
    QCOMPARE(batch.labelledTokens, std::size_t{0});
}

QTEST_GUILESS_MAIN(TestLabelExamples)
#include "tst_label_examples.moc"
