#include "core/kernels/row_norm.h"

#include "core/kernels/vectors.h"
#include "core/kernels/work_scope.h"

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

/// Elements a thread should get at least.
constexpr std::int64_t kGrain = 32768;
constexpr std::int64_t kParts = 16;

/// Sums in so many parts, which the compiler keeps in vectors without reordering a sum: a row's result does
/// not depend on what else runs.
template <typename S>
LATHE_INLINE S folded(const S* parts) {
    S eight[8], four[4];
    for (int i = 0; i < 8; ++i)
        eight[i] = parts[i] + parts[i + 8];
    for (int i = 0; i < 4; ++i)
        four[i] = eight[i] + eight[i + 4];
    return (four[0] + four[2]) + (four[1] + four[3]);
}

template <typename S>
LATHE_INLINE S meanOf(const S* x, std::int64_t width) {
    S parts[kParts] = {};
    std::int64_t i = 0;
    for (; i + kParts <= width; i += kParts)
        for (std::int64_t j = 0; j < kParts; ++j)
            parts[j] += x[i + j];
    for (; i < width; ++i)
        parts[0] += x[i];
    return folded(parts) / static_cast<S>(width);
}

template <typename S>
LATHE_INLINE S meanSquare(const S* x, S mean, std::int64_t width) {
    S parts[kParts] = {};
    std::int64_t i = 0;
    for (; i + kParts <= width; i += kParts)
        for (std::int64_t j = 0; j < kParts; ++j)
            parts[j] += (x[i + j] - mean) * (x[i + j] - mean);
    for (; i < width; ++i)
        parts[0] += (x[i] - mean) * (x[i] - mean);
    return folded(parts) / static_cast<S>(width);
}

/// mean(g ⊙ w).
template <typename S>
LATHE_INLINE S meanWeighted(const S* g, const S* w, std::int64_t width) {
    S parts[kParts] = {};
    std::int64_t i = 0;
    for (; i + kParts <= width; i += kParts)
        for (std::int64_t j = 0; j < kParts; ++j)
            parts[j] += g[i + j] * w[i + j];
    for (; i < width; ++i)
        parts[0] += g[i] * w[i];
    return folded(parts) / static_cast<S>(width);
}

/// mean(g ⊙ w ⊙ (x - µ)).
template <typename S>
LATHE_INLINE S meanProduct(const S* g, const S* w, const S* x, S mean, std::int64_t width) {
    S parts[kParts] = {};
    std::int64_t i = 0;
    for (; i + kParts <= width; i += kParts)
        for (std::int64_t j = 0; j < kParts; ++j)
            parts[j] += g[i + j] * w[i + j] * (x[i + j] - mean);
    for (; i < width; ++i)
        parts[0] += g[i] * w[i] * (x[i] - mean);
    return folded(parts) / static_cast<S>(width);
}

template <typename S>
struct Loop {
    const S* w;
    const S* b; ///< null: RMSNorm
    S eps;
    std::int64_t width;
};

template <typename S>
LATHE_INLINE void forwardRows(const Loop<S>& loop, const S* x, S* y, S* stats, std::int64_t rows) {
    for (std::int64_t r = 0; r < rows; ++r, x += loop.width, y += loop.width) {
        const S mean = loop.b == nullptr ? S(0) : meanOf(x, loop.width);
        const S scale = S(1) / std::sqrt(meanSquare(x, mean, loop.width) + loop.eps);
        stats[2 * r] = scale;
        stats[2 * r + 1] = mean;
        if (loop.b == nullptr)
            for (std::int64_t i = 0; i < loop.width; ++i)
                y[i] = loop.w[i] * (x[i] * scale);
        else
            for (std::int64_t i = 0; i < loop.width; ++i)
                y[i] = loop.w[i] * ((x[i] - mean) * scale) + loop.b[i];
    }
}

