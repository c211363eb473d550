#include "core/adapter/adapter_method.h"
#include "core/base/files.h"
#include "core/kernels/hadamard_change.h"
#include "core/kernels/vera_change.h"
#include "core/model/load_model.h"
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

const fs::path kGolden = sourceFile("tests/data/golden/adapters/low_rank");

std::unique_ptr<LanguageModel> modelOf(const std::string& architecture, at::ScalarType dtype = at::kFloat) {
    return loadModel(sourceFile("tests/data/golden/architectures/" + architecture), {dtype, at::kCPU})
        .value();
}

json readJson(const fs::path& path) { return json::parse(readFile(path).value()); }

std::map<std::string, at::Tensor> tensorsIn(const fs::path& folder) {
    std::map<std::string, at::Tensor> tensors;
    const TensorFile file = TensorFile::open(folder / "adapter_model.safetensors").value();
    for (const auto& [name, entry] : file.entries())
        tensors[name] = file.tensor(name).value().clone();
    return tensors;
}

ModelInput inputFor(const LanguageModel& model) {
    ModelInput input;
    input.ids = (at::arange(12, at::kLong) * 7 % (model.summary().vocabularySize - 3) + 3).view({2, 6});
    return input;
}

/// Values without a pattern, fp64.
at::Tensor values(at::IntArrayRef shape, double phase) {
    std::int64_t count = 1;
    for (const std::int64_t size : shape)
        count *= size;
    return at::sin(at::arange(count, at::kDouble) * 1.7 + phase).view(shape).clone();
}

/// Compares a node's gradients with finite differences of a sum with uneven weights.
QString gradientProblem(std::vector<at::Tensor> leaves,
                        const std::function<at::Tensor(const std::vector<at::Tensor>&)>& node) {
    const auto loss = [&] {
        const at::Tensor y = node(leaves);
        return (y * values(y.sizes(), 0.4)).sum();
    };
    for (at::Tensor& leaf : leaves)
        leaf.requires_grad_(true);
    loss().backward();
    const at::NoGradGuard noGrad;
    for (std::size_t i = 0; i < leaves.size(); ++i)
        for (std::int64_t place = 0; place < leaves[i].numel(); place += 3) {
            at::Tensor entry = leaves[i].view(-1)[place];
            const double before = entry.item<double>();
            entry.fill_(before + 1e-6);
            const double above = loss().item<double>();
            entry.fill_(before - 1e-6);
            const double below = loss().item<double>();
            entry.fill_(before);
            const QString problem =
                mismatch(leaves[i].grad().view(-1)[place].item<double>(), (above - below) / 2e-6, 1e-7, 1e-7);
            if (!problem.isEmpty())
                return QStringLiteral("leaf %1: ").arg(i) + problem;
        }
    return {};
}

/// A fresh adapter on the tiny LLaMA whose every parameter differs from its start.
struct Bench {
    explicit Bench(const std::string& method, const ParamValues& changes = {},
                   const std::string& architecture = "llama")
        : model(modelOf(architecture)) {
        const auto made = adapterMethods().make(method).value();
        ParamValues all = defaults(made->options());
        for (const auto& [key, value] : changes.map())
            all.set(key, value);
        adapter = made->attach(*model, all, 5);
        const at::NoGradGuard noGrad;
        for (const auto& [name, tensor] : adapter->parameters())
            at::Tensor(tensor).add_(values(tensor.sizes(), 0.1).to(at::kFloat) * 0.2);
    }
    [[nodiscard]] at::Tensor output() const { return model->output(inputFor(*model)); }
    [[nodiscard]] at::Tensor outputAt(std::int64_t step) const {
        adapter->beginStep(step);
        const at::Tensor result = output();
        adapter->endTraining();
        return result;
    }

    std::unique_ptr<LanguageModel> model; // outlives the adapter
    std::unique_ptr<Adapter> adapter;
};

} // namespace

