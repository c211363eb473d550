#include "core/adapter/proxies.h"

#include "core/adapter/low_rank.h"
#include "core/kernels/packed_weight.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros_like.h>
#include <algorithm>
#include <cmath>
#include <torch/csrc/autograd/autograd.h>

namespace lathe {

namespace {

/// Switches all modules on for a while.
class AllOn {
public:
    explicit AllOn(const HeteroModules& modules) : m_modules(modules) {
        for (const auto& module : modules) {
            m_wereOn.push_back(module->isOn);
            module->setOn(true);
        }
    }
    ~AllOn() {
        for (std::size_t i = 0; i < m_modules.size(); ++i) {
            m_modules[i]->change = at::Tensor();
            m_modules[i]->factor = 1;
            m_modules[i]->setOn(m_wereOn[i]);
        }
    }
    AllOn(const AllOn&) = delete;
    AllOn& operator=(const AllOn&) = delete;

private:
    const HeteroModules& m_modules;
    std::vector<bool> m_wereOn;
};

/// Puts random numbers into every B for a while: U(-1/√R, 1/√R), which is Kaiming's with a = √5.
class RandomB {
public:
    RandomB(const HeteroModules& modules, std::uint64_t seed) : m_modules(modules) {
        const at::NoGradGuard noGrad;
        for (std::size_t i = 0; i < modules.size(); ++i) {
            at::Tensor& b = modules[i]->b;
            m_before.push_back(b.detach().clone());
            Rng rng(mixSeed(seed, i));
            at::Tensor draws = at::empty(b.sizes(), at::kDouble);
            const double bound = 1 / std::sqrt(static_cast<double>(modules[i]->rank));
            std::generate_n(draws.data_ptr<double>(), draws.numel(),
                            [&] { return (2 * rng.uniform() - 1) * bound; });
            b.copy_(draws);
        }
    }
    ~RandomB() {
        const at::NoGradGuard noGrad;
        for (std::size_t i = 0; i < m_modules.size(); ++i)
            m_modules[i]->b.copy_(m_before[i]);
    }
    RandomB(const RandomB&) = delete;
    RandomB& operator=(const RandomB&) = delete;

private:
    const HeteroModules& m_modules;
    std::vector<at::Tensor> m_before;
};

/// Gradients of the leaves, summed over the batches; they are not put into the leaves.
std::vector<at::Tensor> summedGradients(const std::vector<at::Tensor>& leaves, TrainingProbe& probe,
                                        std::int64_t batches, TrainingProbe::Input input) {
    const at::AutoGradMode withGradients(true);
    std::vector<at::Tensor> sums;
    for (const at::Tensor& leaf : leaves)
        sums.push_back(at::zeros_like(leaf.detach()));
    for (std::int64_t batch = 0; batch < std::min(batches, probe.batches()); ++batch) {
        const at::Tensor loss = probe.loss(batch, input);
        if (!loss.defined())
            continue;
        const auto gradients = torch::autograd::grad({loss}, leaves, {}, std::nullopt, false, true);
        for (std::size_t i = 0; i < leaves.size(); ++i)
            if (gradients[i].defined())
                sums[i].add_(gradients[i].detach());
    }
    return sums;
}

double sumOf(const at::Tensor& x) { return x.to(at::kDouble).sum().item<double>(); }
double normOf(const at::Tensor& x) { return x.to(at::kDouble).norm().item<double>(); }
double saliency(const at::Tensor& x, const at::Tensor& gradient) {
    return sumOf((x.detach() * gradient).abs());
}

/// From g_A and g_B.
std::vector<double> factorScores(const HeteroModules& modules, TrainingProbe& probe, Proxy proxy,
                                 std::int64_t batches) {
    std::vector<at::Tensor> leaves;
    for (const auto& module : modules)
        leaves.insert(leaves.end(), {module->a, module->b});
    const auto input = proxy == Proxy::SynFlow ? TrainingProbe::Input::Ones : TrainingProbe::Input::Text;
    const auto gradients = summedGradients(leaves, probe, proxy == Proxy::SynFlow ? 1 : batches, input);
    std::vector<double> scores;
    for (std::size_t i = 0; i < modules.size(); ++i) {
        const at::Tensor& a = gradients[2 * i];
        const at::Tensor& b = gradients[2 * i + 1];
        scores.push_back(proxy == Proxy::GradNorm ? normOf(a) + normOf(b)
                                                  : saliency(modules[i]->a, a) + saliency(modules[i]->b, b));
    }
    return scores;
}

/// W as the projection computes with it, in the dtype of the module's tensors.
at::Tensor frozenWeight(const LanguageModel& model, const HeteroModule& module) {
    const at::Tensor weight = denseOf(model.weight(module.site.name + ".weight")).detach();
    return (module.site.isTransposed ? weight.t() : weight).to(module.a.scalar_type());
}

/// From G.
std::vector<double> weightScores(const LanguageModel& model, const HeteroModules& modules,
                                 TrainingProbe& probe, Proxy proxy, std::int64_t batches) {
    std::vector<at::Tensor> leaves;
    for (const auto& module : modules) {
        const at::NoGradGuard noGrad;
        module->change = (at::mm(module->b, module->a) * module->scale()).requires_grad_(true);
        leaves.push_back(module->change);
    }
    const auto gradients = summedGradients(leaves, probe, batches, TrainingProbe::Input::Text);
    std::vector<double> scores;
    for (std::size_t i = 0; i < modules.size(); ++i) {
        const bool isProduct = proxy == Proxy::Product;
        const at::Tensor weight = isProduct ? leaves[i] : frozenWeight(model, *modules[i]);
        scores.push_back(saliency(weight, gradients[i]) /
                         (isProduct ? 1 : static_cast<double>(weight.numel())));
        modules[i]->change = at::Tensor();
    }
    return scores;
}

std::vector<double> scoreOnce(LanguageModel& model, const HeteroModules& modules, TrainingProbe& probe,
                              const ProxySettings& settings) {
    switch (settings.proxy) {
    case Proxy::Product:
    case Proxy::WeightGradient:
        return weightScores(model, modules, probe, settings.proxy, settings.batches);
    case Proxy::SynFlow: {
        const AbsoluteWeights absolute(model, modules);
        return factorScores(modules, probe, settings.proxy, settings.batches);
    }
    default:
        return factorScores(modules, probe, settings.proxy, settings.batches);
    }
}

/// The answers to all batches, as accuracy or as perplexity.
class AlphaTest {
public:
    AlphaTest(TrainingProbe& probe, const ProxySettings& settings)
        : m_probe(probe), m_settings(settings), m_before(measure()) {}

