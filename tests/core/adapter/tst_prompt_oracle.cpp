#include "core/adapter/prompt_adapter.h"
#include "core/model/load_model.h"
#include "core/train/flat_adamw.h"
#include "tests/support/oracle.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/sin.h>

using namespace lathe;
using namespace lathe::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr double kLoss = 1e-5;
constexpr double kTrainingLoss = 1e-4; // Adam divides by tiny second moments at first, errors grow
constexpr double kStories = 1e-3;      // float64 reference, values rounded to 1e-6

std::unique_ptr<AdapterMethod> methodOf(const std::string& id) { return adapterMethods().make(id).value(); }

ParamValues valuesOf(const AdapterMethod& method, const ParamValues& changes) {
    ParamValues values = defaults(method.options());
    for (const auto& [key, value] : changes.map())
        values.set(key, value);
    return values;
}

/// One method with its recipe on one of the repository's random models.
std::unique_ptr<Adapter> attach(LanguageModel& model, const std::string& id, const ParamValues& changes,
                                std::uint64_t seed = 1) {
    const auto method = methodOf(id);
    const ParamValues values = valuesOf(*method, changes);
    if (const auto problems = method->check(model.summary(), values); !problems.empty())
        throw std::runtime_error(problems.front().message);
    return method->attach(model, values, seed);
}

/// The encoders, of which PEFT's file keeps nothing but the result.
struct Encoded {
    const char* folder;
    const char* method;
    ParamValues values;
};
const std::vector<Encoded> kEncoded{
    {"llama_prefix_proj", "prefix", {{"prefix_projection", true}, {"prefix_hidden_size", std::int64_t{20}}}},
    {"llama_ptuning_mlp", "p_tuning", {{"encoder_hidden_size", std::int64_t{20}}}},
    {"llama_ptuning_lstm",
     "p_tuning",
     {{"encoder_type", std::string("lstm")}, {"encoder_hidden_size", std::int64_t{16}}}}};

std::string inMemory(const std::string& name) {
    const std::string prefix = "prompt_encoder.";
    return prefix + "default." + name.substr(prefix.size());
}

/// A model with an encoder as the oracle's training started it.
struct EncodedSetup {
    explicit EncodedSetup(int number)
        : row(kEncoded[static_cast<std::size_t>(number)]),
          folder(sharedFile(std::string("oracles/adapters/") + row.folder)),
          oracle(folder),
          model(loadModel(sharedFile("oracles/models/llama")).value()) {
        ParamValues values = row.values;
        values.set("virtual_tokens", std::int64_t{5});
        adapter = attach(*model, row.method, values);
        const TensorFile start = TensorFile::open(folder / "start.safetensors").value();
        const at::NoGradGuard noGrad;
        for (const auto& [name, parameter] : adapter->parameters())
            at::Tensor(parameter).copy_(start.tensor(inMemory(name)).value());
    }

    [[nodiscard]] at::Tensor logits() const {
        return model->output(inputOf(oracle.golden.at("cases").at("right")));
    }
    [[nodiscard]] at::Tensor loss() const { return lossOf(logits(), oracle.golden.at("cases").at("right")); }

    const Encoded& row;
    fs::path folder;
    Oracle oracle;
    std::unique_ptr<LanguageModel> model; // outlives the adapter
    std::unique_ptr<Adapter> adapter;
};

void addEncoded() {
    QTest::addColumn<int>("number");
    for (std::size_t i = 0; i < kEncoded.size(); ++i)
        QTest::newRow(kEncoded[i].folder) << static_cast<int>(i);
}

/// A folder with the table that golden.json of stories260K describes by a formula.
void writeTable(const fs::path& folder, const json& config, std::int64_t width) {
    const at::Tensor places = at::arange(4 * width, at::kDouble);
    const at::Tensor table = at::sin(places * 0.37 + 0.1) * 0.5;
    if (!writeTensorFile(folder / "adapter_model.safetensors",
                         {{"prompt_embeddings", table.view({4, width}).to(at::kFloat)}})
             .has_value() ||
        !writeFileAtomically(folder / "adapter_config.json", config.dump()).has_value())
        throw std::runtime_error("cannot write " + folder.string());
}

std::string messageOf(const Result<std::unique_ptr<Adapter>>& loaded) {
    return loaded.has_value() ? std::string() : loaded.error().text();
}

} // namespace

/// Virtual tokens against the reference stack where tst_peft_oracle cannot go: encoders, of which PEFT's file
/// keeps the result alone, and adapters given by a formula.
class TestPromptOracle : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); } // tiny operations: threads only wait for each other
    void encodersAreThoseOfPeft_data() { addEncoded(); }
    void encodersAreThoseOfPeft();
    void encodersTrainAsInPeft_data() { addEncoded(); }
    void encodersTrainAsInPeft();
    void encodersLeaveTheirResult_data() { addEncoded(); }
    void encodersLeaveTheirResult();
    void storiesGiveTheReferenceLogits_data();
    void storiesGiveTheReferenceLogits();
};

void TestPromptOracle::encodersAreThoseOfPeft() {
    QFETCH(int, number);
    LATHE_NEED_SHARED(std::string("oracles/adapters/") + kEncoded[static_cast<std::size_t>(number)].folder);
    const EncodedSetup setup(number);
    const json& golden = setup.oracle.golden;
    std::int64_t count = 0;
    for (const auto& [name, parameter] : setup.adapter->parameters()) {
        QCOMPARE(parameter.sizes().vec(),
                 golden.at("trainable").at(inMemory(name)).get<std::vector<std::int64_t>>());
        count += parameter.numel();
    }
    QCOMPARE(count, golden.at("trainable_parameters").get<std::int64_t>());
    LATHE_MATCHES(mismatch(setup.loss().item<double>(), golden.at("right.loss").get<double>(), kLoss));
    setup.loss().backward();
    LATHE_MATCHES(gradientMismatch(setup.adapter->parameters(), golden.at("right.grads"), inMemory));
}