/// VeRA, LoHa, LoKr, IA3 and AdaLoRA: what PEFT says with other options than the shared oracles have, and
/// what each has for itself.
class TestLowRankFamilies : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); } // of tiny operations
    void foldersOfPeftGiveItsLogits_data();
    void foldersOfPeftGiveItsLogits();
    void savedAgainTheyAreTheSame_data() { foldersOfPeftGiveItsLogits_data(); }
    void savedAgainTheyAreTheSame();
    void veraDrawsTheMatricesThatPeftSaves();
    void veraWithoutPromisedMatricesIsRefused();
    void nodesHaveTheGradientsOfTheirFormulas();
    void bothWaysOfLohaComputeTheSame();
    void lokrFactorsAreThoseOfPeft_data();
    void lokrFactorsAreThoseOfPeft();
    void modulesThatAreOutLeaveTheBase();
    void droppedRowsChangeWithTheStepAlone();
    void ia3StandsBetweenBaseAndItself();
    void ia3FindsItsUsualPlaces_data();
    void ia3FindsItsUsualPlaces();
    void ia3NamesWholePathsWhereShortNamesMislead();
};

void TestLowRankFamilies::foldersOfPeftGiveItsLogits_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"vera_drawn", "vera_gpt2", "loha_patterns", "lokr_both", "lokr_factor",
                             "ia3_gpt2", "ia3_plain", "adalora_fresh", "adalora_head"})
        QTest::newRow(name) << name;
}

void TestLowRankFamilies::foldersOfPeftGiveItsLogits() {
    QFETCH(QString, name);
    const fs::path folder = kGolden / name.toStdString();
    const Oracle oracle(folder);
    const auto model = modelOf(oracle.golden.at("base").get<std::string>());
    const auto adapter = loadAdapter(*model, folder);
    QVERIFY2(adapter.has_value(), adapter.has_value() ? "" : adapter.error().text().c_str());
    std::int64_t count = 0;
    for (const auto& [parameter, tensor] : adapter.value()->parameters())
        count += tensor.numel();
    QCOMPARE(count, oracle.golden.at("trainable").get<std::int64_t>());
    ModelInput input;
    input.ids = integers(oracle.golden.at("input_ids"));
    const at::NoGradGuard noGrad;
    LATHE_MATCHES(mismatch(model->output(input), oracle.array("logits"), 2e-5));
}

void TestLowRankFamilies::savedAgainTheyAreTheSame() {
    QFETCH(QString, name);
    const fs::path folder = kGolden / name.toStdString();
    const json config = readJson(folder / "adapter_config.json");
    const auto model = modelOf(readJson(folder / "golden.json").at("base").get<std::string>());
    const auto adapter = loadAdapter(*model, folder).value();
    const TempFolder saved;
    QVERIFY(adapter->save(saved.path(), {"the/base", config.at("task_type").get<std::string>()}).has_value());
    const auto ours = tensorsIn(saved.path());
    const auto theirs = tensorsIn(folder);
    QCOMPARE(ours.size(), theirs.size());
    for (const auto& [tensor, value] : theirs)
        QVERIFY2(ours.contains(tensor) && at::equal(ours.at(tensor), value), tensor.c_str());
    const json again = readJson(saved.path() / "adapter_config.json");
    for (const auto& [key, value] : config.items())
        if (key != "base_model_name_or_path" && key != "target_modules" && key != "feedforward_modules" &&
            !key.ends_with("_pattern") && key != "exclude_modules")
            QVERIFY2(again.value(key, json()) == value, key.c_str());
}

void TestLowRankFamilies::veraDrawsTheMatricesThatPeftSaves() {
    const std::string path = "oracles/adapters/llama_vera";
    LATHE_NEED_SHARED(path);
    const auto model = loadModel(sharedFile("oracles/models/llama")).value();
    const auto method = adapterMethods().make("vera").value();
    ParamValues all = defaults(method->options());
    all.set("vera_rank", std::int64_t{8});
    all.set("target_modules", std::string("q_proj,o_proj,up_proj"));
    const auto adapter = method->attach(*model, all, 1);
    const TempFolder saved;
    QVERIFY(adapter->save(saved.path(), {"the/base", "CAUSAL_LM"}).has_value());
    const auto ours = tensorsIn(saved.path());
    const auto theirs = tensorsIn(sharedFile(path));
    for (const char* name : {"base_model.vera_A", "base_model.vera_B"})
        QVERIFY(at::equal(ours.at(name), theirs.at(name)));
}

void TestLowRankFamilies::veraWithoutPromisedMatricesIsRefused() {
    const TempFolder folder;
    json config = readJson(kGolden / "vera_drawn/adapter_config.json");
    config["save_projection"] = true;
    folder.write("adapter_config.json", config.dump());
    fs::copy_file(kGolden / "vera_drawn/adapter_model.safetensors", folder / "adapter_model.safetensors");
    const auto model = modelOf("llama");
    const auto loaded = loadAdapter(*model, folder.path());
    QVERIFY(!loaded.has_value());
    QVERIFY(loaded.error().message.find("save_projection") != std::string::npos);
}

