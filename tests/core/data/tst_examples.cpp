#include "core/base/files.h"
#include "core/data/examples.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <algorithm>

using namespace lathe;

namespace {

const QString kStories = QStringLiteral("models/stories260K");
const QString kGpt2 = QStringLiteral("models/tokenizers/gpt2/tokenizer.json");

std::vector<std::int32_t> labelled(const Example& example) {
    std::vector<std::int32_t> ids;
    std::copy_if(example.labels.begin(), example.labels.end(), std::back_inserter(ids),
                 [](std::int32_t label) { return label != kIgnoreLabel; });
    return ids;
}

std::size_t promptTokens(const Example& example) {
    return static_cast<std::size_t>(std::count(example.labels.begin(), example.labels.end(), kIgnoreLabel));
}

Table instructionTable(std::vector<Row> rows) {
    Table table;
    table.source = "rows.jsonl";
    table.columns = {"instruction", "input", "output"};
    for (std::size_t i = 0; i < rows.size(); ++i)
        table.add(std::move(rows[i]), i + 1);
    return table;
}

Row row(const std::string& instruction, const std::string& input, const std::string& output) {
    return {{"instruction", instruction}, {"input", input}, {"output", output}};
}

PromptTemplate preset(const std::string& id) { return findPromptTemplate(id).value(); }

/// One word a token, split at white space: small enough that every id below can be checked by eye. `endings`
/// makes it add its own begin and end tokens, as many tokenizers do.
std::string wordTokenizerJson(bool endings) {
    std::string json = R"({"version":"1.0","truncation":null,"padding":null,"added_tokens":[
        {"id":0,"content":"<s>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true},
        {"id":1,"content":"</s>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}],
        "normalizer":null,"pre_tokenizer":{"type":"WhitespaceSplit"},"post_processor":)";
    json += endings ? R"({"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},
        {"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"</s>","type_id":0}}],"pair":[
        {"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],"special_tokens":{
        "<s>":{"id":"<s>","ids":[0],"tokens":["<s>"]},"</s>":{"id":"</s>","ids":[1],"tokens":["</s>"]}}})"
                    : "null";
    return json + R"(,"decoder":null,"model":{"type":"WordLevel","unk_token":"?","vocab":{
        "<s>":0,"</s>":1,"?":2,"add":3,"one":4,"two":5,"three":6,"Answer:":7}}})";
}

Tokenizer wordTokenizer(bool endings = false) {
    const test::TempFolder folder;
    folder.write("tokenizer_config.json", R"({"bos_token":"<s>","eos_token":"</s>"})");
    return Tokenizer::load(folder.write("tokenizer.json", wordTokenizerJson(endings))).value();
}

} // namespace

class TestExamples : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void lossIsTakenOnTheAnswerAndTheEndToken();
    void lossOnPromptTakesEverything();
    void specialTokensTheTokenizerAddsAreNotDoubled();
    void longRowsAreCutWithoutEndTokenAndCounted();
    void rowsThatTeachNothingAreDroppedWithTheirLines();
    void aRowWithoutTheColumnIsRefused();
    void noExampleLeftIsRefused();
    void promptsBeginAsTrainingSequencesDo();
    void labelsDecodeToTheAnswer_data();
    void labelsDecodeToTheAnswer();
    void textIsCutIntoBlocksThatLoseNoToken();
    void corpusBlocksDecodeToTheCorpus();
    void aMissingTextColumnIsRefused();
};

void TestExamples::lossIsTakenOnTheAnswerAndTheEndToken() {
    const Tokenizer tokenizer = wordTokenizer();
    const auto set = makeInstructionExamples(instructionTable({row("add", "one two", "three")}),
                                             preset("plain"), tokenizer, {});
    QVERIFY(set.has_value());
    const Example& example = set->examples.at(0);
    QCOMPARE(example.ids, (std::vector<std::int32_t>{0, 3, 4, 5, 7, 6, 1}));
    QCOMPARE(example.labels, (std::vector<std::int32_t>{-100, -100, -100, -100, -100, 6, 1}));
    QCOMPARE(example.prompt, "add\n\none two\n\nAnswer:");
    QCOMPARE(example.answer, " three");
}

void TestExamples::lossOnPromptTakesEverything() {
    const Tokenizer tokenizer = wordTokenizer();
    ExampleOptions options;
    options.lossOnPrompt = true;
    options.shouldAppendEos = false;
    options.shouldPrependBos = false;
    const auto set = makeInstructionExamples(instructionTable({row("add", "", "three")}), preset("plain"),
                                             tokenizer, options);
    QCOMPARE(set->examples.at(0).ids, (std::vector<std::int32_t>{3, 7, 6}));
    QCOMPARE(set->examples.at(0).labels, set->examples.at(0).ids);
}

