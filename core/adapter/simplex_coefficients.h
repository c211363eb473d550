#pragma once

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lathe {

/// For what coefficients are drawn anew.
enum class AlphaScope {
    ObservationLayer, ///< each text and each layer
    Observation,      ///< each text
    BatchLayer,       ///< each layer, the same for all texts of a step
    Batch             ///< each step
};

/// "observation_layer", "observation", "batch_layer", "batch", in the order of the enumerators.
[[nodiscard]] const std::vector<std::string>& alphaScopeNames();
/// Contract: one of these names.
[[nodiscard]] AlphaScope alphaScopeFrom(const std::string& name);
[[nodiscard]] const std::string& nameOf(AlphaScope scope);

/// How points of a simplex are drawn: Dirichlet(a, …, a), for a = 1 uniformly on the simplex.
struct CoefficientSettings {
    std::int64_t vertices = 3;
    AlphaScope scope = AlphaScope::ObservationLayer;
    double concentration = 1;
    bool operator==(const CoefficientSettings&) const = default;
};

/// Coefficients of the texts `firstRow`, … of a stream, at so many slots (layers, and the head behind them):
/// [rows, slots, vertices] fp64 on the CPU, or [1, slots, vertices] where the scope is that of a batch. Each
/// is a function of stream, row and slot alone (Philox, Salmon et al. 2011), whatever was drawn before and
/// however many threads there are. With one vertex all are 1.
[[nodiscard]] at::Tensor drawCoefficients(const CoefficientSettings& settings, std::uint64_t stream,
                                          std::int64_t firstRow, std::int64_t rows, std::int64_t slots);

/// Two different vertices as a function of (seed, step). Contract: there are two.
[[nodiscard]] std::pair<std::int64_t, std::int64_t> drawPair(std::int64_t vertices, std::uint64_t seed,
                                                             std::int64_t step);

/// cos² of the angle between two tensors taken as vectors, a scalar: the regulariser of learned subspaces,
/// Wortsman et al. 2021 (arXiv:2102.10472).
[[nodiscard]] at::Tensor squaredCosine(const at::Tensor& one, const at::Tensor& other);

} // namespace lathe
