#include "core/adapter/heterolora.h"
#include "core/adapter/heterolora_method.h"
#include "core/model/load_model.h"
#include "core/train/flat_adamw.h"
#include "tests/core/adapter/fake_probe.h"
#include "tests/support/oracle.h"
#include "tests/support/shared_files.h"

#include <QtTest>

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/sin.h>
#include <cmath>
#include <torch/csrc/autograd/autograd.h>

using namespace lathe;
using namespace lathe::test;

namespace {

/// A projection as the formula stands, with masks on A and B.
class MaskedSite final : public SiteAdapter {
public:
    MaskedSite(const HeteroModule& module, bool isAbsolute)
        : a(copy(module.a, isAbsolute)),
          b(copy(module.b, isAbsolute)),
          maskA(at::ones_like(a).requires_grad_(true)),
          maskB(at::ones_like(b).requires_grad_(true)),
          scale(module.scale()) {}
    at::Tensor apply(const at::Tensor& x, const LinearBase& base) override {
        return at::linear(x, base.weight(), base.bias()) +
               at::linear(at::linear(x, a * maskA), b * maskB) * scale;
    }

    at::Tensor a, b, maskA, maskB;
    double scale;

private:
    static at::Tensor copy(const at::Tensor& x, bool isAbsolute) {
        const at::Tensor data = x.detach().clone();
        return (isAbsolute ? data.abs() : data).requires_grad_(true);
    }
};

std::unique_ptr<LanguageModel> opt(const char* name = "opt_post_norm") {
    return loadModel(sourceFile("tests/data/golden/architectures") / name, {at::kDouble, at::kCPU}).value();
}

/// A supernet on a small OPT in fp64.
struct Bench {
    explicit Bench(const ParamValues& changes = {}, const char* name = "opt_post_norm") : model(opt(name)) {
        const auto method = makeHeteroLoraMethod();
        ParamValues values = withDefaults(method->options(), changes);
        if (!changes.contains("rank"))
            values.set("rank", std::int64_t{2});
        adapter = method->attach(*model, values, 1);
        probe = std::make_unique<FakeProbe>(*model);
    }
    [[nodiscard]] HeteroLoraAdapter& hetero() const { return dynamic_cast<HeteroLoraAdapter&>(*adapter); }
    [[nodiscard]] const HeteroModules& modules() const { return hetero().modules(); }
    /// Puts numbers into every B.
    void train() const {
        const at::NoGradGuard noGrad;
        double phase = 0;
        for (const auto& module : modules())
            module->b.copy_(at::sin(at::arange(module->b.numel(), at::kDouble) + ++phase)
                                .mul(0.1)
                                .view(module->b.sizes()));
    }
    [[nodiscard]] std::vector<double> scores(Proxy proxy, std::int64_t probes = 0) const {
        ProxySettings settings;
        settings.proxy = proxy;
        settings.batches = 3;
        settings.probes = probes;
        settings.seed = 5;
        return scoreModules(*model, modules(), *probe, settings);
    }

    std::unique_ptr<LanguageModel> model; // outlives the adapter
    std::unique_ptr<Adapter> adapter;
    std::unique_ptr<FakeProbe> probe;
};

/// The same modules on a model of their own, computed as the formulas stand.
struct Reference {
    explicit Reference(const Bench& bench, bool isAbsolute = false) : model(opt()), probe(*model) {
        const at::NoGradGuard noGrad;
        for (const auto& [name, weight] : model->weights())
            if (isAbsolute)
                at::Tensor(weight).abs_();
        for (const auto& module : bench.modules()) {
            sites.push_back(std::make_shared<MaskedSite>(*module, isAbsolute));
            attachments.push_back(model->attach(module->site.name, sites.back()));
        }
    }
    /// Σ over the batches, in the order of `leaves`.
    [[nodiscard]] std::vector<at::Tensor> gradients(const std::vector<at::Tensor>& leaves,
                                                    TrainingProbe::Input input, std::int64_t batches) {
        at::Tensor sum;
        for (std::int64_t batch = 0; batch < batches; ++batch) {
            const at::Tensor loss = probe.loss(batch, input);
            sum = sum.defined() ? sum + loss : loss;
        }
        return torch::autograd::grad({sum}, leaves);
    }

