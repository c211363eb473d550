#include "core/adapter/adapter_method.h"
#include "core/adapter/adapter_shelf.h"
#include "core/adapter/combine_lora.h"
#include "core/model/load_model.h"
#include "tests/support/oracle.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>

using namespace lathe;
using namespace lathe::test;
namespace fs = std::filesystem;

namespace {

const fs::path kBase = sourceFile("tests/data/golden/llama");
const fs::path kLoras = sourceFile("tests/data/golden/adapters/lora/combine");

AdapterMix mixOf(std::vector<AdapterChoice> choices) { return {std::move(choices), false}; }

} // namespace

/// Several adapters on one model: put on, off, scaled, reordered, merged.
class TestAdapterShelf : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); } // of tiny operations
    void init() {
        m_model = loadModel(kBase).value();
        m_shelf = std::make_unique<AdapterShelf>(*m_model);
        m_base = output();
    }
    void cleanup() {
        m_shelf.reset();
        m_model.reset();
    }
    void stackIsTheSumOfItsProducts();
    void nothingChosenIsTheBase();
    void strengthZeroIsTheBase();
    void orderOfBottlenecksMatters();
    void mergedAnswersAsBesideAndTheBaseComesBack();
    void whatCannotBeMergedSaysWhere();
    void unfitAdapterChangesNothing();
    void adaptersThatCannotBeTogetherAreRefused();
    void mergedWeightsAreThoseOfTheMergedModel();

private:
    [[nodiscard]] at::Tensor output() const {
        const at::NoGradGuard noGrad;
        ModelInput input;
        input.ids = at::arange(12, at::kLong).view({2, 6});
        return m_model->output(input).clone();
    }
    /// A fresh adapter of a method in a folder, with other numbers than the ones it starts with.
    fs::path made(const std::string& method, const std::string& name, double value) {
        const auto maker = adapterMethods().make(method).value();
        const auto adapter = maker->attach(*m_model, withDefaults(maker->options(), {}),
                                           static_cast<std::uint64_t>(value * 100));
        for (const auto& [parameter, tensor] : adapter->parameters()) {
            const at::NoGradGuard noGrad;
            at::Tensor(tensor).add_(
                at::arange(tensor.numel(), tensor.options()).view_as(tensor).mul(0.7).sin(), value);
        }
        fs::create_directories(m_files / name);
        const Status saved = adapter->save(m_files / name, {kBase, "CAUSAL_LM"});
        if (!saved)
            throw std::runtime_error(saved.error().text());
        return m_files / name;
    }

    TempFolder m_files;
    std::unique_ptr<LanguageModel> m_model;
    std::unique_ptr<AdapterShelf> m_shelf;
    at::Tensor m_base;
};

void TestAdapterShelf::stackIsTheSumOfItsProducts() {
    const LoraSet one = readLoraSet(kLoras / "one").value();
    const LoraSet small = readLoraSet(kLoras / "small").value();
    const std::vector<WeightedLora> parts{{&one, 0.5}, {&small, -1.5}};
    QVERIFY(isExactCombination(parts, {}));
    QVERIFY(writeLoraSet(m_files.path(), combineLoras(parts, {}).value(), "base").has_value());

    QVERIFY(m_shelf->choose(mixOf({{kLoras / "one", 0.5}, {kLoras / "small", -1.5}})).has_value());
    const at::Tensor together = output();
    QVERIFY(m_shelf->choose(AdapterMix::only(m_files.path())).has_value());

    LATHE_MATCHES(mismatch(output(), together, 1e-5));
    QVERIFY((together - m_base).abs().max().item<double>() > 1e-3);
}

void TestAdapterShelf::nothingChosenIsTheBase() {
    QVERIFY(m_shelf->choose(mixOf({{kLoras / "one"}, {kLoras / "two"}})).has_value());
    QVERIFY(m_shelf->choose({}).has_value());

    QVERIFY(output().equal(m_base));
    QVERIFY(!m_model->isAdapted());
}

void TestAdapterShelf::strengthZeroIsTheBase() {
    QVERIFY(m_shelf->choose(mixOf({{kLoras / "one", 0}})).has_value());
    QVERIFY(output().equal(m_base));
    const fs::path prompt = made("prompt", "prompt", 0.3); // cannot be scaled, but be off
    QVERIFY(m_shelf->choose(mixOf({{prompt, 0}})).has_value());
    QVERIFY(output().equal(m_base));
}

void TestAdapterShelf::orderOfBottlenecksMatters() {
    const fs::path first = made("adapter_p", "first", 0.2);
    const fs::path second = made("adapter_p", "second", 0.4);
    QVERIFY(m_shelf->choose(mixOf({{first}, {second}})).has_value());
    const at::Tensor forward = output();
    QVERIFY(m_shelf->choose(mixOf({{second}, {first}})).has_value());
    QVERIFY((output() - forward).abs().max().item<double>() > 1e-5);

    QVERIFY(m_shelf->choose(mixOf({{first}, {second}})).has_value());
    QVERIFY(output().equal(forward));
}

