#include "core/kernels/block_nodes.h"

#include "core/kernels/fused_ops.h"
#include "core/kernels/gelu_rows.h"
#include "core/kernels/gradient_sink.h"
#include "core/kernels/row_activation.h"
#include "core/kernels/work_scope.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/threshold_backward.h>
#include <ATen/ops/zeros_like.h>
#include <algorithm>
#include <optional>
#include <span>
#include <torch/csrc/autograd/custom_function.h>

namespace lathe {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

/// What of a node is neither activation nor trained: kept for the backward pass as it is. sink: where the
/// gradients of its factors go; null: into the graph.
template <typename Parts>
struct Kept : torch::CustomClassHolder {
    Kept(std::shared_ptr<const Parts> given, GradientSink* into) : parts(std::move(given)), sink(into) {}
    std::shared_ptr<const Parts> parts;
    GradientSink* sink;
};

template <typename Parts>
void keep(AutogradContext* context, const std::shared_ptr<const Parts>& parts, GradientSink* sink) {
    context->saved_data["parts"] = c10::IValue::make_capsule(c10::make_intrusive<Kept<Parts>>(parts, sink));
}

template <typename Parts>
const Kept<Parts>& kept(AutogradContext* context) {
    return dynamic_cast<Kept<Parts>&>(*context->saved_data["parts"].toCapsule());
}

bool hasPaths(const AdaptedProjection& projection) {
    return std::ranges::any_of(projection.slots, &LowRankSlot::hasPath);
}

/// The factors of projections, slot by slot, A before B.
void addFactors(const AdaptedProjection& projection, std::vector<at::Tensor>& factors) {
    for (const LowRankSlot& slot : projection.slots)
        if (slot.hasPath())
            factors.insert(factors.end(), {slot.a, slot.b});
}

/// What the graph is told that a node reads besides activations, and where its factors' gradients go.
struct Listed {
    std::vector<at::Tensor> tensors;
    GradientSink* sink = nullptr;
};

Listed listed(std::vector<at::Tensor> factors) {
    GradientSink* sink = SinkScope::sink();
    if (sink == nullptr || !sink->take(factors))
        return {std::move(factors)};
    const bool needsAnchor = std::ranges::any_of(factors, &at::Tensor::requires_grad);
    return {needsAnchor ? std::vector{sink->anchor()} : std::vector<at::Tensor>(), sink};
}

/// A node's gradients of its factors, in the order of addFactors(): into the sink, or into what the backward
/// pass returns.
void addGradients(const AdaptedProjection& projection, const std::vector<LowRankGradients>& gradients,
                  GradientSink* sink, variable_list& to) {
    for (std::size_t i = 0; i < gradients.size(); ++i) {
        const LowRankSlot& slot = projection.slots[i];
        if (!slot.hasPath())
            continue;
        if (sink == nullptr) {
            to.insert(to.end(), {gradients[i].a, gradients[i].b});
            continue;
        }
        if (slot.a.requires_grad())
            sink->add(slot.a, gradients[i].a);
        if (slot.b.requires_grad())
            sink->add(slot.b, gradients[i].b);
    }
}

/// The results of a backward pass with undefined ones behind: for what forward() got that is no activation,
/// and for the anchor where the node had it. `others`: arguments behind the list.
variable_list padded(AutogradContext* context, variable_list results, std::size_t others) {
    results.resize(results.size() + others + (context->saved_data["hasAnchor"].toBool() ? 1 : 0));
    return results;
}

/// Takes from the saved tensors as many as a projection has slots.
std::span<const at::Tensor> lowOf(const AdaptedProjection& projection, const variable_list& saved,
                                  std::size_t& next) {
    const std::size_t count = projection.slots.size();
    const std::span<const at::Tensor> low(saved.data() + next, count);
    next += count;
    return low;
}

at::Tensor newRows(const at::Tensor& like, std::int64_t width) {
    return at::empty({like.size(0), width}, like.options());
}

/// [n, H d] as [B, H, T, d], a view.
at::Tensor byHeads(const at::Tensor& rows, const HeadTurn& turn, std::size_t which) {
    const std::int64_t heads = turn.heads[which];
    return rows.view({rows.size(0) / turn.time, turn.time, heads, rows.size(1) / heads}).transpose(1, 2);
}

constexpr std::string_view kTurnScope = "lathe::rotate";

bool turns(const HeadTurn& turn, std::size_t which) { return turn.cos.defined() && turn.heads[which] > 0; }

/// The gradient of a projection's result before it was turned.
at::Tensor turnedBack(const at::Tensor& g, const HeadTurn& turn, std::size_t which) {
    const at::Tensor rows = g.contiguous();
    if (!turns(turn, which))
        return rows;
    const WorkScope scope(kTurnScope);
    at::Tensor back = at::empty_like(rows);
    at::Tensor to = byHeads(back, turn, which);
    rotateHalvesInto(byHeads(rows, turn, which), turn.cos, turn.sin, -1, to);
    return back;
}

class AttentionInputsNode : public Function<AttentionInputsNode> {
public:
    static variable_list forward(AutogradContext* context, const at::Tensor& x, const at::TensorList& list,
                                 const std::shared_ptr<const AttentionInputs>& parts, GradientSink* sink) {
        const NormedRows normed = normRows(parts->norm, x);
        const SharedRows shared(normed.rows);
        variable_list saved{x, normed.rows, normed.stats};
        variable_list results;
        for (std::size_t i = 0; i < parts->projections.size(); ++i) {
            const AdaptedProjection& projection = parts->projections[i];
            const auto some = someRows(*parts, i, normed.rows);
            const SharedRows& rows = some ? *some : shared;
            results.push_back(newRows(rows.tensor(), projection.out()));
            for (at::Tensor& low : applyProjection(projection, rows, results.back(), false))
                saved.push_back(std::move(low));
            if (turns(parts->turn, i)) {
                const WorkScope scope(kTurnScope);
                at::Tensor heads = byHeads(results.back(), parts->turn, i);
                rotateHalvesInto(heads, parts->turn.cos, parts->turn.sin, 1, heads);
            }
        }
        context->save_for_backward(std::move(saved));
        context->saved_data["needsX"] = x.requires_grad();
        context->saved_data["hasAnchor"] = sink != nullptr && !list.empty();
        keep(context, parts, sink);
        return results;
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const auto saved = context->get_saved_variables();
        const at::Tensor &x = saved[0], &normed = saved[1], &stats = saved[2];
        const auto& own = kept<AttentionInputs>(context);
        const AttentionInputs& parts = *own.parts;
        const bool needsX = context->saved_data["needsX"].toBool();
        const SharedRows shared(normed);
        at::Tensor pulled;
        variable_list results{at::Tensor()};
        std::size_t next = 3;
        for (std::size_t i = 0; i < parts.projections.size(); ++i) {
            const AdaptedProjection& projection = parts.projections[i];
            const SharedRows g(turnedBack(gradients[i], parts.turn, i));
            const bool isOfSome = isNarrow(parts, i);
            const bool isAdded = pulled.defined() && !isOfSome;
            const at::Tensor dx = !needsX ? at::Tensor() : isAdded ? pulled : newRows(g.tensor(), x.size(1));
            const auto each = pullRows(projection, g, dx, isAdded);
            if (needsX && !isAdded)
                pulled = isOfSome ? at::zeros_like(x).index_copy_(0, parts.queryPlaces, dx) : dx;
            const auto some = someRows(parts, i, normed);
            addGradients(
                projection,
                factorGradients(projection, g, some ? *some : shared, lowOf(projection, saved, next), each),
                own.sink, results);
        }
        if (needsX && parts.norm.kind == RowNorm::Kind::None) {
            results.front() = pulled;
        } else if (needsX) {
            results.front() = at::zeros_like(x);
            addNormGradient(parts.norm, pulled, x, stats, results.front());
        }
        return padded(context, std::move(results), 2);
    }

private:
    static bool isNarrow(const AttentionInputs& parts, std::size_t which) {
        return which == 0 && parts.queryPlaces.defined();
    }
    /// Of the normed rows, where a projection reads only those of the queries.
    static std::optional<SharedRows> someRows(const AttentionInputs& parts, std::size_t which,
                                              const at::Tensor& rows) {
        if (!isNarrow(parts, which))
            return std::nullopt;
        return SharedRows(rows.index_select(0, parts.queryPlaces));
    }
};

bool isGelu(BlockActivation activation) {
    return activation == BlockActivation::Gelu || activation == BlockActivation::GeluTanh;
}

Gelu geluOf(BlockActivation activation) {
    return activation == BlockActivation::Gelu ? Gelu::Exact : Gelu::Tanh;
}

at::Tensor activated(BlockActivation activation, std::span<const at::Tensor> inputs) {
    if (activation == BlockActivation::Swiglu)
        return swigluRows(inputs[0], inputs[1]);
    return isGelu(activation) ? geluRows(inputs[0], geluOf(activation)) : at::relu(inputs[0]);
}

/// The gradients of the activation's inputs; `value` becomes what it gave. g may be overwritten.
variable_list activationGradients(BlockActivation activation, const at::Tensor& g,
                                  std::span<const at::Tensor> inputs, at::Tensor& value) {
    if (activation == BlockActivation::Swiglu) {
        SwigluGradient gradient = swigluGradient(g, inputs[0], inputs[1]);
        value = gradient.value;
        return {gradient.gate, gradient.up};
    }
    if (isGelu(activation)) {
        value = pullThroughGelu(g, inputs[0], geluOf(activation));
        return {g};
    }
    value = at::relu(inputs[0]);
    return {at::threshold_backward(g, inputs[0], 0)};
}

class BlockTailNode : public Function<BlockTailNode> {
public:
    /// Saved: mixed; sum and normed rows of n₁; stats of n₁; sum and stats of n₂; inputs of the activation,
    /// or its slope; then the paths' low rows.
    static constexpr std::size_t kFixed = 6;