void TestLowRankFamilies::nodesHaveTheGradientsOfTheirFormulas() {
    const at::Tensor a = values({3, 5}, 0.2), b = values({4, 3}, 0.5),
                     mask = values({2, 3, 5}, 0.9).gt(0).to(at::kDouble) * 2;
    for (const at::Tensor& each : {at::Tensor(), mask})
        LATHE_MATCHES(gradientProblem(
            {values({2, 3, 5}, 0.1), values({3}, 0.7), values({4}, 1.1)},
            [&](const std::vector<at::Tensor>& x) { return veraChange(x[0], a, b, x[1], x[2], 0.7, each); }));
    LATHE_MATCHES(gradientProblem(
        {values({2, 3, 5}, 0.1), values({4, 2}, 0.2), values({2, 5}, 0.3), values({4, 2}, 0.6),
         values({2, 5}, 0.8)},
        [](const std::vector<at::Tensor>& x) { return hadamardChange(x[0], x[1], x[2], x[3], x[4], 0.7); }));
}

void TestLowRankFamilies::bothWaysOfLohaComputeTheSame() {
    for (const std::int64_t rank : {1, 16}) { // by pairs of columns, and by the matrix
        const Bench bench("loha", {{"rank", rank}, {"alpha", 1.0}});
        const at::NoGradGuard noGrad;
        const at::Tensor beside = bench.output();
        QVERIFY(bench.adapter->merge().has_value());
        LATHE_MATCHES(mismatch(bench.output(), beside, 1e-4));
    }
}

void TestLowRankFamilies::lokrFactorsAreThoseOfPeft_data() {
    QTest::addColumn<int>("factor");
    QTest::addColumn<int>("first");
    // Of the tiny LLaMA's width 24.
    QTest::newRow("near the root") << -1 << 4;
    QTest::newRow("a divisor") << 3 << 3;
    QTest::newRow("a large divisor") << 12 << 12;
    QTest::newRow("none") << 5 << 4;
    QTest::newRow("one") << 1 << 1;
}

void TestLowRankFamilies::lokrFactorsAreThoseOfPeft() {
    QFETCH(int, factor);
    QFETCH(int, first);
    const Bench bench("lokr", {{"decompose_factor", static_cast<std::int64_t>(factor)},
                               {"target_modules", std::string("q_proj")},
                               {"target_layers", std::string("0")}});
    const std::int64_t width = bench.model->summary().hiddenSize;
    QCOMPARE(width, 24);
    QVERIFY(bench.adapter->parameters().front().first.ends_with("lokr_w1"));
    QCOMPARE(bench.adapter->parameters().front().second.size(1), first);
}

void TestLowRankFamilies::modulesThatAreOutLeaveTheBase() {
    for (const char* method : {"loha", "lokr"}) {
        const Bench bench(method, {{"module_dropout", 0.5},
                                   {"target_modules", std::string("q_proj")},
                                   {"target_layers", std::string("0")}});
        const at::Tensor with = bench.output();
        bench.adapter->setStrength(0);
        const at::Tensor base = bench.output();
        bench.adapter->setStrength(1);
        int out = 0;
        for (std::int64_t step = 0; step < 40; ++step) {
            const at::Tensor now = bench.outputAt(step);
            const bool isOut = at::equal(now, base);
            QVERIFY(isOut || at::equal(now, with));
            now.sum().backward(); // also where the only site is out
            out += isOut ? 1 : 0;
        }
        QVERIFY2(out > 8 && out < 32, qPrintable(QString::number(out)));
        QVERIFY(at::equal(bench.output(), with));
    }
}

void TestLowRankFamilies::droppedRowsChangeWithTheStepAlone() {
    for (const char* method : {"loha", "lokr"}) {
        const Bench bench(method, {{"rank_dropout", 0.5}});
        const at::Tensor with = bench.output();
        const at::Tensor first = bench.outputAt(1);
        QVERIFY(!at::equal(first, with));
        QVERIFY(!at::equal(bench.outputAt(2), first));
        QVERIFY(at::equal(bench.outputAt(1), first));
        QVERIFY(at::equal(bench.output(), with));
    }
}

