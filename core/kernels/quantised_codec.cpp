#include "core/kernels/quantised_codec.h"

#include "core/base/contract.h"
#include "core/kernels/vectors.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <algorithm>
#include <cmath>
#include <limits>

namespace lathe {

namespace {

// As bitsandbytes has them: quantiles of a normal distribution, scaled to [-1, 1].
constexpr std::array<float, 16> kNf4Levels{-1.0F,
                                           -0.6961928009986877F,
                                           -0.5250730514526367F,
                                           -0.39491748809814453F,
                                           -0.28444138169288635F,
                                           -0.18477343022823334F,
                                           -0.09105003625154495F,
                                           0.0F,
                                           0.07958029955625534F,
                                           0.16093020141124725F,
                                           0.24611230194568634F,
                                           0.33791524171829224F,
                                           0.44070982933044434F,
                                           0.5626170039176941F,
                                           0.7229568362236023F,
                                           1.0F};

constexpr std::int64_t kNf4Largest = 4096; // numbers of a block
constexpr float kLeastAbsmax = 1e-38F;     // what bitsandbytes writes for a cut block of zeros
// Divides blocks of zeros: with kLeastAbsmax that would be by 0 where subnormal numbers count as 0.
constexpr float kLeastDivisor = std::numeric_limits<float>::min();
constexpr float kLeastRow = 1e-36F;    // below it 127 / |w| overflows; such a row becomes zeros
constexpr std::int64_t kGrain = 32768; // numbers that are worth a thread

template <std::size_t N>
std::array<float, N - 1> midpoints(std::span<const float, N> levels) {
    std::array<float, N - 1> between{};
    for (std::size_t i = 0; i + 1 < N; ++i)
        between[i] = (levels[i] + levels[i + 1]) / 2;
    return between;
}

/// Point i of so many from 0.1 to 1, rounded once: from the nearer end.
float evenly(int i, int points) {
    const float step = (1.0F - 0.1F) / static_cast<float>(points - 1);
    return i < points / 2 ? std::fma(step, static_cast<float>(i), 0.1F)
                          : std::fma(-step, static_cast<float>(points - 1 - i), 1.0F);
}

/// Seven powers of ten, each with twice as many fractions as the one below; 0 and 1.
std::array<float, 256> makeDynamicLevels() {
    std::array<float, 256> levels{};
    std::size_t count = 0;
    for (int exponent = 0; exponent < 7; ++exponent) {
        const auto power = static_cast<float>(std::pow(10.0, exponent - 6));
        const int fractions = 1 << exponent;
        for (int i = 0; i < fractions; ++i) {
            const float mean = (evenly(i, fractions + 1) + evenly(i + 1, fractions + 1)) / 2;
            levels[count++] = power * mean;
            levels[count++] = -power * mean;
        }
    }
    levels[count++] = 0;
    levels[count++] = 1;
    LATHE_EXPECT(count == levels.size());
    std::ranges::sort(levels);
    return levels;
}

at::Tensor floatsOf(const at::Tensor& x) { return x.detach().to(at::kFloat).contiguous(); }

/// Codes of one block, count ≤ kNf4Largest, the odd number behind the last counted as 0. A block that is cut
/// short is divided, a whole one multiplied by the reciprocal: the last bit can differ.
LATHE_WIDE float encodeBlock(const float* x, std::int64_t count, bool isCut, const float* between,
                             std::uint8_t* codes) {
    float absmax = 0;
    for (std::int64_t i = 0; i < count; ++i)
        absmax = std::max(absmax, std::fabs(x[i]));
    const float divisor = std::max(absmax, kLeastDivisor);
    const float factor = 1.0F / divisor;
    alignas(64) float scaled[kNf4Largest];
    alignas(64) std::int32_t above[kNf4Largest];
    for (std::int64_t i = 0; i < count; ++i) {
        const float value = isCut ? x[i] / divisor : x[i] * factor;
        scaled[i] = std::min(std::max(value, -1.0F), 1.0F);
        above[i] = 0;
    }
    for (int level = 0; level < 15; ++level)
        for (std::int64_t i = 0; i < count; ++i)
            above[i] += scaled[i] > between[level] ? 1 : 0;
    if (count % 2 != 0)
        above[count] = 7; // the level 0
    for (std::int64_t i = 0; i < count; i += 2)
        codes[i / 2] = static_cast<std::uint8_t>((above[i] << 4) | above[i + 1]);
    return isCut ? std::max(absmax, kLeastAbsmax) : absmax;
}

/// x rounded to bfloat16, to nearest even, as a float. x is finite.
LATHE_INLINE float roundedToBFloat16(float x) {
    std::uint32_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    bits = (bits + 0x7FFFU + ((bits >> 16) & 1U)) & 0xFFFF0000U;
    std::memcpy(&x, &bits, sizeof x);
    return x;
}

LATHE_INLINE void put(float value, float* into) { *into = value; }
LATHE_INLINE void put(float value, c10::BFloat16* into) {
    std::uint32_t bits;
    value = roundedToBFloat16(value);
    std::memcpy(&bits, &value, sizeof bits);
    into->x = static_cast<std::uint16_t>(bits >> 16);
}

using Bits = std::uint32_t __attribute__((vector_size(32)));
using Places = Whole<HalfLanes>;
using Shorts = std::uint16_t __attribute__((vector_size(16)));

/// The numbers at eight places of the table, each below 16.
LATHE_INLINE void lookUp(const HalfLanes (&table)[2], const Places& places, HalfLanes& values) {
#if defined(__clang__)
    float flat[16];
    std::memcpy(flat, table, sizeof flat);
    for (int i = 0; i < 8; ++i)
        values[i] = flat[places[i]];
#else
    const HalfLanes low = __builtin_shuffle(table[0], places & 7);
    const HalfLanes high = __builtin_shuffle(table[1], places & 7);
    values = places > 7 ? high : low;
#endif
}

LATHE_INLINE void storeEight(const HalfLanes& values, float* into) { store(into, values); }
/// The table is rounded: only the low halves are left out.
LATHE_INLINE void storeEight(const HalfLanes& values, c10::BFloat16* into) {
    Bits bits;
    std::memcpy(&bits, &values, sizeof bits);
    const Shorts halves = __builtin_convertvector(bits >> 16, Shorts);
    std::memcpy(into, &halves, sizeof halves);
}

LATHE_INLINE float absmaxOf(const Nf4View& view, std::int64_t block) {
    if (view.absmax != nullptr)
        return view.absmax[block];
    const float product =
        view.nestedLevels[view.nestedCodes[block]] * view.nestedAbsmax[block / view.nestedBlock];
    return product + view.offset;
}

LATHE_INLINE float roundedTo(at::ScalarType dtype, float x) {
    return dtype == at::kFloat      ? x
           : dtype == at::kBFloat16 ? roundedToBFloat16(x)
                                    : static_cast<float>(c10::Half(x));
}

/// One block: its 16 products with absmax, then nothing but looking up.
template <typename Out>
LATHE_INLINE void decodeBlock(const Nf4View& view, std::int64_t block, Out* into) {
    const float absmax = absmaxOf(view, block);
    float products[16];
    for (int i = 0; i < 16; ++i) {
        Out last;
        put(roundedTo(view.rounding, view.levels[i] * absmax), &last);
        products[i] = static_cast<float>(last);
    }
    HalfLanes table[2];
    std::memcpy(table, products, sizeof table);
    const std::int64_t begin = block * view.block;
    const std::int64_t end = std::min(begin + view.block, view.count);
    std::int64_t i = begin;
    for (; i + 8 <= end; i += 8) {
        std::uint32_t four;
        std::memcpy(&four, view.codes + i / 2, sizeof four);
        four = ((four & 0x0F0F0F0FU) << 4) | ((four >> 4) & 0x0F0F0F0FU); // the first number lowest
        const Bits shifts{0, 4, 8, 12, 16, 20, 24, 28};
        const Bits index = ((Bits{} + four) >> shifts) & 15U;
        Places places;
        std::memcpy(&places, &index, sizeof places);
        HalfLanes values;
        lookUp(table, places, values);
        storeEight(values, into + i);
    }
    for (; i < end; ++i) {
        const std::uint8_t two = view.codes[i / 2];
        put(products[i % 2 == 0 ? two >> 4 : two & 15], into + i);
    }
}

// Written out for each dtype: a template cannot be dispatched.
LATHE_WIDE void decodeBlocks(const Nf4View& view, std::int64_t begin, std::int64_t end, float* into) {
    for (std::int64_t block = begin; block < end; ++block)
        decodeBlock(view, block, into);
}
LATHE_WIDE void decodeBlocks(const Nf4View& view, std::int64_t begin, std::int64_t end, c10::BFloat16* into) {
    for (std::int64_t block = begin; block < end; ++block)
        decodeBlock(view, block, into);
}

template <typename Out>
LATHE_INLINE void decodeRow(const Int8View& view, std::int64_t row, Out* into) {
    constexpr float kPerStep = 7.874015718698502e-3F; // 1 / 127
    const std::int8_t* codes = view.codes + row * view.columns;
    const float scale = view.scale[row];
    for (std::int64_t i = 0; i < view.columns; ++i)
        put((static_cast<float>(codes[i]) * scale) * kPerStep, into + i);
}

LATHE_WIDE void decodeRange(const Int8View& view, std::int64_t begin, std::int64_t end, float* into) {
    for (std::int64_t row = begin; row < end; ++row)
        decodeRow(view, row, into + row * view.columns);
}
LATHE_WIDE void decodeRange(const Int8View& view, std::int64_t begin, std::int64_t end, c10::BFloat16* into) {
    for (std::int64_t row = begin; row < end; ++row)
        decodeRow(view, row, into + row * view.columns);
}

LATHE_WIDE void decodeChosen(const Int8View& view, const std::int64_t* rows, std::int64_t count,
                             float* into) {
    for (std::int64_t i = 0; i < count; ++i)
        decodeRow(view, rows[i], into + i * view.columns);
}
LATHE_WIDE void decodeChosen(const Int8View& view, const std::int64_t* rows, std::int64_t count,
                             c10::BFloat16* into) {
    for (std::int64_t i = 0; i < count; ++i)
        decodeRow(view, rows[i], into + i * view.columns);
}

/// Calls `part(begin, end)` for pieces of so many blocks, on several threads.
template <typename F>
void inPieces(std::int64_t blocks, std::int64_t size, const F& part) {
    at::parallel_for(0, blocks, std::max<std::int64_t>(1, kGrain / std::max<std::int64_t>(1, size)), part);
}

template <typename Out>
void decodeAll(const Nf4View& view, Out* into) {
    inPieces((view.count + view.block - 1) / view.block, view.block,
             [&](std::int64_t begin, std::int64_t end) { decodeBlocks(view, begin, end, into); });
}

template <typename Out>
void decodeAll(const Int8View& view, Out* into) {
    inPieces(view.rows, view.columns,
             [&](std::int64_t begin, std::int64_t end) { decodeRange(view, begin, end, into); });
}

template <typename Out>
void decodeThese(const Int8View& view, std::span<const std::int64_t> rows, Out* into) {
    inPieces(static_cast<std::int64_t>(rows.size()), view.columns, [&](std::int64_t begin, std::int64_t end) {
        decodeChosen(view, rows.data() + begin, end - begin, into + begin * view.columns);
    });
}

} // namespace

std::span<const float, 16> nf4Levels() { return kNf4Levels; }

std::span<const float, 256> dynamicLevels() {
    static const std::array<float, 256> levels = makeDynamicLevels();
    return levels;
}

Nf4Codes encodeNf4(const at::Tensor& x, std::int64_t block) {
    LATHE_EXPECT(block > 0 && block % 2 == 0 && block <= kNf4Largest);
    const at::Tensor floats = floatsOf(x);
    const std::int64_t count = floats.numel();
    const std::int64_t blocks = (count + block - 1) / block;
    Nf4Codes result{at::empty({(count + 1) / 2}, at::kByte), at::empty({blocks}, at::kFloat)};
    const float* from = floats.const_data_ptr<float>();
    auto* codes = result.codes.mutable_data_ptr<std::uint8_t>();
    auto* absmax = result.absmax.mutable_data_ptr<float>();
    const std::array<float, 15> between = midpoints(nf4Levels());
    inPieces(blocks, block, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t i = first; i < last; ++i) {
            const std::int64_t begin = i * block;
            const std::int64_t size = std::min(block, count - begin);
            absmax[i] = encodeBlock(from + begin, size, size < block, between.data(), codes + begin / 2);
        }
    });
    return result;
}