    static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& mixed,
                              const at::TensorList& list, const std::shared_ptr<const BlockTail>& parts,
                              bool isTraining, GradientSink* sink) {
        variable_list low;
        const auto apply = [&low](const AdaptedProjection& projection, const SharedRows& rows,
                                  const at::Tensor& to, bool isAdded) {
            for (at::Tensor& each : applyProjection(projection, rows, to, isAdded))
                low.push_back(std::move(each));
        };
        const at::Tensor sum = x.clone();
        apply(parts->output, mixed, sum, true);
        const NormedRows middle = normRows(parts->first, sum);
        const SharedRows shared(middle.rows);
        variable_list inputs;
        for (const AdaptedProjection& projection : parts->inputs) {
            inputs.push_back(newRows(x, projection.out()));
            apply(projection, shared, inputs.back(), false);
        }
        const at::Tensor end = (parts->isPostNorm ? middle.rows : sum).clone();
        if (isTraining && keepsSlope(*parts)) {
            const GeluWithSlope both = geluWithSlope(inputs[0], geluOf(parts->activation));
            inputs[0] = both.slope;
            apply(parts->down, both.value, end, true);
        } else {
            apply(parts->down, activated(parts->activation, inputs), end, true);
        }
        const NormedRows result = parts->isPostNorm ? normRows(parts->second, end) : NormedRows{end, {}};

        variable_list saved{
            mixed, sum, middle.rows, middle.stats, parts->isPostNorm ? end : at::Tensor(), result.stats};
        saved.insert(saved.end(), inputs.begin(), inputs.end());
        saved.insert(saved.end(), low.begin(), low.end());
        context->save_for_backward(std::move(saved));
        context->saved_data["needsMixed"] = mixed.requires_grad();
        context->saved_data["hasAnchor"] = sink != nullptr && !list.empty();
        keep(context, parts, sink);
        return result.rows;
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const auto saved = context->get_saved_variables();
        const auto& own = kept<BlockTail>(context);
        const BlockTail& parts = *own.parts;
        const at::Tensor &mixed = saved[0], &sum = saved[1], &middle = saved[2], &stats = saved[3];
        const std::span<const at::Tensor> inputs(saved.data() + kFixed, parts.inputs.size());
        std::size_t next = kFixed + inputs.size();
        const auto lowOutput = lowOf(parts.output, saved, next);
        std::vector<std::span<const at::Tensor>> lowInputs;
        for (const AdaptedProjection& projection : parts.inputs)
            lowInputs.push_back(lowOf(projection, saved, next));
        const auto lowDown = lowOf(parts.down, saved, next);

        const at::Tensor given = gradients[0].contiguous();
        at::Tensor end = given; // of x₁ + m
        if (parts.isPostNorm) {
            end = at::zeros_like(given);
            addNormGradient(parts.second, given, saved[4], saved[5], end);
        }
        const at::Tensor wide = newRows(mixed, parts.down.matrix->weight().size(1)); // of the activation
        const SharedRows sharedEnd(end);
        const auto pulledDown = pullRows(parts.down, sharedEnd, wide, false);
        at::Tensor value;
        const variable_list ofInputs = keepsSlope(parts)
                                           ? variable_list{wide.mul_(inputs[0])}
                                           : activationGradients(parts.activation, wide, inputs, value);
        const auto ofDown = factorGradients(parts.down, sharedEnd, {value, false}, lowDown, pulledDown);
        variable_list factors;
        const at::Tensor pulled = throughInputs(own, ofInputs, middle, lowInputs, factors);
        addGradients(parts.down, ofDown, own.sink, factors);
        const at::Tensor dx = throughFirst(parts, end, pulled, sum, stats);
        const at::Tensor ofMixed =
            context->saved_data["needsMixed"].toBool() ? at::empty_like(mixed) : at::Tensor();
        const SharedRows sharedDx(dx);
        const auto pulledOutput = pullRows(parts.output, sharedDx, ofMixed, false);
        variable_list results{dx, ofMixed};
        addGradients(parts.output,
                     factorGradients(parts.output, sharedDx, {mixed, false}, lowOutput, pulledOutput),
                     own.sink, results);
        results.insert(results.end(), factors.begin(), factors.end());
        return padded(context, std::move(results), 3);
    }

private:
    /// Whether the activation's slope is all that the backward pass wants of it: nothing reads its value
    /// again.
    static bool keepsSlope(const BlockTail& parts) {
        return isGelu(parts.activation) && !hasPaths(parts.down);
    }