    std::unique_ptr<LanguageModel> model;
    FakeProbe probe;
    std::vector<std::shared_ptr<MaskedSite>> sites;
    std::vector<Attachment> attachments;
};

QString difference(const std::vector<double>& actual, const std::vector<double>& expected) {
    if (actual.size() != expected.size())
        return QStringLiteral("%1 scores, not %2").arg(actual.size()).arg(expected.size());
    for (std::size_t i = 0; i < actual.size(); ++i)
        if (const QString problem = mismatch(actual[i], expected[i], 1e-10 * std::abs(expected[i]) + 1e-13);
            !problem.isEmpty())
            return QStringLiteral("module %1: %2").arg(i).arg(problem);
    return {};
}

double sumOf(const at::Tensor& x) { return x.sum().item<double>(); }

} // namespace

/// The proxies against a direct computation by autograd in fp64.
class TestProxies : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); } // of tiny operations
    void gradNormIsThatOfAutograd();
    void snipIsTheGradientOfMasks();
    void synFlowIsThatOfAbsoluteWeights();
    void productAndWeightGradientUseTheWholeGradient();
    void zeroBSilencesSnipAndLeavesGradNormWithB();
    void probeBIsSeededAveragedAndPutBack();
    void synFlowRestoresAllSigns();
    void scorePassLeavesNoTrace();
    void onePassGivesWhatTwoGive();
    void outputTestFindsWhatMatters();
    void shortcutGradientsAreThoseOfFiniteDifferences();
};

void TestProxies::gradNormIsThatOfAutograd() {
    const Bench bench;
    bench.train();
    Reference reference(bench);
    std::vector<at::Tensor> leaves;
    for (const auto& site : reference.sites)
        leaves.insert(leaves.end(), {site->a, site->b});
    const auto gradients = reference.gradients(leaves, TrainingProbe::Input::Text, 3);
    std::vector<double> expected;
    for (std::size_t i = 0; i < leaves.size(); i += 2)
        expected.push_back(std::sqrt(sumOf(gradients[i].square())) +
                           std::sqrt(sumOf(gradients[i + 1].square())));
    QCOMPARE(difference(bench.scores(Proxy::GradNorm), expected), QString());
}

void TestProxies::snipIsTheGradientOfMasks() {
    const Bench bench;
    bench.train();
    Reference reference(bench);
    std::vector<at::Tensor> masks;
    for (const auto& site : reference.sites)
        masks.insert(masks.end(), {site->maskA, site->maskB});
    const auto gradients = reference.gradients(masks, TrainingProbe::Input::Text, 3);
    std::vector<double> expected;
    for (std::size_t i = 0; i < masks.size(); i += 2)
        expected.push_back(sumOf(gradients[i].abs()) + sumOf(gradients[i + 1].abs()));
    QCOMPARE(difference(bench.scores(Proxy::Snip), expected), QString());
}

void TestProxies::synFlowIsThatOfAbsoluteWeights() {
    const Bench bench;
    bench.train();
    Reference reference(bench, true);
    std::vector<at::Tensor> masks;
    for (const auto& site : reference.sites)
        masks.insert(masks.end(), {site->maskA, site->maskB});
    const auto gradients = reference.gradients(masks, TrainingProbe::Input::Ones, 1);
    std::vector<double> expected;
    for (std::size_t i = 0; i < masks.size(); i += 2)
        expected.push_back(sumOf(gradients[i].abs()) + sumOf(gradients[i + 1].abs()));
    QVERIFY(*std::ranges::max_element(expected) > 1e-6);
    QCOMPARE(difference(bench.scores(Proxy::SynFlow), expected), QString());
}

void TestProxies::productAndWeightGradientUseTheWholeGradient() {
    const Bench bench;
    bench.train();
    Reference reference(bench);
    std::vector<at::Tensor> weights;
    for (const auto& module : bench.modules())
        weights.push_back(
            at::Tensor(reference.model->weight(module->site.name + ".weight")).requires_grad_(true));
    const auto gradients = reference.gradients(weights, TrainingProbe::Input::Text, 3);
    std::vector<double> products, means;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const HeteroModule& module = *bench.modules()[i];
        const at::Tensor change = at::matmul(module.b, module.a).detach() * module.scale();
        products.push_back(sumOf((change * gradients[i]).abs()));
        means.push_back((weights[i].detach() * gradients[i]).abs().mean().item<double>());
    }
    QCOMPARE(difference(bench.scores(Proxy::Product), products), QString());
    QCOMPARE(difference(bench.scores(Proxy::WeightGradient), means), QString());
}

