#include "core/kernels/adapted_product.h"

#include "core/kernels/narrow_products.h"
#include "core/kernels/packed_weight.h"
#include "core/kernels/small_products.h"
#include "core/kernels/work_scope.h"

#include <ATen/Dispatch.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>
#include <algorithm>
#include <span>

namespace lathe {

namespace {

constexpr std::string_view kBaseScope = "lathe::base_product";
constexpr std::string_view kPathScope = "lathe::adapter";

/// Up to this size a second copy costs nothing worth mentioning, and the processor's cache holds it.
constexpr std::int64_t kSmall = 1 << 16;

bool isSmallMatrix(const at::Tensor& weight) {
    return weight.is_cpu() && weight.numel() <= kSmall &&
           (weight.scalar_type() == at::kFloat || weight.scalar_type() == at::kDouble);
}

template <typename S>
ProductTarget<S> targetOf(const at::Tensor& c, std::int64_t first, std::int64_t rows, bool isAdded) {
    return {c.data_ptr<S>() + first * c.size(1), c.size(1), rows, c.size(1), isAdded};
}

/// a b, of `rows` rows of a from `first` on.
template <typename S>
ProductTerm<S> termOf(const at::Tensor& a, std::int64_t first, const S* b, std::int64_t columns) {
    return {a.const_data_ptr<S>() + first * a.size(1), a.size(1), 1, b, columns, a.size(1)};
}

template <typename S>
void put(const ProductTarget<S>& into, const ProductTerm<S>& term) {
    sumProducts<S>(into, std::span(&term, 1));
}

/// y (+)= x Wᵀ + b.
template <typename S>
void baseForward(const AdaptedProjection& projection, const at::Tensor& x, at::Tensor y, bool isAdded) {
    const WorkScope scope(kBaseScope);
    const FrozenMatrix& matrix = *projection.matrix;
    if (matrix.isSmall()) {
        static constexpr S kOne = 1;
        ProductTerm<S> terms[2];
        std::size_t count = 0;
        if (projection.bias.defined())
            terms[count++] = {&kOne, 0, 0, projection.bias.const_data_ptr<S>(), 0, 1};
        terms[count++] = termOf<S>(x, 0, matrix.turned().template const_data_ptr<S>(), y.size(1));
        sumProducts<S>(targetOf<S>(y, 0, y.size(0), isAdded), std::span<const ProductTerm<S>>(terms, count));
        return;
    }
    const DenseWeight dense(matrix.weight());
    const at::Tensor turned = dense.tensor().t();
    if (turned.scalar_type() != y.scalar_type()) {
        narrowProduct(y, x, turned, projection.bias, isAdded);
    } else if (isAdded) {
        y.addmm_(x, turned);
        if (projection.bias.defined())
            y.add_(projection.bias);
    } else if (projection.bias.defined()) {
        at::addmm_out(y, projection.bias, x, turned);
    } else {
        at::mm_out(y, x, turned);
    }
}

/// dx (+)= g W.
template <typename S>
void baseBackward(const AdaptedProjection& projection, const at::Tensor& g, at::Tensor dx, bool isAdded) {
    const WorkScope scope(kBaseScope);
    const FrozenMatrix& matrix = *projection.matrix;
    if (matrix.isSmall()) {
        put<S>(targetOf<S>(dx, 0, dx.size(0), isAdded),
               termOf<S>(g, 0, matrix.rows().template const_data_ptr<S>(), dx.size(1)));
        return;
    }
    const DenseWeight dense(matrix.weight());
    if (dense.tensor().scalar_type() != dx.scalar_type())
        narrowProduct(dx, g, dense.tensor(), {}, isAdded);
    else if (isAdded)
        dx.addmm_(g, dense.tensor());
    else
        at::mm_out(dx, g, dense.tensor());
}

bool hasPath(const LowRankSlot& slot) { return slot.rows > 0 && slot.a.defined(); }

at::Tensor maskedRows(const LowRankSlot& slot, const at::Tensor& x, std::int64_t first) {
    const at::Tensor own = x.narrow(0, first, slot.rows);
    return slot.mask.defined() ? own * slot.mask : own;
}

/// One slot's path, forward.
template <typename S>
at::Tensor pathForward(const LowRankSlot& slot, const at::Tensor& x, const at::Tensor& y,
                       std::int64_t first) {
    const WorkScope scope(kPathScope);
    const std::int64_t rank = slot.a.size(0);
    const at::Tensor turnedA = at::empty({x.size(1), rank}, x.options()); // s Aᵀ
    turnMatrix(slot.a.const_data_ptr<S>(), rank, x.size(1), static_cast<S>(slot.scale),
               turnedA.data_ptr<S>());
    at::Tensor low = at::empty({slot.rows, rank}, x.options());
    put<S>(targetOf<S>(low, 0, slot.rows, false),
           termOf<S>(maskedRows(slot, x, first), 0, turnedA.const_data_ptr<S>(), rank));
    const at::Tensor turnedB = at::empty({rank, y.size(1)}, x.options());
    turnMatrix(slot.b.const_data_ptr<S>(), y.size(1), rank, S(1), turnedB.data_ptr<S>());
    put<S>(targetOf<S>(y, first, slot.rows, true), termOf<S>(low, 0, turnedB.const_data_ptr<S>(), y.size(1)));
    return low;
}

/// aᵀ b of `rows` rows, [columns of a, columns of b].
template <typename S>
at::Tensor outerProduct(const S* a, std::int64_t aWidth, const S* b, std::int64_t bWidth, std::int64_t rows,
                        const at::TensorOptions& options) {
    at::Tensor sum = at::empty({aWidth, bWidth}, options);
    put<S>(targetOf<S>(sum, 0, aWidth, false), ProductTerm<S>{a, 1, aWidth, b, bWidth, rows});
    return sum;
}

/// Of one slot: s g B; what comes through its path is added to dx.
template <typename S>
at::Tensor pathBackward(const LowRankSlot& slot, const at::Tensor& g, const at::Tensor& dx,
                        std::int64_t first) {
    const WorkScope scope(kPathScope);
    const std::int64_t rank = slot.a.size(0), in = slot.a.size(1);
    const at::Tensor scaledB = slot.b.detach() * slot.scale;
    at::Tensor pulled = at::empty({slot.rows, rank}, g.options());
    put<S>(targetOf<S>(pulled, 0, slot.rows, false), termOf<S>(g, first, scaledB.const_data_ptr<S>(), rank));
    if (!dx.defined())
        return pulled;
    const ProductTerm<S> path = termOf<S>(pulled, 0, slot.a.const_data_ptr<S>(), in);
    if (slot.mask.defined()) {
        const at::Tensor added = at::empty({slot.rows, in}, g.options());
        put<S>(targetOf<S>(added, 0, slot.rows, false), path);
        dx.narrow(0, first, slot.rows).addcmul_(added, slot.mask);
    } else {
        put<S>(targetOf<S>(dx, first, slot.rows, true), path);
    }
    return pulled;
}

template <typename S>
LowRankGradients gradientsOf(const LowRankSlot& slot, const at::Tensor& g, const at::Tensor& x,
                             const at::Tensor& low, const at::Tensor& pulled, std::int64_t first) {
    const WorkScope scope(kPathScope);
    const std::int64_t rank = slot.a.size(0), in = x.size(1), out = g.size(1);
    const at::Tensor turned = outerProduct<S>(
        low.const_data_ptr<S>(), rank, g.const_data_ptr<S>() + first * out, out, slot.rows, x.options());
    LowRankGradients gradients{{}, at::empty({out, rank}, x.options())};
    turnMatrix(turned.const_data_ptr<S>(), rank, out, S(1), gradients.b.data_ptr<S>());
    if (slot.a.requires_grad()) {
        const at::Tensor seen = maskedRows(slot, x, first);
        gradients.a = outerProduct<S>(pulled.const_data_ptr<S>(), rank, seen.const_data_ptr<S>(), in,
                                      slot.rows, x.options());
    }
    return gradients;
}

} // namespace

FrozenMatrix::FrozenMatrix(const at::Tensor& weight)
    : m_weight(weight.detach()), m_memory(packedIn(weight) == nullptr ? weight.const_data_ptr() : nullptr) {
    m_version = m_memory == nullptr || weight.is_inference() ? 0 : weight._version();
    if (isSmallMatrix(weight)) {
        m_rows = denseOf(m_weight).contiguous();
        m_turned = m_rows.t().contiguous();
    }
}

bool FrozenMatrix::isOf(const at::Tensor& weight) const {
    if (packedIn(weight) != nullptr || m_memory == nullptr)
        return packedIn(weight) == packedIn(m_weight);
    return weight.const_data_ptr() == m_memory && weight.sizes() == m_weight.sizes() &&
           (weight.is_inference() || weight._version() == m_version);
}

std::shared_ptr<const FrozenMatrix> FrozenMatrixCache::of(const at::Tensor& weight) const {
    const std::lock_guard lock(m_kept->mutex);
    if (m_kept->matrix == nullptr || !m_kept->matrix->isOf(weight))
        m_kept->matrix = std::make_shared<FrozenMatrix>(weight);
    return m_kept->matrix;
}

AdaptedProjection atPlaces(AdaptedProjection projection, const at::Tensor& places) {
    const auto* begin = places.const_data_ptr<std::int64_t>();
    const auto* end = begin + places.numel();
    const auto* own = begin;
    std::int64_t first = 0;
    for (LowRankSlot& slot : projection.slots) {
        const auto* behind = std::lower_bound(own, end, first + slot.rows);
        if (slot.mask.defined())
            slot.mask = slot.mask.index_select(0, places.narrow(0, own - begin, behind - own) - first);
        first += slot.rows;
        slot.rows = behind - own;
        own = behind;
    }
    return projection;
}

std::vector<at::Tensor> applyProjection(const AdaptedProjection& projection, const at::Tensor& x,
                                        const at::Tensor& y, bool isAdded) {
    std::vector<at::Tensor> low;
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "apply_projection", [&] {
        baseForward<scalar_t>(projection, x, y, isAdded);
        std::int64_t first = 0;
        for (const LowRankSlot& slot : projection.slots) {
            low.push_back(hasPath(slot) ? pathForward<scalar_t>(slot, x, y, first) : at::Tensor());
            first += slot.rows;
        }
    });
    return low;
}