template <typename S>
LATHE_INLINE void backwardRows(const Loop<S>& loop, const S* g, const S* x, const S* stats, S* dx,
                               std::int64_t rows) {
    const std::int64_t width = loop.width;
    for (std::int64_t r = 0; r < rows; ++r, g += width, x += width, dx += width) {
        const S scale = stats[2 * r];
        const S mean = stats[2 * r + 1];
        const S pull = meanProduct(g, loop.w, x, mean, width) * scale * scale;
        const S level = loop.b == nullptr ? S(0) : meanWeighted(g, loop.w, width);
        for (std::int64_t i = 0; i < width; ++i)
            dx[i] += scale * (g[i] * loop.w[i] - level - (x[i] - mean) * pull);
    }
}

// Overloads, not templates: these are what the loader chooses from.
LATHE_WIDE void forwardWide(const Loop<float>& loop, const float* x, float* y, float* stats,
                            std::int64_t rows) {
    forwardRows(loop, x, y, stats, rows);
}
LATHE_WIDE void forwardWide(const Loop<double>& loop, const double* x, double* y, double* stats,
                            std::int64_t rows) {
    forwardRows(loop, x, y, stats, rows);
}
LATHE_WIDE void backwardWide(const Loop<float>& loop, const float* g, const float* x, const float* stats,
                             float* dx, std::int64_t rows) {
    backwardRows(loop, g, x, stats, dx, rows);
}
LATHE_WIDE void backwardWide(const Loop<double>& loop, const double* g, const double* x, const double* stats,
                             double* dx, std::int64_t rows) {
    backwardRows(loop, g, x, stats, dx, rows);
}

template <typename S>
Loop<S> loopOf(const RowNorm& norm, const at::Tensor& x) {
    const bool isLayer = norm.kind == RowNorm::Kind::Layer;
    return {norm.weight.const_data_ptr<S>(), isLayer ? norm.bias.const_data_ptr<S>() : nullptr,
            static_cast<S>(norm.eps), x.size(1)};
}

std::int64_t grainOf(const at::Tensor& x) { return std::max<std::int64_t>(1, kGrain / x.size(1)); }

} // namespace

NormedRows normRows(const RowNorm& norm, const at::Tensor& x) {
    const WorkScope scope("lathe::norm");
    if (norm.kind == RowNorm::Kind::None)
        return {x, {}};
    NormedRows result{at::empty_like(x), at::empty({x.size(0), 2}, x.options())};
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "norm_rows", [&] {
        const Loop<scalar_t> loop = loopOf<scalar_t>(norm, x);
        const auto* from = x.const_data_ptr<scalar_t>();
        auto* to = result.rows.data_ptr<scalar_t>();
        auto* stats = result.stats.data_ptr<scalar_t>();
        at::parallel_for(0, x.size(0), grainOf(x), [&](std::int64_t begin, std::int64_t end) {
            forwardWide(loop, from + begin * loop.width, to + begin * loop.width, stats + 2 * begin,
                        end - begin);
        });
    });
    return result;
}

void addNormGradient(const RowNorm& norm, const at::Tensor& g, const at::Tensor& x, const at::Tensor& stats,
                     const at::Tensor& into) {
    const WorkScope scope("lathe::norm");
    if (norm.kind == RowNorm::Kind::None) {
        into.add_(g);
        return;
    }
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "norm_gradient", [&] {
        const Loop<scalar_t> loop = loopOf<scalar_t>(norm, x);
        const auto* up = g.const_data_ptr<scalar_t>();
        const auto* from = x.const_data_ptr<scalar_t>();
        const auto* kept = stats.const_data_ptr<scalar_t>();
        auto* to = into.data_ptr<scalar_t>();
        at::parallel_for(0, x.size(0), grainOf(x), [&](std::int64_t begin, std::int64_t end) {
            const std::int64_t first = begin * loop.width;
            backwardWide(loop, up + first, from + first, kept + 2 * begin, to + first, end - begin);
        });
    });
}

} // namespace lathe
