#include "core/adapter/lora.h"
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
#include <ATen/ops/eye.h>
#include <ATen/ops/linalg_qr.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros_like.h>
#include <cmath>

using namespace lathe;
using namespace lathe::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr double kLoss = 1e-4; // over ten steps of Adam, which divides by tiny moments at first

const fs::path kModel = sourceFile("tests/data/golden/llama");

ParamValues values(const ParamValues& changes = {}) {
    ParamValues all = defaults(makeLoraMethod()->options());
    all.set("rank", std::int64_t{4});
    all.set("alpha", 8.0);
    all.set("target_modules", std::string("q_proj,v_proj"));
    for (const auto& [key, value] : changes.map())
        all.set(key, value);
    return all;
}

/// A model of the shared oracles with a fresh adapter.
struct Setup {
    Setup(const std::string& name, const ParamValues& values)
        : oracle(sharedFile("oracles/adapters/" + name)),
          model(loadModel(sharedFile("oracles/models/llama")).value()),
          adapter(makeLoraMethod()->attach(*model, values, 5)) {}

    [[nodiscard]] at::Tensor loss() const {
        const json& data = oracle.golden.at("cases").at("right");
        return lossOf(model->output(inputOf(data)), data);
    }
    /// Ten steps with the given settings, compared with PEFT's losses.
    QString follow(const FlatAdamW::Settings& settings) const {
        adapter->beginTraining(10);
        FlatAdamW optimizer(adapter->groups(), settings);
        const auto losses = oracle.golden.at("training").at("losses").get<std::vector<double>>();
        for (std::size_t step = 0; step < losses.size(); ++step) {
            optimizer.zeroGradients();
            const at::Tensor now = loss();
            if (const QString problem = mismatch(now.item<double>(), losses[step], kLoss); !problem.isEmpty())
                return QStringLiteral("step %1: ").arg(step) + problem;
            if (step + 1 == losses.size())
                break;
            now.backward();
            adapter->beforeUpdate(static_cast<std::int64_t>(step));
            optimizer.step(1e-3);
        }
        return {};
    }

    Oracle oracle;
    std::unique_ptr<LanguageModel> model;
    std::unique_ptr<Adapter> adapter;
};

/// Sets the parameters from a folder.
void fillFrom(const fs::path& folder, Adapter& adapter) {
    const TensorFile file = TensorFile::open(folder / "adapter_model.safetensors").value();
    const at::NoGradGuard noGrad;
    for (const auto& [name, parameter] : adapter.parameters())
        at::Tensor(parameter).copy_(file.tensor(name).value());
}

std::map<std::string, at::Tensor> savedTensors(const Adapter& adapter) {
    const TempFolder target;
    if (!adapter.save(target.path(), {"base", "CAUSAL_LM"}).has_value())
        throw std::runtime_error("cannot save");
    const TensorFile file = TensorFile::open(target / "adapter_model.safetensors").value();
    std::map<std::string, at::Tensor> tensors;
    for (const auto& [name, entry] : file.entries())
        tensors[name] = file.tensor(name).value().clone();
    return tensors;
}

std::string fileName(const std::string& module, const char* part) {
    return "base_model.model." + module + ".lora_" + part + ".weight";
}

} // namespace

class TestLoraTraining : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); } // of tiny operations
    void loraPlusFollowsPeft();
    void keptFirstMatrixFollowsPeft();
    void keptFirstMatrixNeverChanges();
    void principalStartFollowsPeft_data();
    void principalStartFollowsPeft();
    void reducedFolderOfPeftLoads_data();
    void reducedFolderOfPeftLoads();
    void fastDecompositionComesNear();
    void startsLeaveTheModelAsItIs_data();
    void startsLeaveTheModelAsItIs();
    void doraWithDropoutIsItsFormula();
};

