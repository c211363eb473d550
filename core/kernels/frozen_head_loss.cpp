#include "core/kernels/frozen_head_loss.h"

#include "core/base/contract.h"
#include "core/kernels/packed_weight.h"
#include "core/kernels/vectors.h"

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/full.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <torch/csrc/autograd/custom_function.h>

namespace lathe {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

/// Logits of a chunk: of small heads as many as stay in the processor's cache, of others as many as a product
/// needs to be worth its while.
constexpr std::int64_t kCachedLogits = 1 << 15;
constexpr std::int64_t kLogits = 1 << 24;
/// Of a packed table, which is unpacked anew for each chunk: as many as make that a small part of the work.
constexpr std::int64_t kLogitsOfTable = 1 << 23;

LATHE_INLINE float largest(const float* z, std::int64_t count) {
    Lanes most = Lanes{} - std::numeric_limits<float>::infinity();
    std::int64_t i = 0;
    for (; i + kLanesOf<Lanes> <= count; i += kLanesOf<Lanes>) {
        Lanes part;
        load(z + i, part);
        most = part > most ? part : most;
    }
    float result = most[0];
    for (std::int64_t lane = 1; lane < kLanesOf<Lanes>; ++lane)
        result = std::max(result, most[lane]);
    for (; i < count; ++i)
        result = std::max(result, z[i]);
    return result;
}

/// z becomes e^(z - most); returns the sum.
LATHE_INLINE float exponentials(float* z, std::int64_t count, float most) {
    Lanes sums{};
    std::int64_t i = 0;
    for (; i + kLanesOf<Lanes> <= count; i += kLanesOf<Lanes>) {
        Lanes part;
        load(z + i, part);
        part -= most;
        exponential(part);
        store(z + i, part);
        sums += part;
    }
    float sum = 0;
    for (std::int64_t lane = 0; lane < kLanesOf<Lanes>; ++lane)
        sum += sums[lane];
    for (; i < count; ++i) {
        z[i] = std::exp(z[i] - most);
        sum += z[i];
    }
    return sum;
}

/// Neighbouring logits of one row: those that some rows of the head make.
template <typename S>
struct Piece {
    S* z;
    std::int64_t count;
};

/// The loss of one row of logits, which becomes its gradient. picked: the label's.
LATHE_WIDE double lossOfRow(std::span<const Piece<float>> row, float* picked) {
    float most = -std::numeric_limits<float>::infinity();
    for (const auto& [z, count] : row)
        most = std::max(most, largest(z, count));
    const double above = static_cast<double>(*picked) - most;
    float sum = 0;
    for (const auto& [z, count] : row)
        sum += exponentials(z, count, most);
    const float factor = 1 / sum;
    for (const auto& [z, count] : row)
        for (std::int64_t i = 0; i < count; ++i)
            z[i] *= factor;
    *picked -= 1;
    return std::log(static_cast<double>(sum)) - above;
}

double lossOfRow(std::span<const Piece<double>> row, double* picked) {
    double most = -std::numeric_limits<double>::infinity();
    for (const auto& [z, count] : row)
        most = std::max(most, *std::max_element(z, z + count));
    const double above = *picked - most;
    double sum = 0;
    for (const auto& [z, count] : row)
        for (std::int64_t i = 0; i < count; ++i) {
            z[i] = std::exp(z[i] - most);
            sum += z[i];
        }
    for (const auto& [z, count] : row)
        for (std::int64_t i = 0; i < count; ++i)
            z[i] /= sum;
    *picked -= 1;
    return std::log(sum) - above;
}

/// Row `row` of logits that stand in several matrices, and where the label's is.
template <typename S>
S* findRow(std::span<const at::Tensor> logits, std::int64_t row, std::int64_t label,
           std::vector<Piece<S>>& pieces) {
    S* picked = nullptr;
    pieces.clear();
    for (const at::Tensor& part : logits) {
        const std::int64_t width = part.size(1);
        S* z = part.data_ptr<S>() + row * width;
        pieces.push_back({z, width});
        if (label >= 0 && label < width)
            picked = z + label;
        label -= width;
    }
    return picked;
}

/// Rows of logits to their gradients; returns the sum of the losses.
template <typename S>
double lossOfChunk(std::span<const at::Tensor> logits, std::int64_t outputs, const std::int64_t* labels) {
    const std::int64_t rows = logits.front().size(0);
    std::vector<double> losses(static_cast<std::size_t>(rows));
    at::parallel_for(0, rows, std::max<std::int64_t>(1, kCachedLogits / outputs),
                     [&](std::int64_t begin, std::int64_t end) {
                         std::vector<Piece<S>> pieces;
                         for (std::int64_t row = begin; row < end; ++row) {
                             S* picked = findRow(logits, row, labels[row], pieces);
                             losses[static_cast<std::size_t>(row)] = lossOfRow(pieces, picked);
                         }
                     });
    double sum = 0; // in their order, whatever the threads
    for (const double loss : losses)
        sum += loss;
    return sum;
}

struct Chunks {
    AdaptedProjection head;
    const std::int64_t* labels;
    std::vector<RowRange> ranges; ///< of the head's rows that are there together; mostly one of all
    std::int64_t rows;            ///< of a chunk, the last of which may have fewer
};

/// As many chunks as must be, of one size: a last one of a few rows would cost as much packing of the head as
/// a whole one.
std::int64_t evenRows(std::int64_t rows, std::int64_t most) {
    const std::int64_t chunks = std::max<std::int64_t>(1, (rows + most - 1) / most);
    return std::max<std::int64_t>(1, (rows + chunks - 1) / chunks);
}

/// The head, or some of its rows as a head of their own, for as long as `use` needs them.
template <typename Use>
void withRange(const AdaptedProjection& head, const RowRange& range, const Use& use) {
    if (range.count == head.out())
        return use(head);
    const DenseWeight dense(head.matrix->weight(), range);
    const at::Tensor bias = head.bias.defined() ? head.bias.narrow(0, range.first, range.count) : head.bias;
    use(AdaptedProjection{std::make_shared<FrozenMatrix>(dense.tensor()), bias, {}});
}

/// Matrices [count, rows of a range] in one piece of memory.
std::vector<at::Tensor> roomForLogits(const Chunks& chunks, std::int64_t count, at::TensorOptions options) {
    const at::Tensor memory = at::empty({count * chunks.head.out()}, options);
    std::vector<at::Tensor> parts;
    for (const RowRange& range : chunks.ranges)
        parts.push_back(
            memory.narrow(0, count * range.first, count * range.count).view({count, range.count}));
    return parts;
}

template <typename S>
double lossOfRows(const Chunks& chunks, const at::Tensor& rows, const at::Tensor& gradient) {
    double sum = 0;
    for (std::int64_t first = 0; first < rows.size(0); first += chunks.rows) {
        const std::int64_t count = std::min(chunks.rows, rows.size(0) - first);
        const std::vector<at::Tensor> logits = roomForLogits(chunks, count, rows.options());
        const at::Tensor some = rows.narrow(0, first, count);
        for (std::size_t i = 0; i < logits.size(); ++i)
            withRange(chunks.head, chunks.ranges[i], [&](const AdaptedProjection& head) {
                (void)applyProjection(head, some, logits[i], false);
            });
        sum += lossOfChunk<S>(logits, chunks.head.out(), chunks.labels + first);
        for (std::size_t i = 0; gradient.defined() && i < logits.size(); ++i)
            withRange(chunks.head, chunks.ranges[i], [&](const AdaptedProjection& head) {
                (void)pullRows(head, logits[i], gradient.narrow(0, first, count), i > 0);
            });
    }
    return sum;
}

class FrozenHeadLoss : public Function<FrozenHeadLoss> {
public:
    static at::Tensor forward(AutogradContext* context, const at::Tensor& rows, const at::Tensor& labels,
                              const AdaptedProjection& head) {
        const bool isSmall = head.matrix->isSmall();
        Chunks chunks{head, labels.const_data_ptr<std::int64_t>(), {{0, head.out()}}, 1};
        if (!isSmall)
            chunks.ranges = unpackedTogether(head.matrix->weight());
        const std::int64_t most = isSmall                     ? kCachedLogits
                                  : chunks.ranges.size() == 1 ? kLogits
                                                              : kLogitsOfTable;
        chunks.rows = std::max<std::int64_t>(1, most / head.out());
        if (!isSmall)
            chunks.rows = evenRows(rows.size(0), chunks.rows);
        const at::Tensor gradient = rows.requires_grad() ? at::empty_like(rows) : at::Tensor();
        double sum = 0;
        AT_DISPATCH_FLOATING_TYPES(rows.scalar_type(), "frozen_head_loss",
                                   [&] { sum = lossOfRows<scalar_t>(chunks, rows, gradient); });
        context->save_for_backward({gradient});
        return at::full({}, sum, rows.options());
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const at::Tensor saved = context->get_saved_variables().front();
        return {saved.defined() ? saved * gradients.front() : saved, at::Tensor(), at::Tensor()};
    }
};

} // namespace

at::Tensor frozenHeadLoss(const at::Tensor& rows, std::shared_ptr<const FrozenMatrix> head,
                          const at::Tensor& bias, const at::Tensor& labels) {
    LATHE_EXPECT(labels.numel() == rows.size(0));
    return FrozenHeadLoss::apply(rows, labels.contiguous(), AdaptedProjection{std::move(head), bias, {}});
}

} // namespace lathe
