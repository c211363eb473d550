#include "core/base/random.h"

#include "core/base/contract.h"

#include <bit>
#include <cmath>
#include <cstdio>
#include <numbers>

namespace lathe {

namespace {

std::uint64_t splitMix(std::uint64_t& state) {
    std::uint64_t z = (state += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
}

} // namespace

std::uint64_t mixSeed(std::uint64_t a, std::uint64_t b) {
    std::uint64_t state = a;
    const std::uint64_t mixed = splitMix(state);
    state = mixed ^ b;
    return splitMix(state);
}

Rng::Rng(std::uint64_t seed) : m_state{} {
    for (auto& word : m_state)
        word = splitMix(seed);
}

std::uint64_t Rng::operator()() {
    const std::uint64_t result = std::rotl(m_state[1] * 5, 7) * 9;
    const std::uint64_t t = m_state[1] << 17U;
    m_state[2] ^= m_state[0];
    m_state[3] ^= m_state[1];
    m_state[1] ^= m_state[2];
    m_state[0] ^= m_state[3];
    m_state[2] ^= t;
    m_state[3] = std::rotl(m_state[3], 45);
    return result;
}

double Rng::uniform() { return static_cast<double>((*this)() >> 11U) * 0x1.0p-53; }

std::int64_t Rng::integer(std::int64_t low, std::int64_t high) {
    LATHE_EXPECT(low <= high);
    const std::uint64_t range = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
    if (range == 0) // the whole 64 bits
        return static_cast<std::int64_t>((*this)());
    // Rejecting the tail keeps every value equally likely.
    const std::uint64_t limit = max() - max() % range;
    std::uint64_t drawn = (*this)();
    while (drawn >= limit)
        drawn = (*this)();
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + drawn % range);
}

double Rng::normal() {
    // Box and Muller; the second value is thrown away so that the state stays four words.
    const double u = 1.0 - uniform();
    const double v = uniform();
    return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
}

std::string Rng::state() const {
    std::array<char, 4 * 16 + 1> text{};
    for (std::size_t i = 0; i < m_state.size(); ++i)
        std::snprintf(text.data() + 16 * i, 17, "%016llx", static_cast<unsigned long long>(m_state[i]));
    return text.data();
}

bool Rng::restore(std::string_view text) {
    if (text.size() != 64 || text.find_first_not_of("0123456789abcdef") != std::string_view::npos)
        return false;
    for (std::size_t i = 0; i < m_state.size(); ++i)
        m_state[i] = std::stoull(std::string(text.substr(16 * i, 16)), nullptr, 16);
    return true;
}

std::array<std::uint32_t, 4> philox(std::uint64_t key, std::uint64_t counterLow, std::uint64_t counterHigh) {
    constexpr std::uint64_t kMultiplier0 = 0xD2511F53U;
    constexpr std::uint64_t kMultiplier1 = 0xCD9E8D57U;
    std::uint32_t k0 = static_cast<std::uint32_t>(key);
    std::uint32_t k1 = static_cast<std::uint32_t>(key >> 32U);
    std::array<std::uint32_t, 4> c{
        static_cast<std::uint32_t>(counterLow), static_cast<std::uint32_t>(counterLow >> 32U),
        static_cast<std::uint32_t>(counterHigh), static_cast<std::uint32_t>(counterHigh >> 32U)};
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t p0 = kMultiplier0 * c[0];
        const std::uint64_t p1 = kMultiplier1 * c[2];
        c = {static_cast<std::uint32_t>(p1 >> 32U) ^ c[1] ^ k0, static_cast<std::uint32_t>(p1),
             static_cast<std::uint32_t>(p0 >> 32U) ^ c[3] ^ k1, static_cast<std::uint32_t>(p0)};
        k0 += 0x9E3779B9U;
        k1 += 0xBB67AE85U;
    }
    return c;
}

} // namespace lathe