void TestLoraTraining::loraPlusFollowsPeft() {
    LATHE_NEED_SHARED("oracles/adapters/llama_loraplus");
    const Setup setup("llama_loraplus", values({{"lora_plus_ratio", 16.0}}));
    fillFrom(sharedFile("oracles/adapters/llama_loraplus"), *setup.adapter);
    QCOMPARE(setup.adapter->groups().size(), 2U);
    FlatAdamW::Settings settings;
    settings.weightDecay = 0.01; // which every group overrides
    LATHE_MATCHES(setup.follow(settings));
}

void TestLoraTraining::keptFirstMatrixFollowsPeft() {
    LATHE_NEED_SHARED("oracles/adapters/llama_lorafa");
    const Setup setup("llama_lorafa", values({{"lora_fa", true}}));
    const fs::path folder = sharedFile("oracles/adapters/llama_lorafa");
    std::int64_t count = 0;
    for (const auto& [name, parameter] : setup.adapter->parameters())
        count += parameter.numel();
    QCOMPARE(count, setup.oracle.golden.at("trainable_parameters").get<std::int64_t>());
    fillFrom(folder, *setup.adapter);
    const TensorFile file = TensorFile::open(folder / "adapter_model.safetensors").value();
    const auto* adapter = dynamic_cast<const LoraAdapter*>(setup.adapter.get());
    QVERIFY(adapter != nullptr);
    for (const auto& [name, tensor] : adapter->keptTensors())
        at::Tensor(tensor).copy_(file.tensor(name).value());
    // The library's optimiser for LoRA-FA is an AdamW whose epsilon (1e-6) is added before the correction of
    // the second moment, which counts where gradients are small.
    setup.adapter->beginTraining(10);
    std::map<std::string, std::pair<at::Tensor, at::Tensor>> moments;
    const auto losses = setup.oracle.golden.at("training").at("losses").get<std::vector<double>>();
    for (std::size_t step = 0; step < losses.size(); ++step) {
        for (const auto& [name, parameter] : setup.adapter->parameters())
            parameter.mutable_grad() = at::Tensor();
        const at::Tensor loss = setup.loss();
        LATHE_MATCHES(mismatch(loss.item<double>(), losses[step], 1e-5));
        loss.backward();
        setup.adapter->beforeUpdate(static_cast<std::int64_t>(step));
        const at::NoGradGuard noGrad;
        const double done = static_cast<double>(step) + 1;
        const double rate = 1e-3 * std::sqrt(1 - std::pow(0.999, done)) / (1 - std::pow(0.9, done));
        for (const auto& [name, parameter] : setup.adapter->parameters()) {
            const at::Tensor gradient = parameter.grad();
            auto& [first, second] = moments[name];
            first = (first.defined() ? first : at::zeros_like(gradient)) * 0.9 + gradient * 0.1;
            second =
                (second.defined() ? second : at::zeros_like(gradient)) * 0.999 + gradient.square() * 0.001;
            at::Tensor(parameter).sub_(rate * first / (second.sqrt() + 1e-6)).mul_(1 - 1e-3 * 0.01);
        }
    }
}

void TestLoraTraining::keptFirstMatrixNeverChanges() {
    const auto model = loadModel(kModel).value();
    const auto adapter = makeLoraMethod()->attach(*model, values({{"lora_fa", true}}), 3);
    const auto before = savedTensors(*adapter);
    QCOMPARE(before.size(), 2 * adapter->parameters().size());
    adapter->beginTraining(2);
    FlatAdamW optimizer(adapter->groups(), {});
    ModelInput input;
    input.ids = at::arange(12, at::kLong).view({2, 6});
    model->output(input).square().sum().backward();
    adapter->beforeUpdate(0);
    optimizer.step(1e-2);
    for (const auto& [name, tensor] : savedTensors(*adapter))
        QCOMPARE(at::equal(tensor, before.at(name)), name.ends_with("lora_A.weight"));
}

void TestLoraTraining::principalStartFollowsPeft_data() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("init");
    QTest::newRow("PiSSA") << "llama_pissa"
                           << "pissa";
    QTest::newRow("OLoRA") << "llama_olora"
                           << "olora";
}

