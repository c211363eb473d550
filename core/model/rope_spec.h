#pragma once

#include "core/model/config_reader.h"

#include <cstdint>
#include <vector>

namespace lathe {

/// Rotary position embedding, Su et al. 2021 (arXiv:2104.09864), and how it is stretched to longer contexts.
struct RopeSpec {
    enum class Type { Default, Linear, Dynamic, Llama3, Yarn, LongRope };
    Type type = Type::Default;
    std::int64_t size = 0;       ///< rotated dimensions of each head, the first ones; even
    std::int64_t dimensions = 0; ///< what the exponents count to: size, or one less
    /// Dimension 2i turns with 2i + 1, else i with i + size/2.
    bool isInterleaved = false;
    double theta = 10000;
    double factor = 1;
    double originalPositions = 0; ///< context length of the pre-training
    double maxPositions = 0;
    double lowFrequencyFactor = 1, highFrequencyFactor = 4; ///< Llama3
    double betaFast = 32, betaSlow = 1;                     ///< Yarn
    bool isTruncated = true;                                ///< Yarn: the ramp's ends are whole numbers
    std::vector<double> shortFactors, longFactors;          ///< LongRope, size / 2 each
    double attentionFactor = 1;                             ///< of cosine and sine
};

/// Angle per position of each pair, size / 2 values, for a text of `length` tokens (Dynamic and LongRope
/// depend on it).
[[nodiscard]] std::vector<double> ropeFrequencies(const RopeSpec& spec, std::int64_t length);

/// What config.json asks for: `rope_parameters` (transformers 5) or `rope_theta` and `rope_scaling` (4).
/// Other types than RopeSpec's are refused by name. `size`: rotated dimensions of a head of `headSize`; 0: by
/// `partial_rotary_factor`, where `fallbackFraction` stands in.
[[nodiscard]] RopeSpec readRope(const nlohmann::json& config, ConfigReader& reader, std::int64_t headSize,
                                double fallbackFraction = 1, std::int64_t size = 0);

} // namespace lathe