void TestProxies::zeroBSilencesSnipAndLeavesGradNormWithB() {
    const Bench bench;
    for (const Proxy proxy : {Proxy::Snip, Proxy::SynFlow, Proxy::Product})
        for (const double score : bench.scores(proxy))
            QCOMPARE(score, 0.0);
    Reference reference(bench);
    std::vector<at::Tensor> leaves;
    for (const auto& site : reference.sites)
        leaves.push_back(site->b);
    std::vector<double> expected;
    for (const at::Tensor& gradient : reference.gradients(leaves, TrainingProbe::Input::Text, 3))
        expected.push_back(std::sqrt(sumOf(gradient.square())));
    const std::vector<double> scores = bench.scores(Proxy::GradNorm);
    QCOMPARE(difference(scores, expected), QString());
    QVERIFY(*std::ranges::min_element(scores) > 0);
}

void TestProxies::probeBIsSeededAveragedAndPutBack() {
    const Bench bench;
    bench.train();
    std::vector<at::Tensor> before;
    for (const auto& module : bench.modules())
        before.push_back(module->b.detach().clone());
    for (const Proxy proxy : {Proxy::Snip, Proxy::SynFlow, Proxy::Product}) {
        const std::vector<double> four = bench.scores(proxy, 4);
        QCOMPARE(bench.scores(proxy, 4), four);
        QVERIFY(*std::ranges::min_element(four) > 0);
        QVERIFY(bench.scores(proxy, 1) != four);
    }
    for (std::size_t i = 0; i < before.size(); ++i)
        QVERIFY(at::equal(bench.modules()[i]->b, before[i]));
    const Bench fresh; // whose B are 0: the probes do not depend on them
    QCOMPARE(difference(fresh.scores(Proxy::Snip, 4), bench.scores(Proxy::Snip, 4)), QString());
}

void TestProxies::synFlowRestoresAllSigns() {
    const Bench bench;
    bench.train();
    std::vector<std::pair<at::Tensor, at::Tensor>> all;
    const auto keep = [&all](const at::Tensor& weight) { all.emplace_back(weight, weight.detach().clone()); };
    for (const auto& [name, weight] : bench.model->weights())
        keep(weight);
    for (const auto& module : bench.modules()) {
        keep(module->a);
        keep(module->b);
    }
    {
        const at::NoGradGuard noGrad;
        at::Tensor(all.front().first).view(-1)[0].fill_(-0.0);
        all.front().second.view(-1)[0].fill_(-0.0);
        const AbsoluteWeights absolute(*bench.model, bench.modules());
        for (const auto& [weight, before] : all)
            QVERIFY(weight.min().item<double>() >= 0 && at::equal(weight, before.abs()));
    }
    for (const auto& [weight, before] : all) // the bits, of which -0 has others than 0
        QVERIFY(at::equal(weight.detach().view(at::kLong), before.view(at::kLong)));
    (void)bench.scores(Proxy::SynFlow, 4);
    for (const auto& [weight, before] : all)
        QVERIFY(at::equal(weight.detach().view(at::kLong), before.view(at::kLong)));
}