void TestLoraTraining::principalStartFollowsPeft() {
    QFETCH(QString, folder);
    QFETCH(QString, init);
    LATHE_NEED_SHARED("oracles/adapters/" + folder.toStdString());
    const Setup setup(folder.toStdString(), values({{"lora_init", init.toStdString()}}));
    std::map<std::string, at::Tensor> parameters(setup.adapter->parameters().begin(),
                                                 setup.adapter->parameters().end());
    int compared = 0;
    for (const Site& site : setup.model->summary().sites) {
        if (!setup.oracle.has("init." + site.name + ".BA"))
            continue;
        const at::Tensor product = 2 * at::mm(parameters.at(fileName(site.name, "B")).detach(),
                                              parameters.at(fileName(site.name, "A")).detach());
        // Singular values up to 7, each exact to some units in the last place.
        LATHE_MATCHES(mismatch(product, setup.oracle.array("init." + site.name + ".BA"), 1e-5));
        const at::Tensor& weight = setup.model->weight(site.name + ".weight");
        LATHE_MATCHES(
            mismatch(weight - product, setup.oracle.array("init." + site.name + ".residual"), 1e-5));
        ++compared;
    }
    QCOMPARE(compared, 4);
    FlatAdamW::Settings settings;
    settings.weightDecay = 0.01;
    settings.shouldDecayVectors = true;
    LATHE_MATCHES(setup.follow(settings));
    const at::NoGradGuard noGrad;
    const at::Tensor trained = setup.model->output(inputOf(setup.oracle.golden.at("cases").at("right")));
    const TempFolder target; // plain LoRA of twice the rank on the model as it is
    QVERIFY(setup.adapter->save(target.path(), {"base", "CAUSAL_LM"}).has_value());
    const auto fresh = loadModel(sharedFile("oracles/models/llama")).value();
    const auto loaded = loadAdapter(*fresh, target.path());
    QVERIFY2(loaded.has_value(), loaded.has_value() ? "" : loaded.error().text().c_str());
    LATHE_MATCHES(
        mismatch(fresh->output(inputOf(setup.oracle.golden.at("cases").at("right"))), trained, 5e-5));
}

void TestLoraTraining::reducedFolderOfPeftLoads_data() { principalStartFollowsPeft_data(); }

void TestLoraTraining::reducedFolderOfPeftLoads() {
    QFETCH(QString, folder);
    const std::string path = "oracles/adapters/" + folder.toStdString();
    LATHE_NEED_SHARED(path);
    const Oracle oracle(sharedFile(path));
    const auto model = loadModel(sharedFile("oracles/models/llama")).value();
    const auto loaded = loadAdapter(*model, sharedFile(path + "/raw"));
    QVERIFY2(loaded.has_value(), loaded.has_value() ? "" : loaded.error().text().c_str());
    const at::NoGradGuard noGrad;
    const json& data = oracle.golden.at("cases").at("right");
    const at::Tensor mask = integers(data.at("attention_mask")).to(at::kBool);
    LATHE_MATCHES(mismatch(model->output(inputOf(data)), oracle.array("right.logits"), 5e-5, 0, mask));
    QVERIFY(loaded.value()->merge().has_value());
    LATHE_MATCHES(mismatch(model->output(inputOf(data)), oracle.array("right.logits"), 1e-4, 0, mask));
}

void TestLoraTraining::fastDecompositionComesNear() {
    Rng rng(4);
    const auto basis = [&rng](std::int64_t rows) {
        return std::get<0>(at::linalg_qr(normalTensor({rows, 12}, rng)));
    };
    const at::Tensor values = at::pow(2.0, -at::arange(12, at::kFloat)); // each twice the next
    const at::Tensor matrix = at::mm(basis(30) * values, basis(20).t());
    const Decomposition exact = truncatedSvd(matrix, 4);
    const Decomposition fast = fastSvd(matrix, 4, 8, rng);
    LATHE_MATCHES(mismatch(fast.s, exact.s, 1e-5));
    LATHE_MATCHES(mismatch(at::mm(fast.u * fast.s, fast.vt), at::mm(exact.u * exact.s, exact.vt), 1e-4));
}

