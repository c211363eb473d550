#include "core/search/sobol.h"

#include "core/base/contract.h"
#include "core/base/random.h"

#include <array>

namespace lathe {

namespace {

constexpr int kDigits = 32;
constexpr std::size_t kMostInitial = 9;

/// A primitive polynomial over GF(2), by its bits, and the first direction numbers of its dimension.
struct Generator {
    std::uint32_t polynomial;
    std::array<std::uint32_t, kMostInitial> initial;
};

constexpr std::array<Generator, kSobolDimensions - 1> kGenerators{
    {{3, {1}},
     {7, {1, 3}},
     {11, {1, 3, 1}},
     {13, {1, 1, 1}},
     {19, {1, 1, 3, 3}},
     {25, {1, 3, 5, 13}},
     {37, {1, 1, 5, 5, 17}},
     {41, {1, 1, 5, 5, 5}},
     {47, {1, 1, 7, 11, 19}},
     {55, {1, 1, 5, 1, 1}},
     {59, {1, 1, 1, 3, 11}},
     {61, {1, 3, 5, 5, 31}},
     {67, {1, 3, 3, 9, 7, 49}},
     {91, {1, 1, 1, 15, 21, 21}},
     {97, {1, 3, 1, 13, 27, 49}},
     {103, {1, 1, 1, 15, 7, 5}},
     {109, {1, 3, 1, 15, 13, 25}},
     {115, {1, 1, 5, 5, 19, 61}},
     {131, {1, 3, 7, 11, 23, 15, 103}},
     {137, {1, 3, 7, 13, 13, 15, 69}},
     {143, {1, 1, 3, 13, 7, 35, 63}},
     {145, {1, 3, 5, 9, 1, 25, 53}},
     {157, {1, 3, 1, 13, 9, 35, 107}},
     {167, {1, 3, 1, 5, 27, 61, 31}},
     {171, {1, 1, 5, 11, 19, 41, 61}},
     {185, {1, 3, 5, 3, 3, 13, 69}},
     {191, {1, 1, 7, 13, 1, 19, 1}},
     {193, {1, 3, 7, 5, 13, 19, 59}},
     {203, {1, 1, 3, 9, 25, 29, 41}},
     {211, {1, 3, 5, 13, 23, 1, 55}},
     {213, {1, 3, 7, 3, 13, 59, 17}},
     {229, {1, 3, 1, 3, 5, 53, 69}},
     {239, {1, 1, 5, 5, 23, 33, 13}},
     {241, {1, 1, 7, 7, 1, 61, 123}},
     {247, {1, 1, 7, 9, 13, 61, 49}},
     {253, {1, 3, 3, 5, 3, 55, 33}},
     {285, {1, 3, 1, 15, 31, 13, 49, 245}},
     {299, {1, 3, 5, 15, 31, 59, 63, 97}},
     {301, {1, 3, 1, 11, 11, 11, 77, 249}},
     {333, {1, 3, 1, 11, 27, 43, 71, 9}},
     {351, {1, 1, 7, 15, 21, 11, 81, 45}},
     {355, {1, 3, 7, 3, 25, 31, 65, 79}},
     {357, {1, 3, 1, 1, 19, 11, 3, 205}},
     {361, {1, 1, 5, 9, 19, 21, 29, 157}},
     {369, {1, 3, 7, 11, 1, 33, 89, 185}},
     {391, {1, 3, 3, 3, 15, 9, 79, 71}},
     {397, {1, 3, 7, 11, 15, 39, 119, 27}},
     {425, {1, 1, 3, 1, 11, 31, 97, 225}},
     {451, {1, 1, 1, 3, 23, 43, 57, 177}},
     {463, {1, 3, 7, 7, 17, 17, 37, 71}},
     {487, {1, 3, 1, 5, 27, 63, 123, 213}},
     {501, {1, 1, 3, 5, 11, 43, 53, 133}},
     {529, {1, 3, 5, 5, 29, 17, 47, 173, 479}},
     {539, {1, 3, 3, 11, 3, 1, 109, 9, 69}},
     {545, {1, 1, 1, 5, 17, 39, 23, 5, 343}},
     {557, {1, 3, 1, 5, 25, 15, 31, 103, 499}},
     {563, {1, 1, 1, 11, 11, 17, 63, 105, 183}},
     {601, {1, 1, 5, 11, 9, 29, 97, 231, 363}},
     {607, {1, 1, 5, 15, 19, 45, 41, 7, 383}},
     {617, {1, 3, 7, 7, 31, 19, 83, 137, 221}},
     {623, {1, 1, 1, 3, 23, 15, 111, 223, 83}},
     {631, {1, 1, 5, 13, 31, 15, 55, 25, 161}},
     {637, {1, 1, 3, 13, 25, 47, 39, 87, 257}}}};

using Directions = std::array<std::uint32_t, kDigits>;

Directions directionsOf(std::size_t dimension) {
    Directions directions{};
    if (dimension == 0) {
        for (int k = 0; k < kDigits; ++k)
            directions[static_cast<std::size_t>(k)] = 1U << (kDigits - 1 - k);
        return directions;
    }
    const Generator& generator = kGenerators[dimension - 1];
    std::size_t degree = 0;
    while ((generator.polynomial >> (degree + 1)) != 0)
        ++degree;
    std::array<std::uint64_t, kDigits> numbers{};
    for (std::size_t k = 0; k < numbers.size(); ++k) {
        if (k < degree) {
            numbers[k] = generator.initial[k];
        } else {
            numbers[k] = numbers[k - degree] ^ (numbers[k - degree] << degree);
            for (std::size_t j = 1; j < degree; ++j)
                if ((generator.polynomial >> (degree - j)) & 1U)
                    numbers[k] ^= numbers[k - j] << j;
        }
        directions[k] = static_cast<std::uint32_t>(numbers[k] << (kDigits - 1 - k));
    }
    return directions;
}

const std::array<Directions, kSobolDimensions>& allDirections() {
    static const auto all = [] {
        std::array<Directions, kSobolDimensions> made{};
        for (std::size_t d = 0; d < made.size(); ++d)
            made[d] = directionsOf(d);
        return made;
    }();
    return all;
}

std::uint32_t reversed(std::uint32_t x) {
    std::uint32_t result = 0;
    for (int digit = 0; digit < kDigits; ++digit)
        result |= ((x >> digit) & 1U) << (kDigits - 1 - digit);
    return result;
}

/// The hash of Laine and Karras 2011 with Burley's constants: a digit changes only those above it.
std::uint32_t hashUpwards(std::uint32_t x, std::uint32_t seed) {
    x += seed;
    x ^= x * 0x6c50b47cU;
    x ^= x * 0xb82f1e52U;
    x ^= x * 0xc7afe638U;
    x ^= x * 0x8d22f6e6U;
    return x;
}

} // namespace

double sobol(std::uint32_t index, std::size_t dimension, std::optional<std::uint64_t> scramble) {
    LATHE_EXPECT(dimension < kSobolDimensions);
    const Directions& directions = allDirections()[dimension];
    std::uint32_t x = 0;
    const std::uint32_t gray = index ^ (index >> 1);
    for (std::size_t k = 0; k < kDigits; ++k)
        if ((gray >> k) & 1U)
            x ^= directions[k];
    if (scramble) {
        const auto seed = static_cast<std::uint32_t>(mixSeed(*scramble, dimension) >> 32);
        x = reversed(hashUpwards(reversed(x), seed));
    }
    return static_cast<double>(x) * 0x1p-32;
}

} // namespace lathe
