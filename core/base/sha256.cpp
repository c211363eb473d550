#include "core/base/sha256.h"

#include <algorithm>
#include <bit>
#include <cstdio>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace lathe {

namespace {

alignas(16) constexpr std::array<std::uint32_t, 64> kRoundConstants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

void absorbPlainly(std::array<std::uint32_t, 8>& state, const unsigned char* block) {
    std::array<std::uint32_t, 64> w{};
    for (std::size_t i = 0; i < 16; ++i)
        w[i] = static_cast<std::uint32_t>(block[4 * i]) << 24U |
               static_cast<std::uint32_t>(block[4 * i + 1]) << 16U |
               static_cast<std::uint32_t>(block[4 * i + 2]) << 8U |
               static_cast<std::uint32_t>(block[4 * i + 3]);
    for (std::size_t i = 16; i < 64; ++i) {
        const std::uint32_t s0 = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ (w[i - 15] >> 3U);
        const std::uint32_t s1 = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ (w[i - 2] >> 10U);
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    auto [a, b, c, d, e, f, g, h] = state;
    for (std::size_t i = 0; i < 64; ++i) {
        const std::uint32_t s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
        const std::uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + kRoundConstants[i] + w[i];
        const std::uint32_t s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
        const std::uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
        h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
    }
    const std::array<std::uint32_t, 8> mixed{a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < 8; ++i)
        state[i] += mixed[i];
}

using AbsorbBlocks = void (*)(std::array<std::uint32_t, 8>& state, const unsigned char* blocks,
                              std::size_t count);

void absorbAllPlainly(std::array<std::uint32_t, 8>& state, const unsigned char* blocks, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        absorbPlainly(state, blocks + 64 * i);
}

#if defined(__x86_64__)

/// Four rounds, i to i + 3: sha256rnds2 does two of them on the state split as (C D G H) and (A B E F).
__attribute__((target("sha,sse4.1"))) inline void fourRounds(__m128i& cdgh, __m128i& abef, __m128i words,
                                                             std::size_t i) {
    const auto* constants = reinterpret_cast<const __m128i*>(kRoundConstants.data() + i);
    const __m128i sum = _mm_add_epi32(words, _mm_load_si128(constants));
    cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
    abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0E));
}

/// The next four words of the message schedule from the sixteen before: w16 = w0 + s0(w1) + w9 + s1(w14).
__attribute__((target("sha,sse4.1"))) inline __m128i nextWords(__m128i w0, __m128i w4, __m128i w8,
                                                               __m128i w12) {
    const __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w4), _mm_alignr_epi8(w12, w8, 4));
    return _mm_sha256msg2_epu32(sum, w12);
}

__attribute__((target("sha,sse4.1"))) void absorbBlock(__m128i& cdgh, __m128i& abef,
                                                       const unsigned char* block) {
    const __m128i bigEndian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    __m128i w[4]; // std::array warns that it drops the type's attributes
    for (std::size_t i = 0; i < 4; ++i)
        w[i] = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(block) + i), bigEndian);
    const __m128i oldCdgh = cdgh;
    const __m128i oldAbef = abef;
#pragma GCC unroll 4 // so that the words stay in registers
    for (std::size_t i = 0; i < 64; i += 16) {
#pragma GCC unroll 4
        for (std::size_t k = 0; k < 4; ++k) {
            fourRounds(cdgh, abef, w[k], i + 4 * k);
            if (i < 48)
                w[k] = nextWords(w[k], w[(k + 1) % 4], w[(k + 2) % 4], w[(k + 3) % 4]);
        }
    }
    cdgh = _mm_add_epi32(cdgh, oldCdgh);
    abef = _mm_add_epi32(abef, oldAbef);
}

__attribute__((target("sha,sse4.1"))) void
absorbAllByInstructions(std::array<std::uint32_t, 8>& state, const unsigned char* blocks, std::size_t count) {
    const auto word = [&state](std::size_t i) { return static_cast<int>(state[i]); };
    __m128i abef = _mm_set_epi32(word(0), word(1), word(4), word(5));
    __m128i cdgh = _mm_set_epi32(word(2), word(3), word(6), word(7));
    for (std::size_t i = 0; i < count; ++i)
        absorbBlock(cdgh, abef, blocks + 64 * i);
    alignas(16) std::array<std::uint32_t, 4> first{};
    alignas(16) std::array<std::uint32_t, 4> second{};
    _mm_store_si128(reinterpret_cast<__m128i*>(first.data()), abef);
    _mm_store_si128(reinterpret_cast<__m128i*>(second.data()), cdgh);
    state = {first[3], first[2], second[3], second[2], first[1], first[0], second[1], second[0]};
}

struct CpuWords {
    unsigned eax, ebx, ecx, edx;
};

CpuWords cpuid(unsigned leaf) {
    CpuWords words{leaf, 0, 0, 0};
    asm volatile("cpuid" : "+a"(words.eax), "=b"(words.ebx), "+c"(words.ecx), "=d"(words.edx));
    return words;
}

bool hasShaInstructions() {
    constexpr unsigned kShaBit = 1U << 29U; // GCC 12's __builtin_cpu_supports does not know "sha"
    return cpuid(0).eax >= 7 && (cpuid(7).ebx & kShaBit) != 0 && __builtin_cpu_supports("sse4.1") != 0;
}

AbsorbBlocks absorbBlocks() {
    static const AbsorbBlocks chosen = hasShaInstructions() ? absorbAllByInstructions : absorbAllPlainly;
    return chosen;
}

#else

AbsorbBlocks absorbBlocks() { return absorbAllPlainly; }

#endif

} // namespace

void Sha256::add(std::string_view piece) {
    const std::size_t held = m_size % m_rest.size();
    m_size += piece.size();
    if (held > 0) {
        const std::size_t taken = std::min(m_rest.size() - held, piece.size());
        std::copy_n(piece.begin(), taken, m_rest.begin() + static_cast<std::ptrdiff_t>(held));
        piece.remove_prefix(taken);
        if (held + taken < m_rest.size())
            return;
        absorbBlocks()(m_state, m_rest.data(), 1);
    }
    const std::size_t whole = piece.size() / m_rest.size();
    absorbBlocks()(m_state, reinterpret_cast<const unsigned char*>(piece.data()), whole);
    piece.remove_prefix(whole * m_rest.size());
    std::copy(piece.begin(), piece.end(), m_rest.begin());
}

std::string Sha256::hexDigest() {
    const std::uint64_t bits = 8 * m_size;
    const std::size_t held = m_size % m_rest.size();
    std::string tail(held < 56 ? 64 - held : 128 - held, '\0');
    tail[0] = '\x80';
    for (std::size_t i = 0; i < 8; ++i)
        tail[tail.size() - 1 - i] = static_cast<char>(bits >> (8 * i));
    add(tail);
    std::array<char, 65> hex{};
    for (std::size_t i = 0; i < 8; ++i)
        std::snprintf(hex.data() + 8 * i, 9, "%08x", m_state[i]);
    return hex.data();
}

std::string sha256(std::string_view content) {
    Sha256 hash;
    hash.add(content);
    return hash.hexDigest();
}

} // namespace lathe