void TestExamples::specialTokensTheTokenizerAddsAreNotDoubled() {
    const Tokenizer plain = wordTokenizer();
    const Tokenizer adding = wordTokenizer(true);
    const Table table = instructionTable({row("add", "one two", "three")});
    const auto wanted = makeInstructionExamples(table, preset("plain"), plain, {});
    const auto got = makeInstructionExamples(table, preset("plain"), adding, {});
    QCOMPARE(got->examples.at(0).ids, wanted->examples.at(0).ids);
    QCOMPARE(got->examples.at(0).labels, wanted->examples.at(0).labels);
}

void TestExamples::longRowsAreCutWithoutEndTokenAndCounted() {
    const Tokenizer tokenizer = wordTokenizer();
    const Table table = instructionTable({row("add", "", "one two three"), row("add", "", "one")});
    ExampleOptions options;
    options.maxLength = 5;
    const auto set = makeInstructionExamples(table, preset("plain"), tokenizer, options);
    QCOMPARE(set->truncatedCount, 1U);
    QCOMPARE(set->examples.at(0).ids, (std::vector<std::int32_t>{0, 3, 7, 4, 5}));
    QCOMPARE(set->examples.at(1).ids, (std::vector<std::int32_t>{0, 3, 7, 4, 1}));
    options.maxLength = 4; // the second row fits exactly, without its end token
    const auto tight = makeInstructionExamples(table, preset("plain"), tokenizer, options);
    QCOMPARE(tight->truncatedCount, 1U);
    QCOMPARE(tight->examples.at(1).ids, (std::vector<std::int32_t>{0, 3, 7, 4}));
}

void TestExamples::rowsThatTeachNothingAreDroppedWithTheirLines() {
    const Tokenizer tokenizer = wordTokenizer();
    Table table = instructionTable({row("add", "", "one"), row("add", "", ""),
                                    row("add one two three", "", "one"), row("add", "", "  ")});
    table.dropped.push_back({9, "broken JSON"});
    ExampleOptions options;
    options.maxLength = 6;
    const auto set = makeInstructionExamples(table, preset("plain"), tokenizer, options);
    QCOMPARE(set->examples.size(), 1U);
    QCOMPARE(set->dropped.size(), 4U);
    QCOMPARE(set->dropped[0].line, 9U);
    QCOMPARE(set->dropped[1].line, 2U);
    QCOMPARE(set->dropped[1].reason, "the column \"output\" is empty");
    QCOMPARE(set->dropped[2].line, 3U);
    QCOMPARE(set->dropped[2].reason, "the prompt alone has 6 tokens; the maximum length is 6");
    QCOMPARE(set->dropped[3].line, 4U);
    QCOMPARE(set->examples.size() + set->dropped.size(), table.size() + table.dropped.size());
}

void TestExamples::aRowWithoutTheColumnIsRefused() {
    const Tokenizer tokenizer = wordTokenizer();
    Table table = instructionTable({row("add", "", "one"), {{"instruction", "add"}}});
    const auto set = makeInstructionExamples(table, preset("plain"), tokenizer, {});
    QVERIFY(!set.has_value());
    QCOMPARE(set.error().text(), "rows.jsonl, line 2: has no column \"output\"; its columns are instruction");
}

void TestExamples::noExampleLeftIsRefused() {
    const Tokenizer tokenizer = wordTokenizer();
    const auto set =
        makeInstructionExamples(instructionTable({row("add", "", "")}), preset("plain"), tokenizer, {});
    QVERIFY(!set.has_value());
    QCOMPARE(set.error().kind, Error::Kind::Input);
    QCOMPARE(set.error().text(), "rows.jsonl: gives no training example; the first problem is in line 1: the "
                                 "column \"output\" is empty");
}

void TestExamples::promptsBeginAsTrainingSequencesDo() {
    for (const bool endings : {false, true}) {
        const Tokenizer tokenizer = wordTokenizer(endings);
        const auto set = makeInstructionExamples(instructionTable({row("add", "one", "two")}),
                                                 preset("plain"), tokenizer, {});
        const Example& example = set->examples.at(0);
        const auto ids = encodePrompt(example.prompt, tokenizer, {});
        QVERIFY(ids.has_value());
        QCOMPARE(*ids, std::vector<std::int32_t>(
                           example.ids.begin(), example.ids.begin() + std::ptrdiff_t(promptTokens(example))));
    }
}

void TestExamples::labelsDecodeToTheAnswer_data() {
    QTest::addColumn<QString>("tokenizerPath");
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("promptTemplate");
    for (const QString& path : {kStories, kGpt2})
        for (const char* file : {"alpaca_en_demo.json", "dolly_short_6k.jsonl"})
            for (const char* prompt : {"plain", "alpaca", "llm-adapters-train"})
                QTest::newRow(qPrintable(path + " " + file + " " + prompt))
                    << path << QStringLiteral("data/instruct/") + file << QString(prompt);
}

