#include "core/model/load_model.h"
#include "core/text/tokenizer.h"
#include "core/train/text_generator.h"
#include "tests/core/train/run_recorder.h"
#include "tests/core/train/tiny_model.h"

#include <QtTest>

#include <ATen/ops/allclose.h>

using namespace lathe;
using namespace lathe::test;

namespace {

constexpr std::int64_t kTokens = 4;
constexpr std::int64_t kContext = 64; // of the tiny model

GenerationOptions someTokens(std::int64_t count, std::int64_t beams = 1) {
    GenerationOptions options;
    options.maxNewTokens = count;
    options.beams = beams;
    return options;
}

} // namespace

/// Runs that train virtual tokens, and what is done with their folders.
class TestPromptRun : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { writeTinyProject(m_files); }
    void lossFalls_data() { addMethods(); }
    void lossFalls();
    void trainedFolderContinuesTexts_data() { addMethods(); }
    void trainedFolderContinuesTexts();
    void virtualTokensTakeRoomInTheContext_data() { addMethods(); }
    void virtualTokensTakeRoomInTheContext();
    void theTokenizerReadsTheTextToStartFrom();
    void textsAndVirtualTokensMustFitTheModel();

private:
    static void addMethods() {
        QTest::addColumn<QString>("method");
        for (const char* method : {"prefix", "prompt", "p_tuning"})
            QTest::newRow(method) << method;
    }
    [[nodiscard]] ParamValues recipe(const std::string& method, const ParamValues& changes = {}) const {
        ParamValues values = tinyRecipe(m_files.path());
        values.set("method", method);
        values.set("virtual_tokens", kTokens);
        for (const auto& [key, value] : changes.map())
            values.set(key, value);
        return values;
    }
    /// The folder that a short run leaves.
    [[nodiscard]] std::filesystem::path trained(const std::string& method, const ParamValues& changes = {}) {
        RunRecorder recorder(m_files / std::to_string(++m_folders));
        const auto result = recorder.run(recipe(method, changes));
        if (!result.has_value())
            throw std::runtime_error(result.error().text());
        m_losses = recorder.series("eval_loss");
        return result->adapterFolder;
    }
    [[nodiscard]] std::unique_ptr<TextGenerator> open(const std::filesystem::path& adapter) const {
        auto opened = openTextGenerator(m_files / "model", AdapterMix::only(adapter), {"float32", "cpu"});
        if (!opened.has_value())
            throw std::runtime_error(opened.error().text());
        return std::move(opened).value();
    }

    TempFolder m_files;
    RunRecorder::Series m_losses;
    int m_folders = 0;
};

void TestPromptRun::lossFalls() {
    QFETCH(QString, method);
    static_cast<void>(trained(method.toStdString(), {{"max_steps", std::int64_t{40}}}));
    // Little of a random frozen model is to be reached from in front of the text.
    QVERIFY2(m_losses.at(40) < 0.99 * m_losses.at(0),
             qPrintable(QStringLiteral("%1 to %2").arg(m_losses.at(0)).arg(m_losses.at(40))));
}

void TestPromptRun::trainedFolderContinuesTexts() {
    QFETCH(QString, method);
    const auto generator = open(trained(method.toStdString()));
    const auto base = open({});
    const std::vector<std::string> prompts{"the", "What does it say? the small dog", "the big"};
    bool isDifferent = false;
    for (const std::int64_t beams : {1, 3}) {
        const auto made = generator->generateAll(prompts, someTokens(12, beams), {});
        QVERIFY2(made.has_value(), made ? "" : made.error().text().c_str());
        for (std::size_t i = 0; i < prompts.size(); ++i) {
            const auto alone = generator->generate(prompts[i], someTokens(12, beams), {}, {});
            QCOMPARE((*made)[i].text, alone->text);
            QCOMPARE((*made)[i].tokens, alone->tokens);
            const auto without = base->generate(prompts[i], someTokens(12, beams), {}, {});
            isDifferent = isDifferent || without->text != alone->text;
        }
    }
    QVERIFY(isDifferent);
}

void TestPromptRun::virtualTokensTakeRoomInTheContext() {
    QFETCH(QString, method);
    const auto generator = open(trained(method.toStdString(), {{"max_steps", std::int64_t{1}}}));
    GenerationOptions options = someTokens(1000);
    options.temperature = 3; // so that no end token comes soon
    std::int64_t longest = 0;
    for (options.seed = 0; options.seed < 5; ++options.seed) {
        const auto made = generator->generate("the", options, {}, {});
        QVERIFY2(made.has_value(), made ? "" : made.error().text().c_str());
        longest = std::max(longest, made->promptTokens + made->tokens);
    }
    QCOMPARE(longest, kContext - kTokens);
    std::string tooLong;
    for (int i = 0; i < 80; ++i)
        tooLong += "x y ";
    const auto refused = generator->generate(tooLong, options, {}, {});
    QVERIFY(!refused.has_value());
    QVERIFY2(refused.error().text().find("context of 64, of which the adapter takes 4") != std::string::npos,
             refused.error().text().c_str());
}

void TestPromptRun::theTokenizerReadsTheTextToStartFrom() {
    const std::string text = "What does it say?";
    const auto folder = trained("prompt", {{"tokens_init", std::string("text")},
                                           {"init_text", text},
                                           {"max_steps", std::int64_t{1}},
                                           {"learning_rate", 1e-9}});
    const Tokenizer tokenizer = Tokenizer::load(m_files / "model").value();
    const auto ids = tokenizer.encode(text, true).value().ids;
    QVERIFY(ids.size() > 1);
    const auto model = loadModel(m_files / "model").value();
    const at::Tensor& table = model->weight("model.embed_tokens.weight");
    const TensorFile file = TensorFile::open(folder / "adapter_model.safetensors").value();
    const at::Tensor prompt = file.tensor("prompt_embeddings").value();
    QCOMPARE(prompt.size(0), kTokens);
    for (std::int64_t i = 0; i < kTokens; ++i)
        QVERIFY(at::allclose(prompt[i], table[ids[static_cast<std::size_t>(i) % ids.size()]], 0, 1e-6));
}

void TestPromptRun::textsAndVirtualTokensMustFitTheModel() {
    QVERIFY(preflight(recipe("prefix", {{"max_length", kContext - kTokens}})).empty());
    const auto problems = preflight(recipe("prefix", {{"max_length", kContext - kTokens + 1}}));
    QCOMPARE(problems.size(), 1U);
    QCOMPARE(problems.front().key, std::string("virtual_tokens"));
}

QTEST_GUILESS_MAIN(TestPromptRun)
#include "tst_prompt_run.moc"
