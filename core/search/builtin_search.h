#pragma once

#include "core/search/sampler.h"

#include <memory>

namespace lathe {

/// Uniform over each domain, log-uniform where the domain says so; the history plays no part.
[[nodiscard]] std::unique_ptr<Sampler> makeRandomSampler();
/// Every combination of values once, in a seeded order; asked for more, it gives an input error that says how
/// many there are.
[[nodiscard]] std::unique_ptr<Sampler> makeGridSampler();
/// Scrambled Sobol sequence over the first 64 dimensions.
[[nodiscard]] std::unique_ptr<Sampler> makeSobolSampler();
/// One point in each of as many strata as the study has trials, along every dimension.
[[nodiscard]] std::unique_ptr<Sampler> makeLatinHypercubeSampler();
/// Covariance matrix adaptation over what is always searched and has an order; the rest is drawn at random.
[[nodiscard]] std::unique_ptr<Sampler> makeCmaSampler();
/// Mesh-adaptive direct search.
[[nodiscard]] std::unique_ptr<Sampler> makeMadsSampler();
/// Bayesian optimisation with a Gaussian process over what is always searched; the rest is drawn at random.
[[nodiscard]] std::unique_ptr<Sampler> makeGpSampler();
/// A portfolio of the others: design, model, refinement.
[[nodiscard]] std::unique_ptr<Sampler> makeAutoSampler();
/// Tree-structured Parzen estimator.
[[nodiscard]] std::unique_ptr<Sampler> makeTpeSampler();

/// An evolution of a population towards the front of several objectives.
[[nodiscard]] std::unique_ptr<Sampler> makeNsga2Sampler();

} // namespace lathe
