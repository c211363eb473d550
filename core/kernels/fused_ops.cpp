#include "core/kernels/fused_ops.h"

#include "core/kernels/vectors.h"

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/_fused_rms_norm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/neg.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/zeros_like.h>
#include <cmath>
#include <cstring>
#include <torch/csrc/autograd/custom_function.h>

namespace lathe {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

/// Rows or elements a thread should get at least; below it a second thread costs more than it gives.
constexpr std::int64_t kGrain = 32768;

bool isPlainCpu(const at::Tensor& x) {
    return x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kDouble);
}

std::int64_t rowGrain(std::int64_t width) {
    return std::max<std::int64_t>(1, kGrain / std::max<std::int64_t>(1, width));
}

// Eight partial sums let the compiler use vectors without reordering a sum, so a row's result does not depend
// on what else runs.
template <typename T, typename F>
T rowSum(std::int64_t n, F&& term) {
    T parts[8] = {};
    std::int64_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (std::int64_t j = 0; j < 8; ++j)
            parts[j] += term(i + j);
    for (; i < n; ++i)
        parts[0] += term(i);
    return ((parts[0] + parts[4]) + (parts[2] + parts[6])) + ((parts[1] + parts[5]) + (parts[3] + parts[7]));
}

template <typename T>
void normForward(const T* x, const T* w, T* y, T* scales, std::int64_t rows, std::int64_t width, double eps) {
    at::parallel_for(0, rows, rowGrain(width), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t r = begin; r < end; ++r) {
            const T* in = x + r * width;
            T* out = y + r * width;
            const T mean =
                rowSum<T>(width, [in](std::int64_t i) { return in[i] * in[i]; }) / static_cast<T>(width);
            const T scale = T(1) / std::sqrt(mean + static_cast<T>(eps));
            scales[r] = scale;
            for (std::int64_t i = 0; i < width; ++i)
                out[i] = w[i] * (in[i] * scale);
        }
    });
}

template <typename T>
void normBackward(const T* g, const T* x, const T* w, const T* scales, T* dx, std::int64_t rows,
                  std::int64_t width) {
    at::parallel_for(0, rows, rowGrain(width), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t r = begin; r < end; ++r) {
            const T* up = g + r * width;
            const T* in = x + r * width;
            T* out = dx + r * width;
            const T scale = scales[r];
            const T mean = rowSum<T>(width, [=](std::int64_t i) { return up[i] * w[i] * in[i]; }) /
                           static_cast<T>(width);
            const T pull = scale * scale * mean;
            for (std::int64_t i = 0; i < width; ++i)
                out[i] = scale * (up[i] * w[i] - in[i] * pull);
        }
    });
}

class RmsNorm : public Function<RmsNorm> {
public:
    static at::Tensor forward(AutogradContext* context, const at::Tensor& given, const at::Tensor& weight,
                              double eps) {
        const at::Tensor x = given.contiguous();
        const std::int64_t width = x.size(-1);
        const std::int64_t rows = x.numel() / width;
        at::Tensor y = at::empty_like(x);
        at::Tensor scales = at::empty({rows}, x.options());
        AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "rms_norm", [&] {
            normForward(x.const_data_ptr<scalar_t>(), weight.const_data_ptr<scalar_t>(),
                        y.data_ptr<scalar_t>(), scales.data_ptr<scalar_t>(), rows, width, eps);
        });
        context->save_for_backward({x, weight, scales});
        return y;
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const auto saved = context->get_saved_variables();
        const at::Tensor& x = saved[0];
        const at::Tensor& weight = saved[1];
        const at::Tensor& scales = saved[2];
        const at::Tensor g = gradients[0].contiguous();
        at::Tensor dx = at::empty_like(x);
        AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "rms_norm_backward", [&] {
            normBackward(g.const_data_ptr<scalar_t>(), x.const_data_ptr<scalar_t>(),
                         weight.const_data_ptr<scalar_t>(), scales.const_data_ptr<scalar_t>(),
                         dx.data_ptr<scalar_t>(), scales.numel(), x.size(-1));
        });
        at::Tensor dw;
        if (context->needs_input_grad(1)) {
            const at::Tensor flat = (g * x).reshape({-1, x.size(-1)}) * scales.unsqueeze(1);
            dw = flat.sum(0);
        }
        return {dx, dw, at::Tensor()};
    }
};

