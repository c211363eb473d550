#pragma once

#include <ATen/core/Tensor.h>
#include <array>
#include <cstdint>
#include <span>

namespace lathe {

/// How bitsandbytes keeps weights, byte for byte: NF4, Dettmers et al. 2023 (arXiv:2305.14314), whose
/// statistics may be quantised again with the dynamic 8-bit map of Dettmers 2015 (arXiv:1511.04561), and
/// LLM.int8(), Dettmers et al. 2022 (arXiv:2208.07339). Numbers lie row by row.

inline constexpr std::int64_t kNf4Block = 64;
inline constexpr std::int64_t kStatisticsBlock = 256;

/// The 16 levels of NF4, ascending from -1 to 1.
[[nodiscard]] std::span<const float, 16> nf4Levels();
/// The 256 levels of the dynamic map, ascending from -0.993 to 1.
[[nodiscard]] std::span<const float, 256> dynamicLevels();

/// Numbers as NF4 codes: blocks of x / max|x|, each number the nearest level.
struct Nf4Codes {
    at::Tensor codes;  ///< [⌈n / 2⌉] uint8, two codes a byte, the first in the high half
    at::Tensor absmax; ///< [⌈n / block⌉] float32
};
/// x: finite, of any shape and floating dtype. Contract: block is even.
[[nodiscard]] Nf4Codes encodeNf4(const at::Tensor& x, std::int64_t block);

/// Statistics of blocks that are quantised themselves: absmax - offset in blocks of 256.
struct NestedStatistics {
    at::Tensor codes;  ///< [blocks] uint8, places in the dynamic map
    at::Tensor absmax; ///< [⌈blocks / 256⌉] float32
    float offset = 0;
};
/// absmax: [blocks] float32. bitsandbytes takes their mean as the offset.
[[nodiscard]] NestedStatistics nestStatistics(const at::Tensor& absmax, float offset);

/// A matrix with one scale a row.
struct Int8Codes {
    at::Tensor codes; ///< [out, in] int8
    at::Tensor scale; ///< [out] float32, the largest |w| of the row
};
/// weight: [out, in], finite, of any floating dtype. What rounds to a half goes to the even number.
[[nodiscard]] Int8Codes encodeInt8(const at::Tensor& weight);

/// Where an NF4 weight lies; nothing is owned.
struct Nf4View {
    std::int64_t count = 0; ///< of numbers
    std::int64_t block = kNf4Block;
    const std::uint8_t* codes = nullptr;
    const float* levels = nullptr; ///< 16
    const float* absmax = nullptr; ///< plain statistics, or null
    const std::uint8_t* nestedCodes = nullptr;
    const float* nestedLevels = nullptr; ///< 256
    const float* nestedAbsmax = nullptr;
    std::int64_t nestedBlock = kStatisticsBlock;
    float offset = 0;
    /// The dtype that a product of level and absmax is rounded to first: float32, bfloat16 or float16.
    at::ScalarType rounding = at::ScalarType::Float;
};
/// Where an int8 weight lies.
struct Int8View {
    std::int64_t rows = 0, columns = 0;
    const std::int8_t* codes = nullptr;
    const float* scale = nullptr; ///< one a row
};

/// Writes all numbers. Into bfloat16, what was rounded to another dtype is rounded again. On several threads.
void decode(const Nf4View& view, float* into);
void decode(const Nf4View& view, c10::BFloat16* into);
void decode(const Int8View& view, float* into);
void decode(const Int8View& view, c10::BFloat16* into);
/// The rows asked for, one behind the other, as often as they are. Contract: they are there.
void decodeRows(const Int8View& view, std::span<const std::int64_t> rows, float* into);
void decodeRows(const Int8View& view, std::span<const std::int64_t> rows, c10::BFloat16* into);

} // namespace lathe
