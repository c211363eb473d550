#include "core/train/head_loss.h"

#include "core/kernels/frozen_head_loss.h"
#include "core/model/transformer.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <algorithm>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

namespace lathe {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

at::Tensor lossOf(LanguageModel& model, const at::Tensor& rows, const at::Tensor& labels) {
    const at::Tensor logits = model.logits(rows);
    const at::Tensor wide = logits.scalar_type() == at::kDouble ? logits : logits.to(at::kFloat);
    return at::cross_entropy_loss(wide, labels, {}, at::Reduction::Sum);
}

/// Neither adapters nor weights of the head would get gradients out of pieces of their own.
bool isHeadFrozen(LanguageModel& model, const at::Tensor& rows) {
    const at::AutoGradMode withGraph(true);
    return !model.logits(rows.narrow(0, 0, 1).detach()).requires_grad();
}

/// What a loss in pieces is made of, besides the rows.
struct Pieces {
    LanguageModel* model;
    at::Tensor labels;
    std::int64_t size;
    bool needsGradient;
};

class LossInPieces : public Function<LossInPieces> {
public:
    static at::Tensor forward(AutogradContext* context, const at::Tensor& rows, const Pieces& pieces) {
        std::vector<at::Tensor> gradients;
        at::Tensor sum;
        for (std::int64_t first = 0; first < rows.size(0); first += pieces.size) {
            const std::int64_t count = std::min(pieces.size, rows.size(0) - first);
            const at::Tensor part =
                rows.narrow(0, first, count).detach().requires_grad_(pieces.needsGradient);
            const at::AutoGradMode withGraph(pieces.needsGradient);
            const at::Tensor loss = lossOf(*pieces.model, part, pieces.labels.narrow(0, first, count));
            if (pieces.needsGradient)
                gradients.push_back(torch::autograd::grad({loss}, {part}).front());
            sum = sum.defined() ? sum + loss.detach() : loss.detach();
        }
        if (pieces.needsGradient)
            context->save_for_backward({at::cat(gradients)});
        return sum;
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const at::Tensor saved = context->get_saved_variables().front();
        return {saved * gradients.front().to(saved.scalar_type()), at::Tensor()};
    }
};

} // namespace

at::Tensor headLoss(LanguageModel& model, const at::Tensor& rows, const at::Tensor& labels,
                    std::int64_t logitsAtOnce) {
    if (const auto* transformer = dynamic_cast<const TransformerModel*>(&model)) {
        if (const auto head = transformer->plainHead(rows))
            return frozenHeadLoss(rows.contiguous(), head->matrix, head->bias, labels);
    }
    const std::int64_t outputs = std::max<std::int64_t>(1, model.summary().outputs);
    const std::int64_t size = std::max<std::int64_t>(1, logitsAtOnce / outputs);
    if (rows.size(0) <= size || !isHeadFrozen(model, rows))
        return lossOf(model, rows, labels);
    const bool needsGradient = at::GradMode::is_enabled() && rows.requires_grad();
    return LossInPieces::apply(rows, Pieces{&model, labels, size, needsGradient});
}

} // namespace lathe