/// One head of `half` pairs; from may be to.
template <typename S, std::int64_t half>
LATHE_INLINE void turnHead(const S* from, const S* c, const S* s, S* to) {
    S first[half], second[half];
    std::memcpy(first, from, sizeof first);
    std::memcpy(second, from + half, sizeof second);
    for (std::int64_t i = 0; i < half; ++i) {
        const S low = first[i] * c[i] - second[i] * s[i];
        second[i] = second[i] * c[i] + first[i] * s[i];
        first[i] = low;
    }
    std::memcpy(to, first, sizeof first);
    std::memcpy(to + half, second, sizeof second);
}

/// Heads of one token: their number, size and distances in memory.
struct HeadRow {
    std::int64_t heads, half, fromStride, toStride;
};

template <typename S>
LATHE_INLINE void turnHeads(const HeadRow& row, const S* from, const S* c, const S* s, S* to) {
    for (std::int64_t h = 0; h < row.heads; ++h, from += row.fromStride, to += row.toStride)
        switch (row.half) {
        case 4:
            turnHead<S, 4>(from, c, s, to);
            break;
        case 16:
            turnHead<S, 16>(from, c, s, to);
            break;
        case 32:
            turnHead<S, 32>(from, c, s, to);
            break;
        case 64:
            turnHead<S, 64>(from, c, s, to);
            break;
        default:
            for (std::int64_t i = 0; i < row.half; ++i) {
                const S first = from[i], second = from[i + row.half];
                to[i] = first * c[i] - second * s[i];
                to[i + row.half] = second * c[i] + first * s[i];
            }
        }
}

// Overloads, not a template: these are what the loader chooses from.
LATHE_WIDE void turnWide(const HeadRow& row, const float* from, const float* c, const float* s, float* to) {
    turnHeads(row, from, c, s, to);
}
LATHE_WIDE void turnWide(const HeadRow& row, const double* from, const double* c, const double* s,
                         double* to) {
    turnHeads(row, from, c, s, to);
}

/// `sign` 1 turns forward, -1 back. x and y may lie in memory in any order of dimensions whose last has
/// stride 1.
template <typename T>
void turn(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin, at::Tensor& y, T sign) {
    const std::int64_t time = x.size(2);
    const std::int64_t size = x.size(3);
    const bool isPerRow = cos.dim() == 4;
    const HeadRow row{x.size(1), size / 2, x.stride(1), y.stride(1)};
    const T* in = x.const_data_ptr<T>();
    const T* c = cos.const_data_ptr<T>();
    const at::Tensor signedSin = sign < 0 ? sin.neg() : sin;
    const T* s = signedSin.const_data_ptr<T>();
    T* out = y.data_ptr<T>();
    at::parallel_for(0, x.size(0) * time, rowGrain(row.heads * row.half),
                     [&](std::int64_t begin, std::int64_t end) {
                         for (std::int64_t place = begin; place < end; ++place) {
                             const std::int64_t b = place / time;
                             const std::int64_t t = place % time;
                             const std::int64_t angle = (isPerRow ? place : t) * size;
                             turnWide(row, in + b * x.stride(0) + t * x.stride(2), c + angle, s + angle,
                                      out + b * y.stride(0) + t * y.stride(2));
                         }
                     });
}

at::Tensor turned(const at::Tensor& given, const at::Tensor& cos, const at::Tensor& sin, double sign) {
    const at::Tensor x = given.stride(3) == 1 ? given : given.contiguous();
    at::Tensor y = at::empty_like(x); // keeps the order of dimensions: [B, T, heads, d] in memory
    if (y.stride(3) != 1)
        y = at::empty(x.sizes(), x.options());
    rotateHalvesInto(x, cos, sin, sign, y);
    return y;
}

