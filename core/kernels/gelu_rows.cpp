#include "core/kernels/gelu_rows.h"

#include "core/kernels/vectors.h"
#include "core/kernels/work_scope.h"

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/ops/empty_like.h>
#include <cmath>
#include <numbers>

namespace lathe {

namespace {

/// Elements a thread should get at least.
constexpr std::int64_t kGrain = 32768;

constexpr double kNormal = 0.39894228040143267794;    // 1 / sqrt(2π)
constexpr double kTanhScale = 0.79788456080286535588; // sqrt(2 / π)
constexpr double kTanhCube = 0.044715;

/// e^z² erfc(z) = t Σ c_i t^i with t = 1 / (1 + z / 2), for z in [0, 9.4] to 4e-8 relative: fitted to the
/// largest relative error.
constexpr float kErfc[] = {0.2820879924F, 0.2823480384F, 0.2433000355F, 0.2019173614F, -0.02482119539F,
                           0.2754654358F, -0.484939105F, 0.2834887291F, -0.0588473343F};

/// Φ(x), and the density of the normal distribution at x.
LATHE_INLINE void normal(const Lanes& x, Lanes& share, Lanes& density) {
    Lanes power = x * x * -0.5F;
    exponential(power);
    const Lanes size = x < 0.0F ? -x : x;
    const Lanes t = 1.0F / (1.0F + size * static_cast<float>(std::numbers::sqrt2 / 4));
    Lanes sum = t * kErfc[8] + kErfc[7];
    for (int i = 6; i >= 0; --i)
        sum = sum * t + kErfc[i];
    const Lanes tail = 0.5F * power * (sum * t);
    share = x < 0.0F ? tail : 1.0F - tail;
    density = power * static_cast<float>(kNormal);
}

LATHE_INLINE void geluOf(const Lanes& x, Gelu kind, Lanes& value, Lanes& slope) {
    if (kind == Gelu::Exact) {
        Lanes share, density;
        normal(x, share, density);
        value = x * share;
        slope = share + x * density;
        return;
    }
    constexpr auto kScale = static_cast<float>(2 * kTanhScale); // (1 + tanh u) / 2 = σ(2u)
    constexpr auto kCube = static_cast<float>(kTanhCube);
    constexpr float kFar = 13; // from here on σ is 0 or 1, and a larger x would give infinities
    Lanes near = x < -kFar ? Lanes{} - kFar : x;
    near = near > kFar ? Lanes{} + kFar : near;
    const Lanes square = near * near;
    Lanes power = near * (1.0F + kCube * square) * -kScale;
    exponential(power);
    const Lanes sigma = 1.0F / (1.0F + power);
    value = x * sigma;
    slope = sigma + near * sigma * (power * sigma) * (kScale * (1.0F + 3.0F * kCube * square));
}

/// What is null is not wanted.
template <typename S>
struct Run {
    const S* x;
    S* value;
    S* slope;
    S* g; ///< times the slope
};

LATHE_INLINE void someOf(const Run<float>& run, Gelu kind, std::int64_t i, std::int64_t count) {
    const auto bytes = static_cast<std::size_t>(count) * sizeof(float);
    Lanes x{}, value, slope;
    std::memcpy(&x, run.x + i, bytes);
    geluOf(x, kind, value, slope);
    if (run.value != nullptr)
        std::memcpy(run.value + i, &value, bytes);
    if (run.slope != nullptr)
        std::memcpy(run.slope + i, &slope, bytes);
    if (run.g != nullptr) {
        Lanes g{};
        std::memcpy(&g, run.g + i, bytes);
        g *= slope;
        std::memcpy(run.g + i, &g, bytes);
    }
}

LATHE_WIDE void runWide(const Run<float>& run, Gelu kind, std::int64_t count) {
    constexpr std::int64_t kAtOnce = kLanesOf<Lanes>;
    std::int64_t i = 0;
    for (; i + kAtOnce <= count; i += kAtOnce)
        someOf(run, kind, i, kAtOnce);
    if (i < count)
        someOf(run, kind, i, count - i);
}

void runWide(const Run<double>& run, Gelu kind, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
        const double x = run.x[i];
        const double turn = std::tanh(kTanhScale * x * (1 + kTanhCube * x * x));
        const double share = kind == Gelu::Exact ? std::erfc(-x / std::numbers::sqrt2) / 2 : (1 + turn) / 2;
        const double change = kind == Gelu::Exact
                                  ? kNormal * std::exp(-x * x / 2)
                                  : (1 - turn * turn) / 2 * kTanhScale * (1 + 3 * kTanhCube * x * x);
        const double slope = share + x * change;
        if (run.value != nullptr)
            run.value[i] = x * share;
        if (run.slope != nullptr)
            run.slope[i] = slope;
        if (run.g != nullptr)
            run.g[i] *= slope;
    }
}

template <typename S>
S* dataOf(const at::Tensor& x) {
    return x.defined() ? x.data_ptr<S>() : nullptr;
}

void run(const at::Tensor& x, Gelu kind, const at::Tensor& value, const at::Tensor& slope,
         const at::Tensor& g) {
    const WorkScope scope("lathe::activation");
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "gelu_rows", [&] {
        const Run<scalar_t> all{x.const_data_ptr<scalar_t>(), dataOf<scalar_t>(value),
                                dataOf<scalar_t>(slope), dataOf<scalar_t>(g)};
        const auto moved = [](scalar_t* data, std::int64_t by) { return data == nullptr ? data : data + by; };
        at::parallel_for(0, x.numel(), kGrain, [&](std::int64_t begin, std::int64_t end) {
            runWide({all.x + begin, moved(all.value, begin), moved(all.slope, begin), moved(all.g, begin)},
                    kind, end - begin);
        });
    });
}

} // namespace

at::Tensor geluRows(const at::Tensor& x, Gelu kind) {
    at::Tensor value = at::empty_like(x);
    run(x, kind, value, {}, {});
    return value;
}

GeluWithSlope geluWithSlope(const at::Tensor& x, Gelu kind) {
    GeluWithSlope both{at::empty_like(x), at::empty_like(x)};
    run(x, kind, both.value, both.slope, {});
    return both;
}

at::Tensor pullThroughGelu(const at::Tensor& g, const at::Tensor& x, Gelu kind) {
    at::Tensor value = at::empty_like(x);
    run(x, kind, value, {}, g);
    return value;
}

} // namespace lathe