void TestLowRankFamilies::ia3StandsBetweenBaseAndItself() {
    const Bench bench("ia3", {}, "opt"); // with biases
    const at::NoGradGuard noGrad;
    bench.adapter->setStrength(0.5);
    const at::Tensor half = bench.output();
    bench.adapter->setStrength(1);
    for (const auto& [name, tensor] : bench.adapter->parameters())
        at::Tensor(tensor).copy_(1 + (tensor - 1) * 0.5);
    LATHE_MATCHES(mismatch(bench.output(), half, 1e-5));
}

void TestLowRankFamilies::ia3FindsItsUsualPlaces_data() {
    QTest::addColumn<QString>("architecture");
    QTest::addColumn<QString>("targets");
    QTest::addColumn<QString>("feedForward");
    QTest::newRow("llama") << "llama"
                           << "down_proj k_proj v_proj"
                           << "down_proj";
    QTest::newRow("qwen2") << "qwen2"
                           << "down_proj q_proj v_proj"
                           << "down_proj";
    QTest::newRow("opt") << "opt"
                         << "fc2 k_proj q_proj"
                         << "fc2";
    QTest::newRow("gptj") << "gptj"
                          << "fc_out q_proj v_proj"
                          << "fc_out";
    QTest::newRow("bloom") << "bloom"
                           << "dense_4h_to_h query_key_value"
                           << "dense_4h_to_h";
    QTest::newRow("phi3") << "phi3"
                          << "down_proj qkv_proj"
                          << "down_proj";
    QTest::newRow("distilbert") << "distilbert_labels"
                                << "k_lin lin2 v_lin"
                                << "lin2";
}

void TestLowRankFamilies::ia3FindsItsUsualPlaces() {
    QFETCH(QString, architecture);
    QFETCH(QString, targets);
    QFETCH(QString, feedForward);
    const Bench bench("ia3", {}, architecture.toStdString());
    const TempFolder saved;
    QVERIFY(bench.adapter->save(saved.path(), {"the/base", "CAUSAL_LM"}).has_value());
    const json config = readJson(saved.path() / "adapter_config.json");
    const auto joined = [&config](const char* key) {
        QStringList names;
        for (const json& name : config.at(key))
            names << QString::fromStdString(name.get<std::string>());
        return names.join(' ');
    };
    QCOMPARE(joined("target_modules"), targets);
    QCOMPARE(joined("feedforward_modules"), feedForward);
}

/// PEFT compares endings without a dot, so that "fc2" would also name a "proj_fc2"; and one name may stand
/// for sites of both kinds.
void TestLowRankFamilies::ia3NamesWholePathsWhereShortNamesMislead() {
    const TempFolder folder;
    json config = readJson(kGolden / "ia3_plain/adapter_config.json");
    config["feedforward_modules"] = R"(.*layers\.0\.fc2)";
    folder.write("adapter_config.json", config.dump());
    std::vector<NamedTensor> tensors;
    const auto model = modelOf("opt");
    for (const auto& [name, tensor] : tensorsIn(kGolden / "ia3_plain")) {
        const bool scalesInput = name.find("layers.0.fc2") != std::string::npos;
        tensors.emplace_back(name, scalesInput ? values({1, 32}, 0.2).to(at::kFloat) : tensor); // its width
    }
    QVERIFY(writeTensorFile(folder / "adapter_model.safetensors", tensors).has_value());
    const auto adapter = loadAdapter(*model, folder.path());
    QVERIFY2(adapter.has_value(), adapter.has_value() ? "" : adapter.error().text().c_str());
    const at::NoGradGuard noGrad;
    const at::Tensor before = model->output(inputFor(*model));
    const TempFolder saved;
    QVERIFY(adapter.value()->save(saved.path(), {"the/base", "CAUSAL_LM"}).has_value());
    const json written = readJson(saved.path() / "adapter_config.json");
    QCOMPARE(written.at("feedforward_modules"), json({"model.decoder.layers.0.fc2"}));
    const auto fresh = modelOf("opt");
    const auto again = loadAdapter(*fresh, saved.path());
    QVERIFY2(again.has_value(), again.has_value() ? "" : again.error().text().c_str());
    QVERIFY(at::equal(fresh->output(inputFor(*fresh)), before));
}

QTEST_GUILESS_MAIN(TestLowRankFamilies)
#include "tst_low_rank_families.moc"
