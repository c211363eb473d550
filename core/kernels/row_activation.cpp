#include "core/kernels/row_activation.h"

#include "core/kernels/vectors.h"
#include "core/kernels/work_scope.h"

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/ops/empty_like.h>
#include <cmath>

namespace lathe {

namespace {

/// Elements a thread should get at least.
constexpr std::int64_t kGrain = 32768;

/// σ(x) = 1 / (1 + e^-x).
LATHE_INLINE void sigmoid(const Lanes& x, Lanes& to) {
    Lanes power = -x;
    exponential(power);
    to = 1.0F / (1.0F + power);
}

LATHE_INLINE void loadSome(const float* from, std::int64_t count, Lanes& to) {
    to = Lanes{};
    std::memcpy(&to, from, static_cast<std::size_t>(count) * sizeof(float));
}

LATHE_INLINE void forwardOf(const float* e, const float* f, float* y, std::int64_t count) {
    Lanes gate, up, sigma;
    loadSome(e, count, gate);
    loadSome(f, count, up);
    sigmoid(gate, sigma);
    const Lanes product = gate * sigma * up;
    std::memcpy(y, &product, static_cast<std::size_t>(count) * sizeof(float));
}

LATHE_WIDE void forwardWide(const float* e, const float* f, float* y, std::int64_t count) {
    std::int64_t i = 0;
    for (; i + kLanesOf<Lanes> <= count; i += kLanesOf<Lanes>)
        forwardOf(e + i, f + i, y + i, kLanesOf<Lanes>);
    if (i < count)
        forwardOf(e + i, f + i, y + i, count - i);
}

void forwardWide(const double* e, const double* f, double* y, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i)
        y[i] = e[i] / (1 + std::exp(-e[i])) * f[i];
}

/// Pointers to a run of elements of each tensor.
template <typename S>
struct Run {
    S* g; ///< becomes the gradient of f
    const S* e;
    const S* f;
    S* de;
    S* y;
};

LATHE_INLINE void backwardOf(const Run<float>& run, std::int64_t i, std::int64_t count) {
    const auto bytes = static_cast<std::size_t>(count) * sizeof(float);
    Lanes g, e, f, sigma;
    loadSome(run.g + i, count, g);
    loadSome(run.e + i, count, e);
    loadSome(run.f + i, count, f);
    sigmoid(e, sigma);
    const Lanes swish = e * sigma;
    const Lanes value = swish * f;
    const Lanes de = g * f * (sigma + swish * (1.0F - sigma));
    const Lanes df = g * swish;
    std::memcpy(run.y + i, &value, bytes);
    std::memcpy(run.de + i, &de, bytes);
    std::memcpy(run.g + i, &df, bytes);
}

LATHE_WIDE void backwardWide(const Run<float>& run, std::int64_t count) {
    std::int64_t i = 0;
    for (; i + kLanesOf<Lanes> <= count; i += kLanesOf<Lanes>)
        backwardOf(run, i, kLanesOf<Lanes>);
    if (i < count)
        backwardOf(run, i, count - i);
}

void backwardWide(const Run<double>& run, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
        const double sigma = 1 / (1 + std::exp(-run.e[i]));
        const double swish = run.e[i] * sigma;
        run.y[i] = swish * run.f[i];
        run.de[i] = run.g[i] * run.f[i] * (sigma + swish * (1 - sigma));
        run.g[i] *= swish;
    }
}

} // namespace

at::Tensor swigluRows(const at::Tensor& gate, const at::Tensor& up) {
    const WorkScope scope("lathe::activation");
    at::Tensor y = at::empty_like(gate);
    AT_DISPATCH_FLOATING_TYPES(gate.scalar_type(), "swiglu_rows", [&] {
        const auto* e = gate.const_data_ptr<scalar_t>();
        const auto* f = up.const_data_ptr<scalar_t>();
        auto* to = y.data_ptr<scalar_t>();
        at::parallel_for(0, gate.numel(), kGrain, [&](std::int64_t begin, std::int64_t end) {
            forwardWide(e + begin, f + begin, to + begin, end - begin);
        });
    });
    return y;
}

SwigluGradient swigluGradient(const at::Tensor& g, const at::Tensor& gate, const at::Tensor& up) {
    const WorkScope scope("lathe::activation");
    SwigluGradient gradient{at::empty_like(gate), g, at::empty_like(gate)};
    AT_DISPATCH_FLOATING_TYPES(gate.scalar_type(), "swiglu_gradient", [&] {
        const Run<scalar_t> all{g.data_ptr<scalar_t>(), gate.const_data_ptr<scalar_t>(),
                                up.const_data_ptr<scalar_t>(), gradient.gate.data_ptr<scalar_t>(),
                                gradient.value.data_ptr<scalar_t>()};
        at::parallel_for(0, gate.numel(), kGrain, [&](std::int64_t begin, std::int64_t end) {
            backwardWide({all.g + begin, all.e + begin, all.f + begin, all.de + begin, all.y + begin},
                         end - begin);
        });
    });
    return gradient;
}

} // namespace lathe
