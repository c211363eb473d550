#pragma once

#include "core/model/config_reader.h"

#include <ATen/core/Tensor.h>
#include <vector>

namespace lathe {

/// Rotary position embedding, Su et al. 2021 (arXiv:2104.09864), half-split layout: dimension i turns with i
/// + d/2. Frequencies and angles are computed in fp32 for every narrower dtype, and in fp64 for fp64.
class Rope {
public:
    Rope() = default;
    /// `inverseFrequencies`: head size / 2 values.
    explicit Rope(std::vector<double> inverseFrequencies);

    struct Angles {
        at::Tensor cos, sin; ///< [T, d] or [B, 1, T, d], in the compute dtype
    };
    /// Angles of positions first … first + count - 1.
    [[nodiscard]] Angles range(std::int64_t first, std::int64_t count,
                               const at::TensorOptions& options) const;
    /// positions: [B, T] int64.
    [[nodiscard]] Angles atPositions(const at::Tensor& positions, const at::TensorOptions& options) const;

    /// x: [B, heads, T, d].
    [[nodiscard]] static at::Tensor rotate(const at::Tensor& x, const Angles& angles);

private:
    [[nodiscard]] Angles fromPositions(const at::Tensor& positions, const at::TensorOptions& options) const;

    std::vector<double> m_inverseFrequencies;
};

/// The frequencies config.json asks for: `rope_parameters` (transformers 5) or `rope_theta` and
/// `rope_scaling` (4); types default, linear and llama3. Other types are refused by name.
[[nodiscard]] std::vector<double> readRopeFrequencies(const nlohmann::json& config, ConfigReader& reader,
                                                      std::int64_t headSize);

} // namespace lathe
