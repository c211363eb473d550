#include "core/kernels/frozen_head_loss.h"

#include "core/base/contract.h"
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
#include <torch/csrc/autograd/custom_function.h>

namespace lathe {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

/// Logits of a chunk: of small heads as many as stay in the processor's cache, of others as many as a product
/// needs to be worth its while.
constexpr std::int64_t kCachedLogits = 1 << 15;
constexpr std::int64_t kLogits = 1 << 22;

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

/// The loss of one row of logits, which becomes its gradient.
LATHE_WIDE double lossOfRow(float* z, std::int64_t count, std::int64_t label) {
    const float most = largest(z, count);
    const double picked = static_cast<double>(z[label]) - most;
    const float sum = exponentials(z, count, most);
    const float factor = 1 / sum;
    for (std::int64_t i = 0; i < count; ++i)
        z[i] *= factor;
    z[label] -= 1;
    return std::log(static_cast<double>(sum)) - picked;
}

double lossOfRow(double* z, std::int64_t count, std::int64_t label) {
    const double most = *std::max_element(z, z + count);
    const double picked = z[label] - most;
    double sum = 0;
    for (std::int64_t i = 0; i < count; ++i) {
        z[i] = std::exp(z[i] - most);
        sum += z[i];
    }
    for (std::int64_t i = 0; i < count; ++i)
        z[i] /= sum;
    z[label] -= 1;
    return std::log(sum) - picked;
}

/// Rows of logits to their gradients; returns the sum of the losses.
template <typename S>
double lossOfChunk(const at::Tensor& logits, const std::int64_t* labels) {
    const std::int64_t width = logits.size(1);
    auto* z = logits.data_ptr<S>();
    std::vector<double> losses(static_cast<std::size_t>(logits.size(0)));
    at::parallel_for(0, logits.size(0), std::max<std::int64_t>(1, kCachedLogits / width),
                     [&](std::int64_t begin, std::int64_t end) {
                         for (std::int64_t row = begin; row < end; ++row)
                             losses[static_cast<std::size_t>(row)] =
                                 lossOfRow(z + row * width, width, labels[row]);
                     });
    double sum = 0; // in their order, whatever the threads
    for (const double loss : losses)
        sum += loss;
    return sum;
}

struct Chunks {
    AdaptedProjection head;
    const std::int64_t* labels;
    std::int64_t rows; ///< of a chunk
};

template <typename S>
double lossOfRows(const Chunks& chunks, const at::Tensor& rows, const at::Tensor& gradient) {
    double sum = 0;
    for (std::int64_t first = 0; first < rows.size(0); first += chunks.rows) {
        const std::int64_t count = std::min(chunks.rows, rows.size(0) - first);
        const at::Tensor logits = at::empty({count, chunks.head.out()}, rows.options());
        (void)applyProjection(chunks.head, rows.narrow(0, first, count), logits, false);
        sum += lossOfChunk<S>(logits, chunks.labels + first);
        if (gradient.defined())
            (void)pullRows(chunks.head, logits, gradient.narrow(0, first, count), false);
    }
    return sum;
}

class FrozenHeadLoss : public Function<FrozenHeadLoss> {
public:
    static at::Tensor forward(AutogradContext* context, const at::Tensor& rows, const at::Tensor& labels,
                              const AdaptedProjection& head) {
        const std::int64_t most = head.matrix->isSmall() ? kCachedLogits : kLogits;
        const Chunks chunks{head, labels.const_data_ptr<std::int64_t>(),
                            std::max<std::int64_t>(1, most / head.out())};
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