void TestPromptOracle::encodersTrainAsInPeft() {
    QFETCH(int, number);
    LATHE_NEED_SHARED(std::string("oracles/adapters/") + kEncoded[static_cast<std::size_t>(number)].folder);
    const EncodedSetup setup(number);
    FlatAdamW::Settings settings; // lr 1e-3 constant, weight decay 0.01 on everything, no clipping
    settings.weightDecay = 0.01;
    settings.shouldDecayVectors = true;
    FlatAdamW optimizer(setup.adapter->groups(), settings);
    const json& expected = setup.oracle.golden.at("training");
    const auto losses = expected.at("losses").get<std::vector<double>>();
    for (std::size_t step = 0; step < losses.size(); ++step) {
        optimizer.zeroGradients();
        const at::Tensor loss = setup.loss();
        LATHE_MATCHES(mismatch(loss.item<double>(), losses[step], kTrainingLoss));
        if (step + 1 == losses.size()) // one update fewer than losses
            break;
        loss.backward();
        optimizer.step(1e-3);
    }
    for (const auto& [name, parameter] : setup.adapter->parameters())
        LATHE_MATCHES(mismatch(parameter.detach().norm().item<double>(),
                               expected.at("final_norms").at(inMemory(name)).get<double>(), 1e-7, 1e-4));
}

/// The file is PEFT's to rounding, and read again it gives the same logits bit for bit.
void TestPromptOracle::encodersLeaveTheirResult() {
    QFETCH(int, number);
    LATHE_NEED_SHARED(std::string("oracles/adapters/") + kEncoded[static_cast<std::size_t>(number)].folder);
    EncodedSetup setup(number);
    const at::NoGradGuard noGrad;
    const TempFolder target;
    QVERIFY(setup.adapter->save(target.path(), {"the/base", "CAUSAL_LM"}).has_value());
    const TensorFile ours = TensorFile::open(target / "adapter_model.safetensors").value();
    const TensorFile theirs = TensorFile::open(setup.folder / "adapter_model.safetensors").value();
    QCOMPARE(ours.entries().size(), 1U);
    LATHE_MATCHES(mismatch(ours.tensor("prompt_embeddings").value(),
                           theirs.tensor("prompt_embeddings").value(), 1e-6, 1e-6));
    const json written = json::parse(readFile(target / "adapter_config.json").value());
    const json known = json::parse(readFile(setup.folder / "adapter_config.json").value());
    for (const auto& [key, value] : written.items())
        if (key != "base_model_name_or_path")
            QVERIFY2(known.value(key, json()) == value, key.c_str());

    const at::Tensor before = setup.logits();
    setup.adapter.reset();
    const auto loaded = loadAdapter(*setup.model, target.path());
    QVERIFY2(loaded.has_value(), messageOf(loaded).c_str());
    QVERIFY(at::equal(setup.logits(), before));
    QCOMPARE(loaded.value()->parameters().size(), 1U);
    QCOMPARE(loaded.value()->parameters().front().first, std::string("prompt_embeddings"));
}

void TestPromptOracle::storiesGiveTheReferenceLogits_data() {
    QTest::addColumn<QString>("entry");
    QTest::addColumn<QString>("config");
    QTest::newRow("prefix") << "prefix"
                            << R"({"peft_type":"PREFIX_TUNING","num_virtual_tokens":4})";
    QTest::newRow("prompt") << "prompt_tuning"
                            << R"({"peft_type":"PROMPT_TUNING","num_virtual_tokens":4})";
}

void TestPromptOracle::storiesGiveTheReferenceLogits() {
    QFETCH(QString, entry);
    QFETCH(QString, config);
    LATHE_NEED_SHARED("models/stories260K/golden.json");
    const fs::path folder = sharedFile("models/stories260K");
    const json golden = json::parse(readFile(folder / "golden.json").value()).at("adapters");
    const auto model = loadModel(folder).value();
    const TempFolder target;
    const bool isPrefix = entry == QLatin1String("prefix");
    writeTable(target.path(), json::parse(config.toStdString()),
               promptWidth(model->summary(), isPrefix ? PromptPlace::Layers : PromptPlace::Input));
    const auto adapter = loadAdapter(*model, target.path());
    QVERIFY2(adapter.has_value(), messageOf(adapter).c_str());
    const at::NoGradGuard noGrad;
    ModelInput input;
    input.ids = integers(json::array({golden.at("ids")}));
    const at::Tensor last = model->output(input)[0][-1];
    const json& expected = golden.at(entry.toStdString());
    for (const auto& pair : expected.at("last_logits_top5"))
        LATHE_MATCHES(mismatch(last[pair.at(0).get<std::int64_t>()].item<double>(), pair.at(1).get<double>(),
                               kStories));
    LATHE_MATCHES(mismatch(
        last.narrow(0, 0, 8),
        at::tensor(expected.at("last_logits_first8").get<std::vector<double>>(), at::kDouble), kStories));
    // 512 terms, each within the tolerance.
    LATHE_MATCHES(mismatch(last.to(at::kDouble).sum().item<double>(),
                           expected.at("last_logits_sum").get<double>(), 512 * kStories));
}

QTEST_GUILESS_MAIN(TestPromptOracle)
#include "tst_prompt_oracle.moc"
