#include "core/adapter/simplex_coefficients.h"

#include "core/base/contract.h"
#include "core/base/random.h"

#include <ATen/ops/empty.h>
#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

constexpr std::uint64_t kCoefficients = 0x616c7068; // "alph"
constexpr std::uint64_t kPairs = 0x70616972;        // "pair"
constexpr double kUnit = 0x1p-53;

/// In (0, 1], out of two random words.
double uniformOf(std::uint32_t high, std::uint32_t low) {
    const std::uint64_t bits = (std::uint64_t{high} << 32U | low) >> 11U;
    return (static_cast<double>(bits) + 1) * kUnit;
}

/// Gamma(a, 1), Marsaglia and Tsang 2000; below 1 by the power of a uniform number that they give.
double gamma(double a, Rng& rng) {
    if (a < 1)
        return gamma(a + 1, rng) * std::pow(1 - rng.uniform(), 1 / a);
    const double d = a - 1.0 / 3;
    const double c = 1 / std::sqrt(9 * d);
    while (true) {
        const double x = rng.normal();
        const double v = std::pow(1 + c * x, 3);
        if (v > 0 && std::log(1 - rng.uniform()) < 0.5 * x * x + d - d * v + d * std::log(v))
            return d * v;
    }
}

/// The unnormalised coefficients of one cell. A cell has a counter of its own.
void drawCell(const CoefficientSettings& settings, std::uint64_t stream, std::uint64_t row,
              std::uint64_t slot, double* into) {
    const std::uint64_t key = mixSeed(stream, kCoefficients);
    if (settings.concentration != 1) {
        const auto words = philox(key, row, slot << 32U);
        Rng rng(std::uint64_t{words[0]} << 32U | words[1]); // rejection takes as many numbers as it takes
        for (std::int64_t i = 0; i < settings.vertices; ++i)
            into[i] = gamma(settings.concentration, rng);
        return;
    }
    for (std::int64_t i = 0; i < settings.vertices; i += 2) {
        const auto words = philox(key, row, slot << 32U | static_cast<std::uint64_t>(i));
        into[i] = -std::log(uniformOf(words[0], words[1]));
        if (i + 1 < settings.vertices)
            into[i + 1] = -std::log(uniformOf(words[2], words[3]));
    }
}

bool isOfBatch(AlphaScope scope) { return scope == AlphaScope::BatchLayer || scope == AlphaScope::Batch; }

bool isOfLayer(AlphaScope scope) {
    return scope == AlphaScope::ObservationLayer || scope == AlphaScope::BatchLayer;
}

} // namespace

const std::vector<std::string>& alphaScopeNames() {
    static const std::vector<std::string> names{"observation_layer", "observation", "batch_layer", "batch"};
    return names;
}

AlphaScope alphaScopeFrom(const std::string& name) {
    const auto found = std::ranges::find(alphaScopeNames(), name);
    LATHE_EXPECT(found != alphaScopeNames().end());
    return static_cast<AlphaScope>(found - alphaScopeNames().begin());
}

const std::string& nameOf(AlphaScope scope) { return alphaScopeNames()[static_cast<std::size_t>(scope)]; }

at::Tensor drawCoefficients(const CoefficientSettings& settings, std::uint64_t stream, std::int64_t firstRow,
                            std::int64_t rows, std::int64_t slots) {
    const bool isShared = isOfBatch(settings.scope);
    const std::int64_t count = isShared ? 1 : rows;
    const std::int64_t m = settings.vertices;
    at::Tensor all = at::empty({count, slots, m}, at::kDouble);
    double* place = all.data_ptr<double>();
    for (std::int64_t row = 0; row < count; ++row)
        for (std::int64_t slot = 0; slot < slots; ++slot, place += m) {
            if (slot > 0 && !isOfLayer(settings.scope)) {
                std::copy_n(place - m, m, place);
                continue;
            }
            drawCell(settings, stream, isShared ? 0 : static_cast<std::uint64_t>(firstRow + row),
                     static_cast<std::uint64_t>(slot), place);
            double sum = 0;
            for (std::int64_t i = 0; i < m; ++i)
                sum += place[i];
            // 0 where each of them is too small for a double.
            for (std::int64_t i = 0; i < m; ++i)
                place[i] = sum > 0 ? place[i] / sum : 1.0 / static_cast<double>(m);
        }
    return all;
}

std::pair<std::int64_t, std::int64_t> drawPair(std::int64_t vertices, std::uint64_t seed, std::int64_t step) {
    LATHE_EXPECT(vertices > 1);
    const auto words = philox(mixSeed(seed, kPairs), static_cast<std::uint64_t>(step), 0);
    const std::int64_t one = words[0] % vertices;
    return {one, (one + 1 + words[1] % (vertices - 1)) % vertices};
}

at::Tensor squaredCosine(const at::Tensor& one, const at::Tensor& other) {
    const at::Tensor a = one.reshape({-1});
    const at::Tensor b = other.reshape({-1});
    return a.dot(b).square() / (a.dot(a) * b.dot(b));
}

} // namespace lathe