/// The same out of LibTorch's operators: four in each direction, where autograd would need a dozen.
at::Tensor turnedByOperators(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin, double sign) {
    const std::int64_t half = x.size(3) / 2;
    const auto first = [half](const at::Tensor& whole) { return whole.narrow(-1, 0, half); };
    const auto second = [half](const at::Tensor& whole) { return whole.narrow(-1, half, half); };
    at::Tensor y = at::empty_like(x);
    at::Tensor low = first(y), high = second(y);
    at::mul_out(low, first(x), first(cos)).addcmul_(second(x), first(sin), -sign);
    at::mul_out(high, second(x), first(cos)).addcmul_(first(x), first(sin), sign);
    return y;
}

at::Tensor turnedAnywhere(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin, double sign) {
    return isPlainCpu(x) && cos.is_contiguous() && sin.is_contiguous() ? turned(x, cos, sin, sign)
                                                                       : turnedByOperators(x, cos, sin, sign);
}

class RotateHalves : public Function<RotateHalves> {
public:
    static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& cos,
                              const at::Tensor& sin) {
        context->save_for_backward({cos, sin});
        return turnedAnywhere(x, cos, sin, 1);
    }
    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const auto saved = context->get_saved_variables();
        return {turnedAnywhere(gradients[0], saved[0], saved[1], -1), at::Tensor(), at::Tensor()};
    }
};

template <typename T>
void swigluBackward(const T* g, const T* e, const T* f, const T* sigma, T* de, T* df, std::int64_t count) {
    at::parallel_for(0, count, kGrain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const T swish = e[i] * sigma[i];
            df[i] = g[i] * swish;
            de[i] = g[i] * f[i] * (sigma[i] + swish * (T(1) - sigma[i]));
        }
    });
}

class Swiglu : public Function<Swiglu> {
public:
    static at::Tensor forward(AutogradContext* context, const at::Tensor& gate, const at::Tensor& up) {
        const at::Tensor e = gate.contiguous();
        const at::Tensor f = up.contiguous();
        at::Tensor y = at::silu(e); // LibTorch's is vectorised, the exponential included
        y.mul_(f);
        context->save_for_backward({e, f});
        return y;
    }
    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const auto saved = context->get_saved_variables();
        const at::Tensor g = gradients[0].contiguous();
        const at::Tensor sigma = at::sigmoid(saved[0]);
        at::Tensor de = at::empty_like(g);
        at::Tensor df = at::empty_like(g);
        AT_DISPATCH_FLOATING_TYPES(g.scalar_type(), "swiglu_backward", [&] {
            swigluBackward(g.const_data_ptr<scalar_t>(), saved[0].const_data_ptr<scalar_t>(),
                           saved[1].const_data_ptr<scalar_t>(), sigma.const_data_ptr<scalar_t>(),
                           de.data_ptr<scalar_t>(), df.data_ptr<scalar_t>(), g.numel());
        });
        return {de, df};
    }
};

} // namespace

at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& weight, double eps) {
    if (isPlainCpu(x) && weight.scalar_type() == x.scalar_type())
        return RmsNorm::apply(x, weight, eps);
    if (x.is_cuda() && weight.scalar_type() == x.scalar_type())
        return std::get<0>(at::_fused_rms_norm(x, {x.size(-1)}, weight, eps));
    const at::Tensor wide = x.scalar_type() == at::kDouble ? x : x.to(at::kFloat);
    const at::Tensor scale = (wide.square().mean(-1, true) + eps).rsqrt();
    return weight * (wide * scale).to(x.dtype());
}

void rotateHalvesInto(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin, double sign,
                      at::Tensor& y) {
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "rotate_halves",
                               [&] { turn<scalar_t>(x, cos, sin, y, static_cast<scalar_t>(sign)); });
}

at::Tensor rotateHalves(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin) {
    return RotateHalves::apply(x, cos, sin);
}

at::Tensor swiglu(const at::Tensor& gate, const at::Tensor& up) {
    return isPlainCpu(gate) ? Swiglu::apply(gate, up) : at::silu(gate) * up;
}

} // namespace lathe