    /// The gradient of n₁'s rows, `middle`, by those of the projections behind it, whose factors' go to the
    /// sink or to `factors`.
    static at::Tensor throughInputs(const Kept<BlockTail>& own, const variable_list& gradients,
                                    const at::Tensor& middle,
                                    std::span<const std::span<const at::Tensor>> low,
                                    variable_list& factors) {
        const std::vector<AdaptedProjection>& inputs = own.parts->inputs;
        const at::Tensor pulled = at::empty_like(middle);
        const SharedRows shared(middle, inputs.size() > 1);
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            const SharedRows g(gradients[i]);
            const auto each = pullRows(inputs[i], g, pulled, i > 0);
            addGradients(inputs[i], factorGradients(inputs[i], g, shared, low[i], each), own.sink, factors);
        }
        return pulled;
    }

    /// The gradient of x + o(mixed). end: that of x₁ + m; pulled: of m's input.
    static at::Tensor throughFirst(const BlockTail& parts, const at::Tensor& end, const at::Tensor& pulled,
                                   const at::Tensor& sum, const at::Tensor& stats) {
        if (!parts.isPostNorm) {
            at::Tensor dx = end.clone();
            addNormGradient(parts.first, pulled, sum, stats, dx);
            return dx;
        }
        pulled.add_(end);
        at::Tensor dx = at::zeros_like(end);
        addNormGradient(parts.first, pulled, sum, stats, dx);
        return dx;
    }
};

} // namespace

