#pragma once

#include <cstdint>
#include <cstring>

// One binary for all x86-64 machines: the loader picks the widest version that the processor has.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
#define LATHE_WIDE __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define LATHE_WIDE
#endif
#define LATHE_ALWAYS __attribute__((always_inline))
#define LATHE_INLINE inline LATHE_ALWAYS

namespace lathe {

/// Sixteen, eight and four numbers; the compiler keeps them in one or several registers, as the processor
/// has them.
using Lanes = float __attribute__((vector_size(64)));
using HalfLanes = float __attribute__((vector_size(32)));
using Quarter = float __attribute__((vector_size(16)));

template <typename V>
struct WholeOf;
template <>
struct WholeOf<Lanes> {
    using Type = std::int32_t __attribute__((vector_size(64)));
};
template <>
struct WholeOf<HalfLanes> {
    using Type = std::int32_t __attribute__((vector_size(32)));
};
template <>
struct WholeOf<Quarter> {
    using Type = std::int32_t __attribute__((vector_size(16)));
};
/// As many int32 as V has numbers.
template <typename V>
using Whole = typename WholeOf<V>::Type;

template <typename V>
inline constexpr std::int64_t kLanesOf = sizeof(V) / sizeof(float);

template <typename V>
LATHE_INLINE void load(const float* from, V& to) {
    std::memcpy(&to, from, sizeof(V));
}
template <typename V>
LATHE_INLINE void store(float* to, const V& from) {
    std::memcpy(to, &from, sizeof(V));
}

/// exponential() of x <= 88.
template <typename V>
LATHE_INLINE void exponentialBelowTop(V& x) {
    constexpr float kRounds = 12582912.0F; // 1.5 * 2^23: what is added to it loses its fraction
    x = x < -87.0F ? V{} - 87.0F : x;
    const V shifted = x * 1.44269504088896341F + kRounds;
    const V whole = shifted - kRounds;
    const V r = (x - whole * 0.693359375F) + whole * 2.12194440e-4F;
    V p = r * 1.9875691500e-4F + 1.3981999507e-3F;
    p = p * r + 8.3334519073e-3F;
    p = p * r + 4.1665795894e-2F;
    p = p * r + 1.6666665459e-1F;
    p = p * r + 5.0000001201e-1F;
    p = p * (r * r) + r + 1.0F;
    Whole<V> n;
    std::memcpy(&n, &shifted, sizeof n);
    const Whole<V> power = (n + 127) << 23; // the bits above n's go out at the top
    V factor;
    std::memcpy(&factor, &power, sizeof factor);
    x = p * factor;
}

/// 2^x to 8e-8 relative for x <= 127; below -125 what it is there: the whole part into the exponent, and a
/// polynomial of the rest, the best of its degree by Remez' algorithm. It takes half as many multiplications
/// as e^x, whose argument is parted in three.
template <typename V>
LATHE_INLINE void powerOfTwo(V& x) {
    constexpr float kRounds = 12582912.0F; // 1.5 * 2^23: what is added to it loses its fraction
    x = x < -125.0F ? V{} - 125.0F : x;
    const V shifted = x + kRounds;
    const V r = x - (shifted - kRounds);
    V p = r * 1.5345812e-4F + 1.3399931e-3F;
    p = p * r + 9.618489e-3F;
    p = p * r + 5.5503286e-2F;
    p = p * r + 2.4022646e-1F;
    p = p * r + 6.931472e-1F;
    p = p * r + 1.0F;
    Whole<V> n, bits;
    std::memcpy(&n, &shifted, sizeof n);
    std::memcpy(&bits, &p, sizeof bits);
    bits += n << 23; // the bits above n's go out at the top
    std::memcpy(&x, &bits, sizeof x);
}

/// e^x to 2e-7 relative for x in [-87, 88]: 2^n times a polynomial of the rest (Cephes' expf).
template <typename V>
LATHE_INLINE void exponential(V& x) {
    x = x > 88.0F ? V{} + 88.0F : x;
    exponentialBelowTop(x);
}

/// Names V where no value of it is wanted.
template <typename V>
struct Of {
    using Type = V;
};

/// Calls `f` with the vector of so many lanes.
template <typename F>
LATHE_INLINE void withLanes(std::int64_t lanes, const F& f) {
    if (lanes == kLanesOf<Lanes>)
        f(Of<Lanes>{});
    else if (lanes == kLanesOf<HalfLanes>)
        f(Of<HalfLanes>{});
    else
        f(Of<Quarter>{});
}

} // namespace lathe
