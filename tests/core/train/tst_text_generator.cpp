#include "core/train/generation_config.h"
#include "core/train/text_generator.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

using namespace lathe;
using namespace lathe::test;
namespace fs = std::filesystem;

namespace {

fs::path baseModel() { return sourceFile("resources/examples/base_model"); }

std::unique_ptr<TextGenerator> open(const fs::path& folder) {
    auto opened = openTextGenerator(folder, {}, {"float32", "cpu"});
    if (!opened)
        throw std::runtime_error(opened.error().text());
    return std::move(opened).value();
}

GenerationOptions someTokens(std::int64_t count) {
    GenerationOptions options;
    options.maxNewTokens = count;
    return options;
}

} // namespace

class TestTextGenerator : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_generator = open(baseModel()); }
    void thePiecesAreTheText();
    void aStopTextIsNeverShown();
    void aStopRequestKeepsTheTextSoFar();
    void anEndTokenEndsTheText();
    void theContextIsTheLimit();
    void severalPromptsGiveWhatEachGivesAlone();
    void specialTokensSpeltOutAreNotDoubled();
    void optionsOutOfRangeAreRefused_data();
    void optionsOutOfRangeAreRefused();
    void generationConfigIsRead_data();
    void generationConfigIsRead();
    void aBadGenerationConfigIsRefused_data();
    void aBadGenerationConfigIsRefused();

private:
    std::unique_ptr<TextGenerator> m_generator;
};

void TestTextGenerator::thePiecesAreTheText() {
    std::string joined;
    GenerationOptions options = someTokens(40);
    options.temperature = 1.5;
    options.seed = 3;
    const auto made =
        m_generator->generate("Once", options, [&](std::string_view piece) { joined += piece; }, {});
    QVERIFY(made.has_value());
    QCOMPARE(joined, made->text);
    QVERIFY(!made->text.empty());
    QVERIFY(made->seconds > 0);
    QVERIFY(made->tokens == 40 || made->end == GeneratedText::End::EndToken);
}

void TestTextGenerator::aStopTextIsNeverShown() {
    const std::string whole = m_generator->generate("The", someTokens(30), {}, {})->text;
    const std::string stop = whole.substr(whole.size() / 2, 4);
    GenerationOptions options = someTokens(30);
    options.stopTexts = {stop};
    std::string shown;
    const auto made =
        m_generator->generate("The", options, [&](std::string_view piece) { shown += piece; }, {});
    QCOMPARE(made->text, whole.substr(0, whole.find(stop)));
    QCOMPARE(shown, made->text);
    QVERIFY(made->end == GeneratedText::End::StopText);
}

void TestTextGenerator::aStopRequestKeepsTheTextSoFar() {
    const std::string whole = m_generator->generate("The", someTokens(30), {}, {})->text;
    std::stop_source source;
    int pieces = 0;
    const auto stopAtThird = [&](std::string_view) {
        if (++pieces == 3)
            source.request_stop();
    };
    const auto made = m_generator->generate("The", someTokens(30), stopAtThird, source.get_token());
    QVERIFY(made->end == GeneratedText::End::Stopped);
    QVERIFY(!made->text.empty() && made->text.size() < whole.size() && whole.starts_with(made->text));
}

