#include "core/kernels/adapted_product.h"

#include "core/kernels/low_rank_scale.h"
#include "core/kernels/narrow_path.h"
#include "core/kernels/packed_weight.h"
#include "core/kernels/small_products.h"
#include "core/kernels/work_scope.h"

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>
#include <algorithm>
#include <span>

namespace lathe {

namespace {

constexpr std::string_view kBaseScope = "lathe::base_product";

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

/// y (+)= x Wᵀ + b, of a matrix that is not small.
void largeForward(const AdaptedProjection& projection, const SharedRows& shared, at::Tensor y, bool isAdded) {
    const at::Tensor& x = shared.tensor();
    const WorkScope scope(kBaseScope);
    const DenseWeight dense(projection.matrix->weight());
    const at::Tensor turned = dense.tensor().t();
    if (turned.scalar_type() != y.scalar_type()) {
        narrowProduct(y, shared, turned, projection.bias, isAdded);
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

/// dx (+)= g W, of a matrix that is not small.
void largeBackward(const AdaptedProjection& projection, const SharedRows& shared, at::Tensor dx,
                   bool isAdded) {
    const at::Tensor& g = shared.tensor();
    const WorkScope scope(kBaseScope);
    const DenseWeight dense(projection.matrix->weight());
    if (dense.tensor().scalar_type() != dx.scalar_type())
        narrowProduct(dx, shared, dense.tensor(), {}, isAdded);
    else if (isAdded)
        dx.addmm_(g, dense.tensor());
    else
        at::mm_out(dx, g, dense.tensor());
}

/// What room is for.
enum class Room { Factor, Kept };

/// Room for what is needed for one product only, of this thread; what was there before is gone.
template <typename S, Room = Room::Factor>
S* roomFor(std::int64_t count) {
    thread_local std::vector<S> room;
    if (room.size() < static_cast<std::size_t>(count))
        room.resize(static_cast<std::size_t>(count));
    return room.data();
}

/// each(room for so many rows of `width` numbers, the first of them, how many) for a slot with dropout, some
/// rows at a time: what is made of them stays in the processor's cache until it is read. All at once where
/// their products go on several threads.
template <typename S, typename Each>
void forSomeRows(const LowRankSlot& slot, std::int64_t width, const Each& each) {
    constexpr std::int64_t kRows = 64;
    const bool isAlone = at::get_num_threads() == 1 || at::in_parallel_region();
    const std::int64_t most = isAlone ? std::min(kRows, slot.rows) : slot.rows;
    S* room = roomFor<S, Room::Kept>(most * width);
    for (std::int64_t begin = 0; begin < slot.rows; begin += most)
        each(room, begin, std::min(most, slot.rows - begin));
}

/// each(those rows of m ⊙ x without m's factor, the first of them, how many) for a slot's rows.
template <typename S, typename Each>
void forSeenRows(const LowRankSlot& slot, const at::Tensor& x, std::int64_t first, const Each& each) {
    const std::int64_t in = x.size(1);
    const S* rows = x.const_data_ptr<S>() + first * in;
    if (!slot.kept.isDefined())
        return each(rows, std::int64_t{0}, slot.rows);
    forSomeRows<S>(slot, in, [&](S* kept, std::int64_t begin, std::int64_t count) {
        slot.kept.keep(rows + begin * in, begin, count, kept);
        each(static_cast<const S*>(kept), begin, count);
    });
}

/// s (m ⊙ x) Aᵀ.
template <typename S>
at::Tensor pathDown(const LowRankSlot& slot, const at::Tensor& x, std::int64_t first) {
    const WorkScope scope(kPathScope);
    const std::int64_t rank = slot.a.size(0), in = x.size(1);
    S* turned = roomFor<S>(in * rank);
    turnMatrix(slot.a.const_data_ptr<S>(), rank, in, scaleOf<S>(slot), turned);
    at::Tensor low = at::empty({slot.rows, rank}, x.options());
    forSeenRows<S>(slot, x, first, [&](const S* seen, std::int64_t begin, std::int64_t count) {
        put<S>(targetOf<S>(low, begin, count, false), {seen, in, 1, turned, rank, in});
    });
    return low;
}

/// s g B.
template <typename S>
at::Tensor pathUp(const LowRankSlot& slot, const at::Tensor& g, std::int64_t first) {
    const WorkScope scope(kPathScope);
    const std::int64_t rank = slot.a.size(0);
    S* scaled = roomFor<S>(slot.b.numel());
    const S* b = slot.b.const_data_ptr<S>();
    std::transform(b, b + slot.b.numel(), scaled,
                   [factor = scaleOf<S>(slot)](S each) { return each * factor; });
    at::Tensor pulled = at::empty({slot.rows, rank}, g.options());
    put<S>(targetOf<S>(pulled, 0, slot.rows, false), termOf<S>(g, first, scaled, rank));
    return pulled;
}

/// The rows of y from `first` on (+)= x Wᵀ + b + low Bᵀ, of a small matrix or, without W and b, of any; in
/// one pass, as a path that is few numbers deep costs more to read and write y than to compute. low may be
/// undefined: no path.
template <typename S>
void sumForward(const AdaptedProjection& projection, const LowRankSlot& slot, const at::Tensor& low,
                const at::Tensor& x, ProductTarget<S> y, std::int64_t first) {
    static constexpr S kOne = 1;
    const FrozenMatrix& matrix = *projection.matrix;
    const WorkScope scope(matrix.isSmall() ? kBaseScope : kPathScope);
    ProductTerm<S> terms[3];
    std::size_t count = 0;
    if (matrix.isSmall()) {
        if (projection.bias.defined())
            terms[count++] = {&kOne, 0, 0, projection.bias.const_data_ptr<S>(), 0, 1};
        terms[count++] = termOf<S>(x, first, matrix.turned().template const_data_ptr<S>(), y.columns);
    }
    if (low.defined()) {
        const std::int64_t rank = low.size(1);
        S* turned = roomFor<S>(rank * y.columns);
        turnMatrix(slot.b.const_data_ptr<S>(), y.columns, rank, S(1), turned);
        terms[count++] = termOf<S>(low, 0, turned, y.columns);
    }
    y.isAdded = y.isAdded || !matrix.isSmall();
    if (count > 0)
        sumProducts<S>(y, std::span<const ProductTerm<S>>(terms, count));
}

/// The rows of dx from `first` on += m ⊙ the path's.
template <typename S>
void addKeptPath(const LowRankSlot& slot, const ProductTerm<S>& path, const at::Tensor& dx,
                 std::int64_t first) {
    const std::int64_t in = dx.size(1);
    forSomeRows<S>(slot, in, [&](S* added, std::int64_t begin, std::int64_t count) {
        ProductTerm<S> some = path;
        some.a += begin * path.aRow;
        put<S>({added, in, count, in, false}, some);
        slot.kept.addKept(added, begin, count, dx.data_ptr<S>() + (first + begin) * in);
    });
}

/// The rows of dx from `first` on (+)= g W + m ⊙ (pulled A), likewise.
template <typename S>
void sumBackward(const AdaptedProjection& projection, const LowRankSlot& slot, const at::Tensor& pulled,
                 const at::Tensor& g, const at::Tensor& dx, std::int64_t first, bool isAdded) {
    const FrozenMatrix& matrix = *projection.matrix;
    const WorkScope scope(matrix.isSmall() ? kBaseScope : kPathScope);
    const std::int64_t in = dx.size(1);
    const bool isMasked = pulled.defined() && slot.kept.isDefined();
    ProductTerm<S> terms[2];
    std::size_t count = 0;
    if (matrix.isSmall())
        terms[count++] = termOf<S>(g, first, matrix.rows().template const_data_ptr<S>(), in);
    const ProductTerm<S> path =
        pulled.defined() ? termOf<S>(pulled, 0, slot.a.const_data_ptr<S>(), in) : ProductTerm<S>();
    if (pulled.defined() && !isMasked)
        terms[count++] = path;
    if (count > 0)
        sumProducts<S>(targetOf<S>(dx, first, slot.rows, isAdded || !matrix.isSmall()),
                       std::span<const ProductTerm<S>>(terms, count));
    if (isMasked)
        addKeptPath<S>(slot, path, dx, first);
}

/// Whether the paths, too, are multiplied in bf16.
bool isNarrow(const AdaptedProjection& projection) {
    return projection.matrix->weight().scalar_type() == at::kBFloat16 && !projection.matrix->isSmall() &&
           multipliesNarrow();
}

/// Calls each(slot, first row) for the slots, and for the rows behind the last one as a slot without a path.
template <typename Each>
void forSlots(const AdaptedProjection& projection, std::int64_t rows, const Each& each) {
    std::int64_t first = 0;
    for (const LowRankSlot& slot : projection.slots) {
        each(slot, first);
        first += slot.rows;
    }
    if (first < rows) {
        LowRankSlot rest;
        rest.rows = rows - first;
        each(rest, first);
    }
}

/// to (+)= aᵀ b of `rows` rows, [columns of a, columns of b].
template <typename S>
void outerProduct(const S* a, std::int64_t aWidth, const S* b, std::int64_t bWidth, std::int64_t rows, S* to,
                  bool isAdded) {
    put<S>({to, bWidth, aWidth, bWidth, isAdded}, {a, 1, aWidth, b, bWidth, rows});
}

template <typename S>
LowRankGradients gradientsOf(const LowRankSlot& slot, const at::Tensor& g, const at::Tensor& x,
                             const at::Tensor& low, const at::Tensor& pulled, std::int64_t first) {
    const WorkScope scope(kPathScope);
    const std::int64_t rank = slot.a.size(0), in = x.size(1), out = g.size(1);
    S* turned = roomFor<S>(rank * out);
    outerProduct<S>(low.const_data_ptr<S>(), rank, g.const_data_ptr<S>() + first * out, out, slot.rows,
                    turned, false);
    LowRankGradients gradients{{}, at::empty({out, rank}, x.options())};
    turnMatrix(turned, rank, out, S(1), gradients.b.data_ptr<S>());
    if (slot.a.requires_grad()) {
        gradients.a = at::empty({rank, in}, x.options());
        forSeenRows<S>(slot, x, first, [&](const S* seen, std::int64_t begin, std::int64_t count) {
            outerProduct<S>(pulled.const_data_ptr<S>() + begin * rank, rank, seen, in, count,
                            gradients.a.data_ptr<S>(), begin > 0);
        });
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
        if (slot.kept.isDefined()) {
            std::vector<std::int64_t> rows(own, behind);
            for (std::int64_t& row : rows)
                row -= first;
            slot.kept = slot.kept.ofRows(rows);
        }
        first += slot.rows;
        slot.rows = behind - own;
        own = behind;
    }
    return projection;
}

std::vector<at::Tensor> applyProjection(const AdaptedProjection& projection, const SharedRows& shared,
                                        const at::Tensor& y, bool isAdded) {
    const at::Tensor& x = shared.tensor();
    const bool isPathNarrow = isNarrow(projection);
    std::vector<at::Tensor> lows;
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "apply_projection", [&] {
        if (!projection.matrix->isSmall())
            largeForward(projection, shared, y, isAdded);
        forSlots(projection, x.size(0), [&](const LowRankSlot& slot, std::int64_t first) {
            if (isPathNarrow) {
                lows.push_back(slot.hasPath() ? addNarrowPath(slot, shared, y, first) : at::Tensor());
                return;
            }
            const at::Tensor low = slot.hasPath() ? pathDown<scalar_t>(slot, x, first) : at::Tensor();
            sumForward<scalar_t>(projection, slot, low, x, targetOf<scalar_t>(y, first, slot.rows, isAdded),
                                 first);
            lows.push_back(low);
        });
    });
    lows.resize(projection.slots.size());
    return lows;
}

std::vector<at::Tensor> pullRows(const AdaptedProjection& projection, const SharedRows& shared,
                                 const at::Tensor& dx, bool isAdded) {
    const at::Tensor& g = shared.tensor();
    const bool isPathNarrow = isNarrow(projection);
    std::vector<at::Tensor> all;
    AT_DISPATCH_FLOATING_TYPES(g.scalar_type(), "pull_rows", [&] {
        if (dx.defined() && !projection.matrix->isSmall())
            largeBackward(projection, shared, dx, isAdded);
        forSlots(projection, g.size(0), [&](const LowRankSlot& slot, std::int64_t first) {
            if (isPathNarrow) {
                all.push_back(slot.hasPath() ? pullNarrowPath(slot, shared, dx, first) : at::Tensor());
                return;
            }
            const at::Tensor pulled = slot.hasPath() ? pathUp<scalar_t>(slot, g, first) : at::Tensor();
            if (dx.defined())
                sumBackward<scalar_t>(projection, slot, pulled, g, dx, first, isAdded);
            all.push_back(pulled);
        });
    });
    all.resize(projection.slots.size());
    return all;
}

std::vector<LowRankGradients> factorGradients(const AdaptedProjection& projection, const SharedRows& g,
                                              const SharedRows& x, std::span<const at::Tensor> low,
                                              std::span<const at::Tensor> pulled) {
    const bool isPathNarrow = isNarrow(projection);
    std::vector<LowRankGradients> gradients;
    AT_DISPATCH_FLOATING_TYPES(g.tensor().scalar_type(), "factor_gradients", [&] {
        std::int64_t first = 0;
        for (std::size_t i = 0; i < projection.slots.size(); ++i) {
            const LowRankSlot& slot = projection.slots[i];
            if (!slot.hasPath())
                gradients.emplace_back();
            else if (isPathNarrow)
                gradients.push_back(narrowGradients(slot, g, x, low[i], pulled[i], first));
            else
                gradients.push_back(
                    gradientsOf<scalar_t>(slot, g.tensor(), x.tensor(), low[i], pulled[i], first));
            first += slot.rows;
        }
    });
    return gradients;
}

} // namespace lathe
