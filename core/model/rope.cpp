#include "core/model/rope.h"

#include "core/kernels/fused_ops.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/tensor.h>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

namespace lathe {

namespace {

/// Grattafiori et al. 2024 (arXiv:2407.21783): long wavelengths are stretched, short ones kept, those between
/// blended.
double llama3Frequency(double frequency, double factor, double low, double high, double original) {
    const double wavelength = 2 * std::numbers::pi / frequency;
    if (wavelength > original / low)
        return frequency / factor;
    if (wavelength < original / high)
        return frequency;
    const double t = (original / wavelength - low) / (high - low);
    return (1 - t) * frequency / factor + t * frequency;
}

} // namespace

Rope::Rope(std::vector<double> inverseFrequencies) : m_inverseFrequencies(std::move(inverseFrequencies)) {}

Rope::Angles Rope::fromPositions(const at::Tensor& positions, const at::TensorOptions& options) const {
    const bool isDouble = options.dtype() == at::kDouble;
    const at::ScalarType wide = isDouble ? at::kDouble : at::kFloat;
    const auto frequencies = at::tensor(m_inverseFrequencies, at::kDouble).to(positions.device(), wide);
    const at::Tensor half = positions.to(wide).unsqueeze(-1) * frequencies;
    const at::Tensor full = at::cat({half, half}, -1);
    return {full.cos().to(options.dtype()), full.sin().to(options.dtype())};
}

Rope::Angles Rope::range(std::int64_t first, std::int64_t count, const at::TensorOptions& options) const {
    return fromPositions(at::arange(first, first + count, options.dtype(at::kLong)), options);
}

Rope::Angles Rope::atPositions(const at::Tensor& positions, const at::TensorOptions& options) const {
    Angles angles = fromPositions(positions, options);
    return {angles.cos.unsqueeze(1), angles.sin.unsqueeze(1)};
}

at::Tensor Rope::rotate(const at::Tensor& x, const Angles& angles) {
    return rotateHalves(x, angles.cos, angles.sin);
}

std::vector<double> readRopeFrequencies(const nlohmann::json& config, ConfigReader& reader,
                                        std::int64_t headSize) {
    const auto part = [&config](const char* key) {
        const auto it = config.find(key);
        return it != config.end() && it->is_object() ? *it : nlohmann::json::object();
    };
    nlohmann::json merged = part("rope_scaling");
    merged.update(part("rope_parameters"));
    ConfigReader rope(merged);
    const double theta = rope.real("rope_theta", reader.real("rope_theta", 10000));
    const std::string type = rope.text("rope_type", rope.text("type", "default"));
    std::vector<double> frequencies;
    for (std::int64_t i = 0; i < headSize; i += 2)
        frequencies.push_back(1.0 / std::pow(theta, static_cast<double>(i) / static_cast<double>(headSize)));
    const double factor = rope.real("factor", 1);
    if (type == "linear") {
        for (double& frequency : frequencies)
            frequency /= factor;
    } else if (type == "llama3") {
        const double original = rope.real("original_max_position_embeddings", 8192);
        for (double& frequency : frequencies)
            frequency = llama3Frequency(frequency, factor, rope.real("low_freq_factor", 1),
                                        rope.real("high_freq_factor", 4), original);
    } else if (type != "default") {
        reader.refuse("rope_type",
                      "is \"" + type + "\", which is not supported; default, linear and llama3 are");
    }
    if (!rope.problem().has_value())
        reader.refuse("rope_scaling", rope.problem().error().text());
    if (theta <= 0 || factor <= 0)
        reader.refuse("rope_theta", "and the scaling factor must be above 0");
    return frequencies;
}

} // namespace lathe