void TestAdapterShelf::mergedAnswersAsBesideAndTheBaseComesBack() {
    const fs::path ia3 = made("ia3", "ia3", 0.1);
    const AdapterMix mix = mixOf({{kLoras / "one", 0.7}, {ia3, 0.5}, {kLoras / "two", -0.3}});
    std::vector<at::Tensor> before;
    for (const auto& [name, weight] : m_model->weights())
        before.push_back(weight.clone());
    QVERIFY(m_shelf->choose(mix).has_value());
    const at::Tensor beside = output();

    const auto check =
        m_shelf->checkMerge([&]() -> Result<std::vector<at::Tensor>> { return std::vector{output()}; });
    QVERIFY2(check.has_value(), check.has_value() ? "" : check.error().text().c_str());
    QVERIFY(check->isRestored);
    QVERIFY(check->difference < 1e-5);
    QVERIFY(output().equal(beside)); // the mix is as before
    QVERIFY(m_shelf->choose({mix.adapters, true}).has_value());
    QVERIFY(!m_model->isAdapted());
    LATHE_MATCHES(mismatch(output(), beside, 1e-5));

    QVERIFY(m_shelf->choose({}).has_value());
    for (std::size_t i = 0; i < before.size(); ++i)
        QVERIFY2(m_model->weights()[i].second.equal(before[i]), m_model->weights()[i].first.c_str());
}

void TestAdapterShelf::whatCannotBeMergedSaysWhere() {
    const fs::path bottleneck = made("adapter_h", "bottleneck", 0.2);
    const AdapterMix mix = mixOf({{kLoras / "one"}, {bottleneck}});
    QVERIFY(m_shelf->choose(mix).has_value());
    const at::Tensor beside = output();

    const Status refused = m_shelf->choose({mix.adapters, true});

    QVERIFY(!refused.has_value());
    QVERIFY2(refused.error().text().find("bottleneck") != std::string::npos &&
                 refused.error().text().find("cannot be merged") != std::string::npos,
             refused.error().text().c_str());
    QVERIFY(output().equal(beside));
}

void TestAdapterShelf::unfitAdapterChangesNothing() {
    QVERIFY(m_shelf->choose(mixOf({{kLoras / "one"}})).has_value());
    const at::Tensor before = output();
    LoraSet wrong = readLoraSet(kLoras / "two").value();
    for (auto& [module, product] : wrong.products)
        product.a = at::cat({product.a, product.a}, 1);
    fs::create_directories(m_files / "wide");
    QVERIFY(writeLoraSet(m_files / "wide", wrong, "base").has_value());

    for (const fs::path& folder : {m_files / "wide", m_files / "missing"}) {
        const Status refused = m_shelf->choose(mixOf({{kLoras / "two"}, {folder}}));
        QVERIFY(!refused.has_value());
        QVERIFY2(refused.error().text().starts_with(folder.string() + ": does not fit this base model"),
                 refused.error().text().c_str());
        QVERIFY(output().equal(before));
    }
}

void TestAdapterShelf::adaptersThatCannotBeTogetherAreRefused() {
    const fs::path prompt = made("prompt", "prompt", 0.3);
    const fs::path prefix = made("prefix", "prefix", 0.3);
    const fs::path norms = made("layer_norm", "norms", 0.3);
    const fs::path others = made("layer_norm", "others", 0.1);
    const auto refusal = [this](const AdapterMix& mix) {
        const Status refused = m_shelf->choose(mix);
        return refused.has_value() ? std::string() : refused.error().text();
    };
    const auto has = [](const std::string& text, const char* part) {
        return text.find(part) != std::string::npos;
    };
    QVERIFY(has(refusal(mixOf({{prompt}, {prefix}})), "prefix: cannot be on together"));
    QVERIFY(has(refusal(mixOf({{norms}, {others}})), "others: cannot be on together"));
    QVERIFY(has(refusal(mixOf({{norms, 0.5}})), "norms: cannot be made weaker"));
    QVERIFY(has(refusal(mixOf({{norms}, {norms}})), "is given twice"));
    QVERIFY(output().equal(m_base));
    QCOMPARE(refusal(mixOf({{prompt}, {norms}, {kLoras / "one", 2}})), std::string());
}

void TestAdapterShelf::mergedWeightsAreThoseOfTheMergedModel() {
    const AdapterMix mix = mixOf({{kLoras / "one", 0.7}, {kLoras / "two"}});
    std::vector<at::Tensor> computed;
    QVERIFY(m_shelf->choose(mix).has_value());
    for (const auto& [name, weight] : m_model->weights())
        computed.push_back(m_shelf->mergedWeight(name).value().clone());

    QVERIFY(m_shelf->choose({mix.adapters, true}).has_value());

    for (std::size_t i = 0; i < computed.size(); ++i)
        LATHE_MATCHES(mismatch(m_model->weights()[i].second, computed[i], 1e-6));
}

QTEST_GUILESS_MAIN(TestAdapterShelf)
#include "tst_adapter_shelf.moc"
