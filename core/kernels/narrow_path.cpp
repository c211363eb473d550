#include "core/kernels/narrow_path.h"

#include "core/kernels/low_rank_scale.h"
#include "core/kernels/narrow_products.h"
#include "core/kernels/small_products.h"
#include "core/kernels/work_scope.h"

#include <ATen/ops/empty.h>

namespace lathe {

namespace {

/// The slot's, of those of all.
NarrowRows seenRows(const LowRankSlot& slot, const SharedRows& x, std::int64_t first) {
    return x.narrow(first, slot.rows, slot.kept.bitsFrom(0));
}

/// What one product reads.
NarrowRows allRows(const at::Tensor& x) { return {x.const_data_ptr<float>(), x.size(0), x.size(1)}; }

float* to(const at::Tensor& all, std::int64_t first) { return all.data_ptr<float>() + first * all.size(1); }

} // namespace

at::Tensor addNarrowPath(const LowRankSlot& slot, const SharedRows& x, const at::Tensor& y,
                         std::int64_t first) {
    const WorkScope scope(kPathScope);
    const std::int64_t rank = slot.a.size(0);
    at::Tensor low = at::empty({slot.rows, rank}, y.options());
    narrowFactorProduct(seenRows(slot, x, first),
                        {slot.a.const_data_ptr<float>(), slot.a.size(1), rank, true, scaleOf<float>(slot)},
                        to(low, 0), false);
    narrowFactorProduct(allRows(low), {slot.b.const_data_ptr<float>(), rank, y.size(1), true}, to(y, first),
                        true);
    return low;
}

at::Tensor pullNarrowPath(const LowRankSlot& slot, const SharedRows& g, const at::Tensor& dx,
                          std::int64_t first) {
    const WorkScope scope(kPathScope);
    const std::int64_t rank = slot.a.size(0);
    at::Tensor pulled = at::empty({slot.rows, rank}, g.tensor().options());
    narrowFactorProduct(g.narrow(first, slot.rows),
                        {slot.b.const_data_ptr<float>(), slot.b.size(0), rank, false, scaleOf<float>(slot)},
                        to(pulled, 0), false);
    if (dx.defined())
        narrowFactorProduct(allRows(pulled), {slot.a.const_data_ptr<float>(), rank, dx.size(1), false},
                            to(dx, first), true, slot.kept.bitsFrom(0));
    return pulled;
}

LowRankGradients narrowGradients(const LowRankSlot& slot, const SharedRows& g, const SharedRows& x,
                                 const at::Tensor& low, const at::Tensor& pulled, std::int64_t first) {
    const WorkScope scope(kPathScope);
    const std::int64_t rank = slot.a.size(0), out = slot.b.size(0);
    const at::Tensor turned = at::empty({rank, out}, low.options());
    narrowOuterProduct(allRows(low), g.narrow(first, slot.rows), to(turned, 0));
    LowRankGradients gradients{{}, at::empty({out, rank}, low.options())};
    turnMatrix(turned.const_data_ptr<float>(), rank, out, 1.0F, to(gradients.b, 0));
    if (slot.a.requires_grad()) {
        gradients.a = at::empty({rank, slot.a.size(1)}, low.options());
        narrowOuterProduct(allRows(pulled), seenRows(slot, x, first), to(gradients.a, 0));
    }
    return gradients;
}

} // namespace lathe