void TestProxies::scorePassLeavesNoTrace() {
    const Bench bench({{"shortcuts", std::string("all")}});
    bench.train();
    FlatAdamW optimizer(bench.adapter->groups(), {});
    bench.modules()[1]->setOn(false);
    bench.modules()[3]->setOn(false);
    optimizer.zeroGradients();
    const auto copied = [&] {
        std::vector<at::Tensor> all;
        for (const auto& [name, weight] : bench.model->weights())
            all.push_back(weight.detach().clone());
        for (const auto& [name, parameter] : bench.adapter->parameters()) {
            all.push_back(parameter.detach().clone());
            all.push_back(parameter.grad().clone()); // zero, where the optimiser wants it
        }
        for (const auto& [name, tensor] : optimizer.state())
            all.push_back(tensor.clone());
        all.push_back(at::detail::getDefaultCPUGenerator().get_state());
        return all;
    };
    const auto before = copied();
    for (const Proxy proxy :
         {Proxy::GradNorm, Proxy::Snip, Proxy::SynFlow, Proxy::Product, Proxy::AlphaTest}) {
        const std::vector<double> scores = bench.scores(proxy, 2);
        QCOMPARE(bench.scores(proxy, 2), scores); // the same batches, the same scores
        const auto after = copied();
        for (std::size_t i = 0; i < before.size(); ++i)
            QVERIFY(at::equal(after[i], before[i]));
        for (std::size_t i = 0; i < bench.modules().size(); ++i) {
            const HeteroModule& module = *bench.modules()[i];
            QCOMPARE(module.isOn, i != 1 && i != 3);
            QCOMPARE(module.a.requires_grad() && module.b.requires_grad(), module.isOn);
            QVERIFY(!module.change.defined() && module.factor == 1);
        }
    }
}

void TestProxies::onePassGivesWhatTwoGive() {
    const Bench bench({{"shortcuts", std::string("all")}});
    bench.train();
    ProxySettings settings;
    settings.batches = 3;
    const std::vector<double> whole = bench.scores(Proxy::GradNorm);
    HeteroModules lora, shortcuts;
    for (const auto& module : bench.modules())
        (module->isShortcut ? shortcuts : lora).push_back(module);
    std::vector<double> apart = scoreModules(*bench.model, lora, *bench.probe, settings);
    const std::vector<double> second = scoreModules(*bench.model, shortcuts, *bench.probe, settings);
    apart.insert(apart.end(), second.begin(), second.end());
    QCOMPARE(difference(apart, whole), QString());
    bench.probe->losses = 0;
    (void)bench.scores(Proxy::GradNorm);
    QCOMPARE(bench.probe->losses, 3); // once through the batches
}

void TestProxies::outputTestFindsWhatMatters() {
    const Bench bench;
    const std::vector<double> scores = bench.scores(Proxy::AlphaTest);
    for (const double score : scores)
        QVERIFY(score >= 0 && score <= 10 && score == std::floor(score));
    ProxySettings lenient;
    lenient.proxy = Proxy::AlphaTest;
    lenient.tolerance = 1e6; // nothing matters
    for (const double score : scoreModules(*bench.model, bench.modules(), *bench.probe, lenient))
        QCOMPARE(score, 0.0);
}

/// By central differences, through every kind of shortcut, with norms behind and before the parts.
void TestProxies::shortcutGradientsAreThoseOfFiniteDifferences() {
    for (const char* architecture : {"opt_post_norm", "opt"})
        for (const bool isNormed : {false, true}) {
            const Bench bench({{"shortcuts", std::string("all")}, {"shortcut_norm", isNormed}}, architecture);
            bench.train();
            std::vector<at::Tensor> leaves;
            for (const auto& module : bench.modules())
                if (module->isShortcut)
                    leaves.insert(leaves.end(), {module->a, module->b});
            QCOMPARE(leaves.size(), std::size_t{2 * (2 * 3 + 1)});
            const auto gradients =
                torch::autograd::grad({bench.probe->loss(0, TrainingProbe::Input::Text)}, leaves);
            const at::NoGradGuard noGrad;
            constexpr double kStep = 1e-5;
            for (std::size_t i = 0; i < leaves.size(); ++i) {
                const at::Tensor entry = leaves[i].detach().view(-1)[static_cast<std::int64_t>(i) % 7];
                const double before = entry.item<double>();
                const auto lossAt = [&](double value) {
                    at::Tensor(entry).fill_(value);
                    return bench.probe->loss(0, TrainingProbe::Input::Text).item<double>();
                };
                const double expected = (lossAt(before + kStep) - lossAt(before - kStep)) / (2 * kStep);
                at::Tensor(entry).fill_(before);
                const double actual = gradients[i].view(-1)[static_cast<std::int64_t>(i) % 7].item<double>();
                LATHE_MATCHES(mismatch(actual, expected, 1e-7, 1e-4));
            }
        }
}

QTEST_GUILESS_MAIN(TestProxies)
#include "tst_proxies.moc"
