#include "core/model/recompute.h"

#include "core/model/transformer.h"

#include <ATen/core/grad_mode.h>
#include <ATen/core/ivalue.h>
#include <ATen/ops/empty.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

namespace lathe {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;
using MaybeTensor = std::optional<at::Tensor>;

/// What the node keeps besides tensors.
struct Kept : torch::CustomClassHolder {
    Kept(RecomputedPart given, at::Tensor result) : part(std::move(given)), y(std::move(result)) {}

    RecomputedPart part;
    at::Tensor y; // on its way out of forward()
};
using KeptPointer = c10::intrusive_ptr<Kept>;

MaybeTensor maybe(const at::Tensor& x) { return x.defined() ? MaybeTensor(x) : std::nullopt; }

bool needsGradient(const MaybeTensor& x) { return x && x->requires_grad(); }

class RecomputedNode : public Function<RecomputedNode> {
public:
    /// anchor: requires a gradient, so that there is a node where trained leaves inside of the part alone do.
    static at::Tensor forward(AutogradContext* context, const at::Tensor& /*anchor*/, const at::Tensor& x,
                              const MaybeTensor& keys, const MaybeTensor& values, const KeptPointer& kept) {
        context->save_for_backward({x, keys.value_or(at::Tensor()), values.value_or(at::Tensor())});
        context->saved_data["needsX"] = x.requires_grad();
        context->saved_data["needsPrefix"] = needsGradient(keys) || needsGradient(values);
        context->saved_data["kept"] =
            c10::IValue::make_capsule(c10::intrusive_ptr<torch::CustomClassHolder>(kept));
        return std::exchange(kept->y, {});
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const auto saved = context->get_saved_variables();
        const bool needsX = context->saved_data["needsX"].toBool();
        const bool needsPrefix = context->saved_data["needsPrefix"].toBool();
        const auto kept = c10::static_intrusive_pointer_cast<Kept>(context->saved_data["kept"].toCapsule());
        const auto leaf = [](const at::Tensor& x, bool needs) {
            return x.defined() ? x.detach().requires_grad_(needs) : x;
        };
        const RecomputeInputs inputs{leaf(saved[0], needsX), leaf(saved[1], needsPrefix),
                                     leaf(saved[2], needsPrefix)};
        const at::AutoGradMode withGraph(true);
        torch::autograd::backward({kept->part(inputs)}, {gradients[0]});
        const auto gradientOf = [](const at::Tensor& x, bool needs) {
            return x.defined() && needs ? x.grad() : at::Tensor();
        };
        const at::Tensor none;
        return {none, gradientOf(inputs.x, needsX), gradientOf(inputs.keys, needsPrefix),
                gradientOf(inputs.values, needsPrefix), none};
    }
};

} // namespace

at::Tensor recomputed(const RecomputedPart& part, const RecomputeInputs& inputs) {
    // With its graph, which tells whether there is one and goes at the end: it is that of a single part.
    const at::Tensor y = part(inputs);
    if (!y.requires_grad())
        return y;
    const at::Tensor anchor = at::empty({0}, y.options().requires_grad(std::nullopt)).requires_grad_(true);
    return RecomputedNode::apply(anchor, inputs.x, maybe(inputs.keys), maybe(inputs.values),
                                 c10::make_intrusive<Kept>(part, y.detach()));
}

RecomputeScope::RecomputeScope(LanguageModel& model, bool isOn)
    : m_model(isOn ? dynamic_cast<TransformerModel*>(&model) : nullptr) {
    if (m_model != nullptr)
        m_model->setRecomputed(true);
}

RecomputeScope::~RecomputeScope() {
    if (m_model != nullptr)
        m_model->setRecomputed(false);
}

} // namespace lathe
