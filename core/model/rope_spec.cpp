#include "core/model/rope_spec.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

namespace lathe {

namespace {

using Type = RopeSpec::Type;

std::vector<double> plainFrequencies(double theta, std::int64_t size) {
    std::vector<double> frequencies;
    for (std::int64_t i = 0; i < size; i += 2)
        frequencies.push_back(1.0 / std::pow(theta, static_cast<double>(i) / static_cast<double>(size)));
    return frequencies;
}

/// Grattafiori et al. 2024 (arXiv:2407.21783): long wavelengths are stretched, short ones kept, those between
/// blended.
double llama3Frequency(double frequency, const RopeSpec& spec) {
    const double wavelength = 2 * std::numbers::pi / frequency;
    if (wavelength > spec.originalPositions / spec.lowFrequencyFactor)
        return frequency / spec.factor;
    if (wavelength < spec.originalPositions / spec.highFrequencyFactor)
        return frequency;
    const double t = (spec.originalPositions / wavelength - spec.lowFrequencyFactor) /
                     (spec.highFrequencyFactor - spec.lowFrequencyFactor);
    return (1 - t) * frequency / spec.factor + t * frequency;
}

/// Peng et al. 2023 (arXiv:2309.00071), "NTK by parts": dimensions that turn often keep their frequency,
/// those that turn seldom are stretched, with a linear ramp between.
std::vector<double> yarnFrequencies(const RopeSpec& spec) {
    const auto dimensions = static_cast<double>(spec.dimensions);
    const auto dimensionOf = [&](double rotations) {
        return dimensions * std::log(spec.originalPositions / (rotations * 2 * std::numbers::pi)) /
               (2 * std::log(spec.theta));
    };
    double low = dimensionOf(spec.betaFast);
    double high = dimensionOf(spec.betaSlow);
    if (spec.isTruncated) {
        low = std::floor(low);
        high = std::ceil(high);
    }
    low = std::max(low, 0.0);
    high = std::min(high, dimensions - 1);
    if (low == high)
        high += 0.001;
    std::vector<double> frequencies = plainFrequencies(spec.theta, spec.dimensions);
    for (std::size_t i = 0; i < frequencies.size(); ++i) {
        const double stretched = std::clamp((static_cast<double>(i) - low) / (high - low), 0.0, 1.0);
        frequencies[i] *= stretched / spec.factor + (1 - stretched);
    }
    return frequencies;
}

std::vector<double> readFactors(const nlohmann::json& rope, const char* key, std::int64_t count,
                                ConfigReader& reader) {
    std::vector<double> factors;
    if (const auto it = rope.find(key); it != rope.end() && it->is_array())
        for (const auto& item : *it)
            factors.push_back(item.is_number() ? item.get<double>() : 0);
    const bool isWrong = static_cast<std::int64_t>(factors.size()) != count ||
                         std::any_of(factors.begin(), factors.end(), [](double f) { return !(f > 0); });
    if (isWrong)
        reader.refuse(key, "needs " + std::to_string(count) + " positive numbers");
    return isWrong ? std::vector<double>(static_cast<std::size_t>(count), 1) : factors;
}

double yarnAttentionFactor(ConfigReader& rope, double factor) {
    const auto scale = [factor](double m) { return factor <= 1 ? 1.0 : 0.1 * m * std::log(factor) + 1; };
    const double all = rope.real("mscale_all_dim", 0);
    const double one = rope.real("mscale", 0);
    return rope.real("attention_factor", all != 0 && one != 0 ? scale(one) / scale(all) : scale(1));
}

double longRopeAttentionFactor(ConfigReader& rope, const RopeSpec& spec) {
    const double fallback =
        spec.factor <= 1 ? 1 : std::sqrt(1 + std::log(spec.factor) / std::log(spec.originalPositions));
    return rope.real("attention_factor", fallback);
}

void readScaling(const nlohmann::json& merged, ConfigReader& rope, ConfigReader& reader, RopeSpec& spec) {
    const std::string type = rope.text("rope_type", rope.text("type", "default"));
    if (type == "default" || type == "mrope")
        return;
    const double stretch = spec.originalPositions > 0 ? spec.maxPositions / spec.originalPositions : 1;
    spec.factor = rope.real("factor", type == "yarn" || type == "longrope" || type == "su" ? stretch : 1);
    if (type == "linear") {
        spec.type = Type::Linear;
    } else if (type == "dynamic") {
        spec.type = Type::Dynamic;
    } else if (type == "llama3") {
        spec.type = Type::Llama3;
        spec.lowFrequencyFactor = rope.real("low_freq_factor", 1);
        spec.highFrequencyFactor = rope.real("high_freq_factor", 4);
        if (spec.highFrequencyFactor <= spec.lowFrequencyFactor)
            reader.refuse("high_freq_factor", "must be above low_freq_factor");
    } else if (type == "yarn") {
        spec.type = Type::Yarn;
        spec.betaFast = rope.real("beta_fast", 32);
        spec.betaSlow = rope.real("beta_slow", 1);
        spec.isTruncated = rope.flag("truncate", true);
        spec.attentionFactor = yarnAttentionFactor(rope, spec.factor);
    } else if (type == "longrope" || type == "su") {
        spec.type = Type::LongRope;
        spec.shortFactors = readFactors(merged, "short_factor", spec.size / 2, reader);
        spec.longFactors = readFactors(merged, "long_factor", spec.size / 2, reader);
        spec.attentionFactor = longRopeAttentionFactor(rope, spec);
    } else {
        reader.refuse("rope_type", "is \"" + type +
                                       "\", which is not supported; default, linear, dynamic, llama3, yarn "
                                       "and longrope are");
    }
}

} // namespace

std::vector<double> ropeFrequencies(const RopeSpec& spec, std::int64_t length) {
    if (spec.type == Type::Yarn)
        return yarnFrequencies(spec);
    double theta = spec.theta;
    if (spec.type == Type::Dynamic) { // neural-tangent-kernel scaling; grows with the text
        const double longest = std::max(static_cast<double>(length), spec.maxPositions);
        const auto d = static_cast<double>(spec.dimensions);
        theta *= std::pow(spec.factor * longest / spec.maxPositions - (spec.factor - 1), d / (d - 2));
    }
    std::vector<double> frequencies = plainFrequencies(theta, spec.dimensions);
    if (spec.type == Type::Linear)
        for (double& frequency : frequencies)
            frequency /= spec.factor;
    if (spec.type == Type::Llama3)
        for (double& frequency : frequencies)
            frequency = llama3Frequency(frequency, spec);
    if (spec.type == Type::LongRope) { // Ding et al. 2024 (arXiv:2402.13753)
        const bool isLong = static_cast<double>(length) > spec.originalPositions;
        for (std::size_t i = 0; i < frequencies.size(); ++i)
            frequencies[i] /= (isLong ? spec.longFactors : spec.shortFactors)[i];
    }
    return frequencies;
}

RopeSpec readRope(const nlohmann::json& config, ConfigReader& reader, std::int64_t headSize,
                  double fallbackFraction, std::int64_t size) {
    const auto part = [&config](const char* key) {
        const auto it = config.find(key);
        return it != config.end() && it->is_object() ? *it : nlohmann::json::object();
    };
    nlohmann::json merged = part("rope_scaling");
    merged.update(part("rope_parameters"));
    ConfigReader rope(merged);
    RopeSpec spec;
    spec.theta = rope.real("rope_theta", reader.real("rope_theta", 10000));
    spec.maxPositions = static_cast<double>(reader.size("max_position_embeddings", 2048));
    spec.originalPositions = rope.real("original_max_position_embeddings",
                                       reader.real("original_max_position_embeddings", spec.maxPositions));
    const double fraction =
        rope.real("partial_rotary_factor", reader.real("partial_rotary_factor", fallbackFraction));
    spec.dimensions = size > 0 ? size : static_cast<std::int64_t>(static_cast<double>(headSize) * fraction);
    spec.size = spec.dimensions + spec.dimensions % 2; // an odd number turns one more, as in transformers
    if (spec.size < 2 || spec.size > headSize)
        reader.refuse("partial_rotary_factor", "gives " + std::to_string(spec.dimensions) +
                                                   " rotated dimensions of each head; 2 to the head size, " +
                                                   std::to_string(headSize) + ", are needed");
    readScaling(merged, rope, reader, spec);
    if (spec.type == Type::Dynamic && spec.dimensions < 4)
        reader.refuse("rope_type", "\"dynamic\" needs at least 4 rotated dimensions");
    if (!rope.problem().has_value())
        reader.refuse("rope_parameters", rope.problem().error().text());
    if (!(spec.theta > 0) || !(spec.factor > 0) || !(spec.originalPositions > 0))
        reader.refuse("rope_theta", "the scaling factor and the original context length must be above 0");
    return spec;
}

} // namespace lathe