void TestLoraTraining::startsLeaveTheModelAsItIs_data() {
    QTest::addColumn<QString>("init");
    QTest::addColumn<bool>("isDora");
    for (const std::string& init : loraInitNames())
        for (const bool isDora : {false, true})
            QTest::addRow("%s%s", init.c_str(), isDora ? ", DoRA" : "")
                << QString::fromStdString(init) << isDora;
}

void TestLoraTraining::startsLeaveTheModelAsItIs() {
    QFETCH(QString, init);
    QFETCH(bool, isDora);
    const auto model = loadModel(kModel).value();
    ModelInput input;
    input.ids = at::arange(12, at::kLong).view({2, 6});
    input.isEager = true; // a layer under plain LoRA, or none, would be computed otherwise, to rounding
    const at::NoGradGuard noGrad;
    const at::Tensor before = model->output(input);
    const auto adapter = makeLoraMethod()->attach(
        *model, values({{"lora_init", init.toStdString()}, {"use_dora", isDora}}), 1);
    LATHE_MATCHES(mismatch(model->output(input), before, 5e-6));
    for (const auto& [name, weight] : model->weights())
        QVERIFY(!weight.requires_grad());
    adapter->setStrength(0);
    LATHE_MATCHES(mismatch(model->output(input), before, 1e-6));
}

void TestLoraTraining::doraWithDropoutIsItsFormula() {
    const at::ScalarType dtype = at::kDouble;
    const at::Tensor w = at::randn({6, 5}, dtype);
    const at::Tensor bias = at::randn({6}, dtype);
    const at::Tensor x = at::randn({2, 3, 5}, dtype).requires_grad_(true);
    const auto leaf = [&](at::IntArrayRef shape) { return at::randn(shape, dtype).requires_grad_(true); };
    LoraTensors tensors{leaf({2, 5}), leaf({6, 2}), {}, leaf({6}), {}, {}, 0.7, 0.4};
    AdapterContext context;
    context.clock = {9, 2, true};
    DoraSite site(tensors, context, 3);
    const std::vector<std::shared_ptr<SiteAdapter>> none;
    const auto gradients = [&](const at::Tensor& y) {
        for (const at::Tensor& each : {x, tensors.a, tensors.b, tensors.magnitude})
            each.mutable_grad() = at::Tensor();
        (y * at::arange(y.numel(), dtype).view(y.sizes())).sum().backward();
        std::vector<at::Tensor> all{y.detach()};
        for (const at::Tensor& each : {x, tensors.a, tensors.b, tensors.magnitude})
            all.push_back(each.grad().clone());
        return all;
    };
    for (const bool isTraining : {false, true}) {
        context.clock.isTraining = isTraining;
        const auto actual = gradients(site.apply(x, LinearBase(w, bias, none, 0)));
        const at::Tensor mask =
            isTraining ? dropoutMask(x.sizes(), 0.4, context.clock, 3, at::kCPU).to(dtype) : at::ones_like(x);
        const at::Tensor whole = w + 0.7 * at::mm(tensors.b, tensors.a);
        const at::Tensor factor = tensors.magnitude / whole.norm(2, 1).detach();
        const at::Tensor seen = x * mask;
        const auto expected = gradients(at::linear(x, w, bias) + (factor - 1) * at::linear(seen, w) +
                                        factor * 0.7 * at::linear(at::linear(seen, tensors.a), tensors.b));
        for (std::size_t i = 0; i < expected.size(); ++i)
            LATHE_MATCHES(mismatch(actual[i], expected[i], 1e-10, 1e-10));
    }
}

QTEST_GUILESS_MAIN(TestLoraTraining)
#include "tst_lora_training.moc"