void TestTextGenerator::anEndTokenEndsTheText() {
    const TempFolder folder;
    for (const char* file : {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"})
        fs::create_symlink(baseModel() / file, folder / file);
    // Every token ends the text, so the first one does.
    std::string ids = "0";
    for (int id = 1; id < 1999; ++id)
        ids += "," + std::to_string(id);
    folder.write("generation_config.json", "{\"eos_token_id\": [" + ids + "]}");
    const auto made = open(folder.path())->generate("The", someTokens(30), {}, {});
    QCOMPARE(made->tokens, 1);
    QCOMPARE(made->text, std::string());
    QVERIFY(made->end == GeneratedText::End::EndToken);
}

void TestTextGenerator::theContextIsTheLimit() {
    std::string prompt;
    for (int i = 0; i < 60; ++i)
        prompt += "one two ";
    GenerationOptions options = someTokens(100000);
    options.temperature = 2; // so that no end token comes soon
    const auto made = m_generator->generate(prompt, options, {}, {});
    QVERIFY2(made.has_value(), made ? "" : made.error().text().c_str());
    QVERIFY(made->promptTokens + made->tokens <= 256);
    QVERIFY(made->promptTokens + made->tokens == 256 || made->end == GeneratedText::End::EndToken);
    const auto refused = m_generator->generate(prompt + prompt + prompt, options, {}, {});
    QVERIFY(!refused.has_value());
    QVERIFY(refused.error().kind == Error::Kind::Input);
    QVERIFY2(refused.error().text().find("context of 256") != std::string::npos,
             refused.error().text().c_str());
}

void TestTextGenerator::severalPromptsGiveWhatEachGivesAlone() {
    const std::vector<std::string> prompts{"The", "Once upon a time there was a", "A small dog"};
    for (const std::int64_t beams : {1, 3}) {
        GenerationOptions options = someTokens(20);
        options.beams = beams;
        const auto made = m_generator->generateAll(prompts, options, {});
        QVERIFY(made.has_value());
        for (std::size_t i = 0; i < prompts.size(); ++i) {
            const auto alone = m_generator->generate(prompts[i], options, {}, {});
            QCOMPARE((*made)[i].text, alone->text);
            QCOMPARE((*made)[i].tokens, alone->tokens);
            QVERIFY((*made)[i].end == alone->end);
        }
    }
}

void TestTextGenerator::specialTokensSpeltOutAreNotDoubled() {
    const auto plain = m_generator->generate("The", someTokens(4), {}, {});
    const auto spelt = m_generator->generate("<s>The", someTokens(4), {}, {});
    QCOMPARE(spelt->promptTokens, plain->promptTokens);
    QCOMPARE(spelt->text, plain->text);
}

void TestTextGenerator::optionsOutOfRangeAreRefused_data() {
    QTest::addColumn<int>("which");
    for (const char* name : {"max_new_tokens", "temperature", "top_k", "top_p", "min_p", "repetition_penalty",
                             "no_repeat_ngram", "beams", "length_penalty"})
        QTest::newRow(name) << 0;
}

void TestTextGenerator::optionsOutOfRangeAreRefused() {
    const std::string name = QTest::currentDataTag();
    GenerationOptions options;
    options.maxNewTokens = name == "max_new_tokens" ? 0 : 4;
    options.temperature = name == "temperature" ? -1 : 0;
    options.topK = name == "top_k" ? -1 : 0;
    options.topP = name == "top_p" ? 1.5 : 1;
    options.minP = name == "min_p" ? -0.1 : 0;
    options.repetitionPenalty = name == "repetition_penalty" ? 0 : 1;
    options.noRepeatNgram = name == "no_repeat_ngram" ? -2 : 0;
    options.beams = name == "beams" ? 0 : 1;
    options.lengthPenalty = name == "length_penalty" ? std::numeric_limits<double>::infinity() : 1;
    const auto made = m_generator->generate("The", options, {}, {});
    QVERIFY(!made.has_value());
    QVERIFY(made.error().kind == Error::Kind::Input);
    QVERIFY2(made.error().text().starts_with(name), made.error().text().c_str());
}

void TestTextGenerator::generationConfigIsRead_data() {
    QTest::addColumn<QString>("json");
    QTest::addColumn<double>("temperature");
    QTest::addColumn<int>("topK");
    QTest::addColumn<int>("maxNewTokens");
    QTest::newRow("no file") << "" << 0.0 << 0 << 256;
    QTest::newRow("empty") << "{}" << 0.0 << 0 << 256;
    QTest::newRow("greedy in spite of a temperature")
        << R"({"temperature": 0.6, "top_k": 20})" << 0.0 << 0 << 256;
    QTest::newRow("sampling") << R"({"do_sample": true})" << 1.0 << 50 << 256;
    QTest::newRow("sampling with settings")
        << R"({"do_sample": true, "temperature": 0.6, "top_k": 20, "max_new_tokens": 12, "min_p": null})"
        << 0.6 << 20 << 12;
}

void TestTextGenerator::generationConfigIsRead() {
    QFETCH(QString, json);
    const TempFolder folder;
    if (!json.isEmpty())
        folder.write("generation_config.json", json.toStdString());
    const auto config = readGenerationConfig(folder.path());
    QVERIFY(config.has_value());
    QTEST(config->options.temperature, "temperature");
    QTEST(static_cast<int>(config->options.topK), "topK");
    QTEST(static_cast<int>(config->options.maxNewTokens), "maxNewTokens");
}

void TestTextGenerator::aBadGenerationConfigIsRefused_data() {
    QTest::addColumn<QString>("json");
    QTest::addColumn<QString>("message");
    QTest::newRow("no object") << "[1]"
                               << "is not a JSON object";
    QTest::newRow("kind") << R"({"num_beams": "four"})"
                          << "num_beams is \"four\"; a whole number is needed";
    QTest::newRow("range") << R"({"repetition_penalty": -1})"
                           << "repetition_penalty: is -1";
    QTest::newRow("end tokens") << R"({"eos_token_id": [1, "x"]})"
                                << "eos_token_id";
    QTest::newRow("never") << R"({"early_stopping": "never"})"
                           << "not supported";
}

void TestTextGenerator::aBadGenerationConfigIsRefused() {
    QFETCH(QString, json);
    QFETCH(QString, message);
    const TempFolder folder;
    folder.write("generation_config.json", json.toStdString());
    const auto config = readGenerationConfig(folder.path());
    QVERIFY(!config.has_value());
    const std::string said = config.error().text();
    QVERIFY2(said.find(message.toStdString()) != std::string::npos, said.c_str());
    QVERIFY2(said.find("generation_config.json") != std::string::npos, said.c_str());
}

QTEST_GUILESS_MAIN(TestTextGenerator)
#include "tst_text_generator.moc"
