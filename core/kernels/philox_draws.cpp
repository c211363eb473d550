#include "core/kernels/philox_draws.h"

#include "core/kernels/vectors.h"

#include <array>
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
#include <immintrin.h>
#define LATHE_PHILOX_IN_REGISTERS
#endif

namespace lathe {

namespace {

constexpr std::int64_t kCallsAtOnce = kPhiloxCalls, kWords = kPhiloxWords;
constexpr std::int64_t kHalves = 2 * kWords;

/// Eight words of 32 bits, each with room for its product.
using Words = std::uint64_t __attribute__((vector_size(64)));

/// philox() of core/base/random.h for the counters from `first` on, the words of each call in a row: side by
/// side, since one by one they took a small model's step longer than its optimiser.
LATHE_WIDE void drawWords(std::uint64_t key, std::int64_t first, std::uint64_t high, std::uint32_t* words) {
    constexpr std::int64_t kLanes = sizeof(Words) / sizeof(std::uint64_t);
    constexpr std::uint64_t kLow = 0xffffffffU;
    for (std::int64_t begin = 0; begin < kCallsAtOnce; begin += kLanes) {
        const Words counter = static_cast<std::uint64_t>(first + begin) + Words{0, 1, 2, 3, 4, 5, 6, 7};
        Words c0 = counter & kLow, c1 = counter >> 32U;
        Words c2 = Words{} + (high & kLow), c3 = Words{} + (high >> 32U);
        std::uint64_t k0 = key & kLow, k1 = key >> 32U;
        for (int round = 0; round < 10; ++round) {
            const Words p0 = c0 * 0xD2511F53U, p1 = c2 * 0xCD9E8D57U;
            c0 = (p1 >> 32U) ^ c1 ^ k0;
            c1 = p1 & kLow;
            c2 = (p0 >> 32U) ^ c3 ^ k1;
            c3 = p0 & kLow;
            k0 = (k0 + 0x9E3779B9U) & kLow;
            k1 = (k1 + 0xBB67AE85U) & kLow;
        }
        for (std::int64_t lane = 0; lane < kLanes; ++lane) {
            std::uint32_t* call = words + (begin + lane) * kWords;
            call[0] = static_cast<std::uint32_t>(c0[lane]);
            call[1] = static_cast<std::uint32_t>(c1[lane]);
            call[2] = static_cast<std::uint32_t>(c2[lane]);
            call[3] = static_cast<std::uint32_t>(c3[lane]);
        }
    }
}

/// Of each call the lowest bit of its byte is that of its first element: in memory, the lower half of a word
/// stands first.
LATHE_WIDE void fillBits(const std::uint32_t* words, std::uint32_t threshold, std::uint8_t* bits) {
    constexpr std::uint64_t kGather = 0x0102040810204080; // byte j of a factor to bit j of the highest byte
    std::array<std::uint16_t, kCallsAtOnce * kHalves> halves;
    std::memcpy(halves.data(), words, sizeof halves);
    std::array<std::uint8_t, kCallsAtOnce * kHalves> kept;
    if (threshold == 0)
        kept.fill(1);
    else
        for (std::size_t i = 0; i < halves.size(); ++i)
            kept[i] = halves[i] > static_cast<std::uint16_t>(threshold - 1) ? 1 : 0;
    for (std::int64_t call = 0; call < kCallsAtOnce; ++call) {
        std::uint64_t eight;
        std::memcpy(&eight, kept.data() + call * kHalves, sizeof eight);
        bits[call] = static_cast<std::uint8_t>(eight * kGather >> 56U);
    }
}

#if defined(LATHE_PHILOX_IN_REGISTERS)

/// The bits of eight calls, as fillBits() orders them; the words never leave the registers. Products of the
/// lower halves of 64 bits take no notice of the upper ones, so what is left there needs no clearing.
__attribute__((target("avx512f,avx512bw,bmi2"))) std::uint64_t
bitsOfEight(std::uint64_t key, std::uint64_t first, std::uint64_t high, std::uint32_t threshold) {
    const __m512i counter = _mm512_add_epi64(_mm512_set1_epi64(static_cast<std::int64_t>(first)),
                                             _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0));
    const __m512i factor0 = _mm512_set1_epi64(0xD2511F53), factor2 = _mm512_set1_epi64(0xCD9E8D57);
    __m512i c0 = counter, c1 = _mm512_srli_epi64(counter, 32);
    __m512i c2 = _mm512_set1_epi64(static_cast<std::int64_t>(high)), c3 = _mm512_srli_epi64(c2, 32);
    std::uint64_t k0 = key, k1 = key >> 32U;
    for (int round = 0; round < 10; ++round) {
        constexpr int kXor = 0x96; // of three
        const __m512i p0 = _mm512_mul_epu32(c0, factor0), p1 = _mm512_mul_epu32(c2, factor2);
        c0 = _mm512_ternarylogic_epi64(_mm512_srli_epi64(p1, 32), c1,
                                       _mm512_set1_epi64(static_cast<std::int64_t>(k0)), kXor);
        c1 = p1;
        c2 = _mm512_ternarylogic_epi64(_mm512_srli_epi64(p0, 32), c3,
                                       _mm512_set1_epi64(static_cast<std::int64_t>(k1)), kXor);
        c3 = p0;
        k0 += 0x9E3779B9U;
        k1 += 0xBB67AE85U;
    }
    constexpr __mmask16 kUpper = 0xaaaa;
    const __m512i front = _mm512_mask_blend_epi32(kUpper, c0, _mm512_slli_epi64(c1, 32));
    const __m512i back = _mm512_mask_blend_epi32(kUpper, c2, _mm512_slli_epi64(c3, 32));
    const __m512i least = _mm512_set1_epi16(static_cast<short>(threshold));
    return _pdep_u64(_mm512_cmpge_epu16_mask(front, least), 0x0f0f0f0f0f0f0f0fU) |
           _pdep_u64(_mm512_cmpge_epu16_mask(back, least), 0xf0f0f0f0f0f0f0f0U);
}

bool fillsInRegisters() {
    static const bool can = __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("bmi2") != 0;
    return can;
}

#endif

} // namespace

void drawPhilox(std::uint64_t key, std::int64_t first, std::uint64_t high, std::uint32_t* words) {
    drawWords(key, first, high, words);
}

void drawKept(std::uint64_t key, std::int64_t first, std::uint64_t high, std::uint32_t threshold,
              std::uint8_t* bits) {
#if defined(LATHE_PHILOX_IN_REGISTERS)
    if (fillsInRegisters() && threshold <= 0xffffU) {
        for (std::int64_t call = 0; call < kCallsAtOnce; call += 8) {
            const std::uint64_t eight =
                bitsOfEight(key, static_cast<std::uint64_t>(first + call), high, threshold);
            std::memcpy(bits + call, &eight, sizeof eight);
        }
        return;
    }
#endif
    std::array<std::uint32_t, kCallsAtOnce * kWords> words;
    drawWords(key, first, high, words.data());
    fillBits(words.data(), threshold, bits);
}

} // namespace lathe