std::vector<at::Tensor> pullRows(const AdaptedProjection& projection, const at::Tensor& g,
                                 const at::Tensor& dx, bool isAdded) {
    std::vector<at::Tensor> pulled;
    AT_DISPATCH_FLOATING_TYPES(g.scalar_type(), "pull_rows", [&] {
        if (dx.defined())
            baseBackward<scalar_t>(projection, g, dx, isAdded);
        std::int64_t first = 0;
        for (const LowRankSlot& slot : projection.slots) {
            pulled.push_back(hasPath(slot) ? pathBackward<scalar_t>(slot, g, dx, first) : at::Tensor());
            first += slot.rows;
        }
    });
    return pulled;
}

std::vector<LowRankGradients> factorGradients(const AdaptedProjection& projection, const at::Tensor& g,
                                              const at::Tensor& x, std::span<const at::Tensor> low,
                                              std::span<const at::Tensor> pulled) {
    std::vector<LowRankGradients> gradients;
    AT_DISPATCH_FLOATING_TYPES(g.scalar_type(), "factor_gradients", [&] {
        std::int64_t first = 0;
        for (std::size_t i = 0; i < projection.slots.size(); ++i) {
            const LowRankSlot& slot = projection.slots[i];
            gradients.push_back(hasPath(slot) ? gradientsOf<scalar_t>(slot, g, x, low[i], pulled[i], first)
                                              : LowRankGradients());
            first += slot.rows;
        }
    });
    return gradients;
}

} // namespace lathe