    /// 10 a with the least a that is good enough; 10 always is.
    [[nodiscard]] double score(HeteroModule& module) const {
        int low = 0;
        int high = 10;
        while (low < high) {
            const int middle = (low + high) / 2;
            module.factor = middle / 10.0;
            if (isGoodEnough(measure()))
                high = middle;
            else
                low = middle + 1;
        }
        module.factor = 1;
        return low;
    }

private:
    [[nodiscard]] TrainingProbe::Fit measure() const {
        const at::NoGradGuard noGrad;
        TrainingProbe::Fit all;
        for (std::int64_t batch = 0; batch < std::min(m_settings.batches, m_probe.batches()); ++batch) {
            const TrainingProbe::Fit fit = m_probe.fit(batch);
            all.lossSum += fit.lossSum;
            all.right += fit.right;
            all.labels += fit.labels;
            all.isLabelling = fit.isLabelling;
        }
        return all;
    }
    [[nodiscard]] bool isGoodEnough(const TrainingProbe::Fit& now) const {
        const auto labels = static_cast<double>(std::max<std::int64_t>(1, now.labels));
        if (now.isLabelling)
            return static_cast<double>(now.right) >=
                   static_cast<double>(m_before.right) * (1 - m_settings.tolerance);
        const double before = std::exp(m_before.lossSum / labels);
        const double limit = m_settings.isRelative ? before * (1 + m_settings.tolerance)
                                                   : before + m_settings.tolerance / before;
        return std::exp(now.lossSum / labels) <= limit;
    }

    TrainingProbe& m_probe;
    const ProxySettings& m_settings;
    TrainingProbe::Fit m_before;
};

std::vector<double> alphaScores(const HeteroModules& modules, TrainingProbe& probe,
                                const ProxySettings& settings) {
    const AlphaTest test(probe, settings);
    std::vector<double> scores;
    for (const auto& module : modules)
        scores.push_back(test.score(*module));
    return scores;
}

} // namespace

const std::vector<std::string>& proxyNames() {
    static const std::vector<std::string> names{"grad_norm",       "snip",       "synflow", "product",
                                                "weight_gradient", "alpha_test", "constant"};
    return names;
}

bool needsProbe(Proxy proxy) {
    return proxy == Proxy::Snip || proxy == Proxy::SynFlow || proxy == Proxy::Product;
}

std::vector<double> scoreModules(LanguageModel& model, const HeteroModules& modules, TrainingProbe& probe,
                                 const ProxySettings& settings) {
    if (settings.proxy == Proxy::Constant)
        return std::vector<double>(modules.size(), 1.0);
    const AllOn allOn(modules);
    if (settings.proxy == Proxy::AlphaTest)
        return alphaScores(modules, probe, settings);
    if (!needsProbe(settings.proxy) || settings.probes == 0)
        return scoreOnce(model, modules, probe, settings);
    std::vector<double> scores(modules.size(), 0);
    for (std::int64_t i = 0; i < settings.probes; ++i) {
        const RandomB random(modules, mixSeed(settings.seed, static_cast<std::uint64_t>(i)));
        const std::vector<double> once = scoreOnce(model, modules, probe, settings);
        for (std::size_t k = 0; k < scores.size(); ++k)
            scores[k] += once[k] / static_cast<double>(settings.probes);
    }
    return scores;
}

AbsoluteWeights::AbsoluteWeights(const LanguageModel& model, const HeteroModules& modules) {
    const at::NoGradGuard noGrad;
    const auto replace = [this](at::Tensor weight) {
        m_originals.emplace_back(weight, anotherHandle(weight));
        weight.set_data(absoluteWeight(weight));
    };
    for (const auto& [name, weight] : model.weights())
        replace(weight);
    for (const auto& module : modules) {
        replace(module->a);
        replace(module->b);
    }
}

AbsoluteWeights::~AbsoluteWeights() {
    for (auto it = m_originals.rbegin(); it != m_originals.rend(); ++it)
        it->first.set_data(it->second);
}

} // namespace lathe
