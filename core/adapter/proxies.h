#pragma once

#include "core/adapter/hetero_module.h"
#include "core/adapter/training_probe.h"

#include <string>
#include <vector>

namespace lathe {

/// What a module's worth is guessed from, without training it. g_A, g_B, G: gradients of A, B and of the
/// whole weight, summed over the batches.
enum class Proxy {
    GradNorm, ///< ‖g_A‖ + ‖g_B‖
    Snip, ///< Σ|A ⊙ g_A| + Σ|B ⊙ g_B|, Lee et al. 2019 (arXiv:1810.02340): the gradients of masks on A and B
    SynFlow, ///< the same with the absolute values of all weights, and ones for the text's vectors; one
             ///< batch, whose texts do not matter. Tanaka et al. 2020 (arXiv:2006.05467)
    Product, ///< Σ|s B A ⊙ G|
    WeightGradient, ///< mean |W ⊙ G| of the frozen weight, He et al. 2025 (arXiv:2502.12171)
    AlphaTest, ///< 10 a with the least a in 0, 0.1, … 1 by which the module's output, frozen path and all,
               ///< may be multiplied while the model answers as well as before, within the tolerance
    Constant   ///< 1: chance decides
};
/// "grad_norm", "snip", "synflow", "product", "weight_gradient", "alpha_test", "constant".
[[nodiscard]] const std::vector<std::string>& proxyNames();

struct ProxySettings {
    Proxy proxy = Proxy::GradNorm;
    std::int64_t batches = 32;
    /// With B = 0 a product says nothing. Snip, SynFlow and Product are taken with this many random B in
    /// turn, from the seed, and averaged; 0: with B as it is.
    std::int64_t probes = 4;
    std::uint64_t seed = 0;
    double tolerance = 0.01; ///< of AlphaTest: accuracy ≥ m (1 - t); perplexity ≤ m (1 + t), or m + t / m
    bool isRelative = true;  ///< which of the two
};

/// Whether the proxy says nothing of a B that is 0.
[[nodiscard]] bool needsProbe(Proxy proxy);

/// The score of each module, all of them on and without dropout, in one pass over the batches. Leaves no
/// trace: weights, gradients and what is on are as before. Contract: not while a step is under way.
[[nodiscard]] std::vector<double> scoreModules(LanguageModel& model, const HeteroModules& modules,
                                               TrainingProbe& probe, const ProxySettings& settings);

/// While it lives, every weight of the model and of the modules is its absolute value. Then they are as
/// before, bit for bit.
class AbsoluteWeights {
public:
    AbsoluteWeights(const LanguageModel& model, const HeteroModules& modules);
    ~AbsoluteWeights();
    AbsoluteWeights(const AbsoluteWeights&) = delete;
    AbsoluteWeights& operator=(const AbsoluteWeights&) = delete;

private:
    std::vector<std::pair<at::Tensor, at::Tensor>> m_originals; ///< handle, its data before
};

} // namespace lathe