NestedStatistics nestStatistics(const at::Tensor& absmax, float offset) {
    const std::int64_t count = absmax.numel();
    const std::int64_t blocks = (count + kStatisticsBlock - 1) / kStatisticsBlock;
    NestedStatistics result{at::empty({count}, at::kByte), at::empty({blocks}, at::kFloat), offset};
    const at::Tensor floats = floatsOf(absmax);
    const std::span given(floats.const_data_ptr<float>(), static_cast<std::size_t>(count));
    static const std::array<float, 255> between = midpoints(dynamicLevels());
    auto* codes = result.codes.mutable_data_ptr<std::uint8_t>();
    for (std::int64_t block = 0; block < blocks; ++block) {
        const std::int64_t begin = block * kStatisticsBlock;
        const std::int64_t end = std::min(begin + kStatisticsBlock, count);
        const bool isCut = end - begin < kStatisticsBlock;
        float largest = 0;
        for (std::int64_t i = begin; i < end; ++i)
            largest = std::max(largest, std::fabs(given[static_cast<std::size_t>(i)] - offset));
        const float divisor = std::max(largest, kLeastDivisor);
        result.absmax.mutable_data_ptr<float>()[block] = isCut ? std::max(largest, kLeastAbsmax) : largest;
        const float factor = 1.0F / divisor;
        for (std::int64_t i = begin; i < end; ++i) {
            const float apart = given[static_cast<std::size_t>(i)] - offset;
            const float scaled = std::clamp(isCut ? apart / divisor : apart * factor, -1.0F, 1.0F);
            codes[i] = static_cast<std::uint8_t>(std::ranges::lower_bound(between, scaled) - between.begin());
        }
    }
    return result;
}

