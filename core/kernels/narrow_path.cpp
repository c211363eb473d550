#include "core/kernels/narrow_path.h"

#include "core/kernels/low_rank_scale.h"
#include "core/kernels/narrow_products.h"
#include "core/kernels/small_products.h"
#include "core/kernels/work_scope.h"

#include <ATen/ops/empty.h>

namespace lathe {

namespace {

/// The slot's, of those of all.
NarrowRows rowsOf(const LowRankSlot& slot, const at::Tensor& all, std::int64_t first) {
    return {all.const_data_ptr<float>() + first * all.size(1), slot.rows, all.size(1)};
}

NarrowRows seenRows(const LowRankSlot& slot, const at::Tensor& x, std::int64_t first) {
    NarrowRows rows = rowsOf(slot, x, first);
    rows.kept = slot.kept.bitsFrom(0);
    return rows;
}

float* to(const at::Tensor& all, std::int64_t first) { return all.data_ptr<float>() + first * all.size(1); }

} // namespace

at::Tensor addNarrowPath(const LowRankSlot& slot, const at::Tensor& x, const at::Tensor& y,
                         std::int64_t first) {
    const WorkScope scope(kPathScope);
    const std::int64_t rank = slot.a.size(0);
    at::Tensor low = at::empty({slot.rows, rank}, x.options());
    narrowFactorProduct(seenRows(slot, x, first),
                        {slot.a.const_data_ptr<float>(), x.size(1), rank, true, scaleOf<float>(slot)},
                        to(low, 0), false);
    narrowFactorProduct(rowsOf(slot, low, 0), {slot.b.const_data_ptr<float>(), rank, y.size(1), true},
                        to(y, first), true);
    return low;
}

at::Tensor pullNarrowPath(const LowRankSlot& slot, const at::Tensor& g, const at::Tensor& dx,
                          std::int64_t first) {
    const WorkScope scope(kPathScope);
    const std::int64_t rank = slot.a.size(0);
    at::Tensor pulled = at::empty({slot.rows, rank}, g.options());
    narrowFactorProduct(rowsOf(slot, g, first),
                        {slot.b.const_data_ptr<float>(), g.size(1), rank, false, scaleOf<float>(slot)},
                        to(pulled, 0), false);
    if (dx.defined())
        narrowFactorProduct(rowsOf(slot, pulled, 0),
                            {slot.a.const_data_ptr<float>(), rank, dx.size(1), false}, to(dx, first), true,
                            slot.kept.bitsFrom(0));
    return pulled;
}

LowRankGradients narrowGradients(const LowRankSlot& slot, const at::Tensor& g, const at::Tensor& x,
                                 const at::Tensor& low, const at::Tensor& pulled, std::int64_t first) {
    const WorkScope scope(kPathScope);
    const std::int64_t rank = slot.a.size(0), out = g.size(1);
    const at::Tensor turned = at::empty({rank, out}, g.options());
    narrowOuterProduct(rowsOf(slot, low, 0), rowsOf(slot, g, first), to(turned, 0));
    LowRankGradients gradients{{}, at::empty({out, rank}, g.options())};
    turnMatrix(turned.const_data_ptr<float>(), rank, out, 1.0F, to(gradients.b, 0));
    if (slot.a.requires_grad()) {
        gradients.a = at::empty({rank, x.size(1)}, x.options());
        narrowOuterProduct(rowsOf(slot, pulled, 0), seenRows(slot, x, first), to(gradients.a, 0));
    }
    return gradients;
}

} // namespace lathe