/// The mask is right exactly if what it leaves, decoded, is the answer: for real tokenizers, real rows and
/// all templates, end token included.
void TestExamples::labelsDecodeToTheAnswer() {
    QFETCH(QString, tokenizerPath);
    QFETCH(QString, file);
    QFETCH(QString, promptTemplate);
    LATHE_NEED_SHARED(tokenizerPath.toStdString());
    LATHE_NEED_SHARED(file.toStdString());
    const auto tokenizer = Tokenizer::load(test::sharedFile(tokenizerPath.toStdString()));
    QVERIFY2(tokenizer.has_value(), tokenizer ? "" : tokenizer.error().text().c_str());
    const Table whole = readTable(test::sharedFile(file.toStdString())).value();
    Table table;
    table.source = whole.source;
    table.columns = whole.columns;
    for (std::size_t i = 0; i < 100; ++i)
        table.add(whole.row(i), whole.line(i));
    ExampleOptions options;
    options.maxLength = 100'000;
    const auto set =
        makeInstructionExamples(table, preset(promptTemplate.toStdString()), *tokenizer, options);
    QVERIFY2(set.has_value(), set ? "" : set.error().text().c_str());
    const bool endsInSpaces = promptTemplate == "llm-adapters-train";
    std::size_t exact = 0;
    for (const Example& example : set->examples) {
        std::vector<std::int32_t> answer = labelled(example);
        QCOMPARE(answer.back(), *tokenizer->eosId());
        answer.pop_back();
        std::string text = tokenizer->decode(answer, false).value();
        // SentencePiece decoders take away the space they put in front of a text.
        if (!text.starts_with(' ') && example.answer.starts_with(' '))
            text.insert(text.begin(), ' ');
        // A prompt that ends in spaces runs into the answer's first token, which then begins in the prompt;
        // where that token ends inside a character, the rest of it decodes to replacement signs.
        while (endsInSpaces && text.starts_with("\xEF\xBF\xBD"))
            text.erase(0, 3);
        const bool isExact = endsInSpaces ? example.answer.ends_with(text) : text == example.answer;
        exact += isExact ? 1 : 0;
        if (!isExact)
            qInfo("wanted \"%s\", got \"%s\"", example.answer.substr(0, 60).c_str(),
                  text.substr(0, 60).c_str());
    }
    QCOMPARE(exact, set->examples.size());
}

void TestExamples::textIsCutIntoBlocksThatLoseNoToken() {
    const Tokenizer tokenizer = wordTokenizer();
    Table table;
    table.source = "text.txt";
    table.columns = {"text"};
    std::size_t line = 1;
    for (const char* text : {"one two", "three", "add add"})
        table.add({{"text", text}}, std::exchange(line, line + 2));
    ExampleOptions options;
    options.maxLength = 4;
    const auto set = makeTextExamples(table, "text", tokenizer, options);
    QVERIFY(set.has_value());
    std::vector<std::int32_t> stream;
    for (const Example& example : set->examples) {
        QCOMPARE(example.labels, example.ids);
        QVERIFY(example.ids.size() <= 4);
        stream.insert(stream.end(), example.ids.begin(), example.ids.end());
    }
    QCOMPARE(stream, (std::vector<std::int32_t>{0, 4, 5, 1, 0, 6, 1, 0, 3, 3, 1}));
}

void TestExamples::corpusBlocksDecodeToTheCorpus() {
    LATHE_NEED_SHARED("data/corpus/tinystories_200k.txt");
    LATHE_NEED_SHARED(kStories.toStdString());
    const auto tokenizer = Tokenizer::load(test::sharedFile(kStories.toStdString()));
    QVERIFY2(tokenizer.has_value(), tokenizer ? "" : tokenizer.error().text().c_str());
    const Table table = readTable(test::sharedFile("data/corpus/tinystories_200k.txt")).value();
    ExampleOptions options;
    options.maxLength = 128;
    const auto set = makeTextExamples(table, "text", *tokenizer, options);
    QVERIFY(set.has_value());
    std::vector<std::int32_t> stream;
    for (const Example& example : set->examples)
        stream.insert(stream.end(), example.ids.begin(), example.ids.end());
    std::size_t at = 0;
    for (std::size_t i = 0; i < table.size(); ++i) {
        const Row one = table.row(i);
        const auto end = std::find(stream.begin() + std::ptrdiff_t(at), stream.end(), *tokenizer->eosId());
        QVERIFY(end != stream.end());
        QCOMPARE(stream[at], *tokenizer->bosId());
        const std::vector<std::int32_t> ids(stream.begin() + std::ptrdiff_t(at) + 1, end);
        QCOMPARE(tokenizer->decode(ids, false).value(), one.at("text"));
        at = static_cast<std::size_t>(end - stream.begin()) + 1;
    }
    QCOMPARE(at, stream.size());
}

void TestExamples::aMissingTextColumnIsRefused() {
    const Tokenizer tokenizer = wordTokenizer();
    const auto set =
        makeTextExamples(instructionTable({row("add", "", "one")}), "story", tokenizer, ExampleOptions{});
    QVERIFY(!set.has_value());
    QVERIFY(set.error().message.find("has no column \"story\"") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestExamples)
#include "tst_examples.moc"