Int8Codes encodeInt8(const at::Tensor& weight) {
    LATHE_EXPECT(weight.dim() == 2);
    const at::Tensor floats = floatsOf(weight);
    const std::int64_t columns = weight.size(1);
    Int8Codes result{at::empty(weight.sizes(), at::kChar), at::empty({weight.size(0)}, at::kFloat)};
    const float* from = floats.const_data_ptr<float>();
    auto* codes = result.codes.mutable_data_ptr<std::int8_t>();
    auto* scale = result.scale.mutable_data_ptr<float>();
    inPieces(weight.size(0), columns, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t row = first; row < last; ++row) {
            const std::span given(from + row * columns, static_cast<std::size_t>(columns));
            float largest = 0;
            for (const float value : given)
                largest = std::max(largest, std::fabs(value));
            scale[row] = largest;
            const float factor = largest > kLeastRow ? 127.0F / largest : 0;
            std::ranges::transform(given, codes + row * columns, [factor](float value) {
                return static_cast<std::int8_t>(std::nearbyint(value * factor));
            });
        }
    });
    return result;
}

void decode(const Nf4View& view, float* into) { decodeAll(view, into); }
void decode(const Nf4View& view, c10::BFloat16* into) { decodeAll(view, into); }
void decode(const Int8View& view, float* into) { decodeAll(view, into); }
void decode(const Int8View& view, c10::BFloat16* into) { decodeAll(view, into); }
void decodeRows(const Int8View& view, std::span<const std::int64_t> rows, float* into) {
    decodeThese(view, rows, into);
}
void decodeRows(const Int8View& view, std::span<const std::int64_t> rows, c10::BFloat16* into) {
    decodeThese(view, rows, into);
}

} // namespace lathe