std::vector<at::Tensor> attentionInputs(const at::Tensor& x, std::shared_ptr<const AttentionInputs> parts) {
    std::vector<at::Tensor> factors;
    for (const AdaptedProjection& projection : parts->projections)
        addFactors(projection, factors);
    const Listed list = listed(std::move(factors));
    return AttentionInputsNode::apply(x, at::TensorList(list.tensors), parts, list.sink);
}

BlockTail atPlaces(BlockTail tail, const at::Tensor& places) {
    tail.output = atPlaces(std::move(tail.output), places);
    for (AdaptedProjection& projection : tail.inputs)
        projection = atPlaces(std::move(projection), places);
    tail.down = atPlaces(std::move(tail.down), places);
    return tail;
}

at::Tensor blockTail(const at::Tensor& x, const at::Tensor& mixed, std::shared_ptr<const BlockTail> parts) {
    std::vector<at::Tensor> factors;
    addFactors(parts->output, factors);
    for (const AdaptedProjection& projection : parts->inputs)
        addFactors(projection, factors);
    addFactors(parts->down, factors);
    const Listed list = listed(std::move(factors));
    return BlockTailNode::apply(x, mixed, at::TensorList(list.tensors), parts, at::GradMode::is_enabled(),
                                list.sink);
}

} // namespace lathe
