#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace lathe {

/// Mixes any number of integers into one seed (splitmix64 finaliser, Steele et al. 2014), so that
/// neighbouring trial numbers give unrelated streams.
[[nodiscard]] std::uint64_t mixSeed(std::uint64_t a, std::uint64_t b);

/// xoshiro256** (Blackman and Vigna 2018). The same seed gives the same numbers on every platform, which the
/// distributions of the standard library do not promise; hence our own below.
class Rng {
public:
    using result_type = std::uint64_t;

    explicit Rng(std::uint64_t seed = 0);

    static constexpr std::uint64_t min() { return 0; }
    static constexpr std::uint64_t max() { return ~std::uint64_t{0}; }
    std::uint64_t operator()();

    /// In [0, 1).
    double uniform();
    /// In [low, high].
    std::int64_t integer(std::int64_t low, std::int64_t high);
    /// Mean 0, variance 1.
    double normal();
    /// Fisher and Yates.
    template <typename T>
    void shuffle(std::span<T> items) {
        for (std::size_t i = items.size(); i > 1; --i)
            std::swap(items[i - 1],
                      items[static_cast<std::size_t>(integer(0, static_cast<std::int64_t>(i) - 1))]);
    }

    /// The whole state as text, for checkpoints; restore() takes it back and is false on malformed text.
    [[nodiscard]] std::string state() const;
    bool restore(std::string_view text);

private:
    std::array<std::uint64_t, 4> m_state;
};

/// Philox 4x32-10 (Salmon et al. 2011): four random words as a pure function of (key, counter). Dropout masks
/// come from it, so that a mask depends on trial seed, step and site alone, whatever else runs.
[[nodiscard]] std::array<std::uint32_t, 4> philox(std::uint64_t key, std::uint64_t counterLow,
                                                  std::uint64_t counterHigh);

} // namespace lathe
