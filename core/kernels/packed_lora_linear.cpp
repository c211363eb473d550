#include "core/kernels/packed_lora_linear.h"

#include "core/base/contract.h"
#include "core/kernels/packed_weight.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/mm.h>
#include <optional>
#include <torch/csrc/autograd/custom_function.h>
#include <vector>

namespace lathe {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

/// What of a slot is no tensor, and where its tensors lie among those that are saved.
struct SlotPlan {
    std::int64_t begin = 0;
    std::int64_t rows = 0;
    double scale = 1;
};

constexpr std::size_t kShared = 2;  // saved before the slots' tensors: rows, weight
constexpr std::size_t kPerSlot = 4; // a, b, u, mask

at::Tensor masked(const at::Tensor& x, const at::Tensor& mask) { return mask.defined() ? x * mask : x; }

/// sum += scale · x y, added in the wider dtype and rounded once.
void addProduct(at::Tensor sum, const at::Tensor& x, const at::Tensor& y, double scale) {
    if (sum.scalar_type() == x.scalar_type())
        sum.addmm_(x, y, 1, scale);
    else
        sum.add_(at::mm(x, y), scale);
}

/// scale · x y as one operator, `like` of its shape and dtype.
at::Tensor product(const at::Tensor& like, const at::Tensor& x, const at::Tensor& y, double scale) {
    return at::addmm(like, x, y, 0, scale); // with 0, what `like` holds is not read
}

at::Tensor lastReplaced(const at::Tensor& flat, const at::Tensor& like) {
    std::vector<std::int64_t> shape = like.sizes().vec();
    shape.back() = flat.size(1);
    return flat.view(shape);
}

/// A slot's own products of the backward pass; dx: its rows of the input's gradient, to be added to, or
/// undefined.
struct SlotBackward {
    at::Tensor a, b, u, mask; // as saved
    double scale = 1;

    std::pair<at::Tensor, at::Tensor> run(const at::Tensor& rows, const at::Tensor& narrow,
                                          at::Tensor dx) const {
        const at::Tensor g = narrow.to(a.scalar_type());
        const at::Tensor gu = at::mm(g, b); // [n, R], without the scale
        const at::Tensor db = product(b, g.t(), u, scale);
        at::Tensor da;
        if (a.requires_grad())
            da = product(a, gu.t(), masked(rows.to(a.scalar_type()), mask), scale);
        if (dx.defined() && mask.defined())
            dx.add_(at::mm(gu, a).mul_(mask), scale);
        else if (dx.defined())
            addProduct(dx, gu, a, scale);
        return {da, db};
    }
};

/// rows Wᵀ + b, for all slots together.
at::Tensor baseProduct(const at::Tensor& rows, const at::Tensor& weight,
                       const std::optional<at::Tensor>& bias) {
    const DenseWeight dense(weight);
    const at::Tensor turned = dense.tensor().t();
    return bias ? at::addmm(*bias, rows, turned) : at::mm(rows, turned);
}

class PackedLoraLinear : public Function<PackedLoraLinear> {
public:
    /// `factors`: A and B of the slots that take part, in turn; `masks`: theirs, undefined ones included.
    static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                              const std::optional<at::Tensor>& bias, const at::TensorList& factors,
                              const std::vector<SlotPlan>& plans, const std::vector<at::Tensor>& masks) {
        const at::Tensor rows = x.reshape({-1, x.size(-1)}); // [n, in]
        const at::Tensor y = baseProduct(rows, weight, bias);
        variable_list saved{rows, weight};
        for (std::size_t i = 0; i < plans.size(); ++i) {
            const auto& [begin, count, scale] = plans[i];
            const at::Tensor& a = factors[2 * i];
            const at::Tensor& b = factors[2 * i + 1];
            const at::Tensor own = rows.narrow(0, begin, count).to(a.scalar_type());
            const at::Tensor u = at::mm(masked(own, masks[i]), a.t()); // [n, R]
            addProduct(y.narrow(0, begin, count), u, b.t(), scale);
            saved.insert(saved.end(), {a, b, u, masks[i]});
        }
        context->save_for_backward(std::move(saved));
        std::vector<std::int64_t> begins, counts;
        std::vector<double> scales;
        for (const SlotPlan& plan : plans) {
            begins.push_back(plan.begin);
            counts.push_back(plan.rows);
            scales.push_back(plan.scale);
        }
        context->saved_data["begins"] = begins;
        context->saved_data["counts"] = counts;
        context->saved_data["scales"] = scales;
        context->saved_data["needsX"] = x.requires_grad();
        return lastReplaced(y, x);
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const auto saved = context->get_saved_variables();
        const at::Tensor &rows = saved[0], &weight = saved[1];
        const auto begins = context->saved_data["begins"].toIntVector();
        const auto counts = context->saved_data["counts"].toIntVector();
        const auto scales = context->saved_data["scales"].toDoubleVector();
        const at::Tensor narrow = gradients[0].reshape({-1, weight.size(0)}); // [n, out]
        const bool needsX = context->saved_data["needsX"].toBool();
        const at::Tensor dx = needsX ? at::mm(narrow, DenseWeight(weight).tensor()) : at::Tensor();
        variable_list results{at::Tensor(), at::Tensor(), at::Tensor()};
        for (std::size_t i = 0; i < begins.size(); ++i) {
            const auto part = [&](const at::Tensor& whole) { return whole.narrow(0, begins[i], counts[i]); };
            const std::size_t at = kShared + kPerSlot * i;
            const SlotBackward slot{saved[at], saved[at + 1], saved[at + 2], saved[at + 3], scales[i]};
            const auto [da, db] = slot.run(part(rows), part(narrow), needsX ? part(dx) : at::Tensor());
            results.insert(results.end(), {da, db});
        }
        if (needsX)
            results.front() = lastReplaced(dx, gradients[0]);
        results.insert(results.end(), {at::Tensor(), at::Tensor()}); // plans and masks
        return results;
    }
};

} // namespace

at::Tensor packedLoraLinear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                            std::span<const PackedSlot> parts) {
    std::vector<at::Tensor> factors, masks;
    std::vector<SlotPlan> plans;
    std::int64_t begin = 0;
    for (const PackedSlot& slot : parts) {
        if (slot.rows > 0 && slot.a.defined()) {
            factors.insert(factors.end(), {slot.a, slot.b});
            masks.push_back(slot.mask.defined() ? slot.mask.reshape({slot.rows, x.size(-1)}) : slot.mask);
            plans.push_back({begin, slot.rows, slot.scale});
        }
        begin += slot.rows;
    }
    LATHE_EXPECT(begin * x.size(-1) == x.numel());
    const std::optional<at::Tensor> maybeBias = bias.defined() ? std::optional(bias) : std::nullopt;
    const at::TensorList list(factors);
    return PackedLoraLinear::apply(x, weight, maybeBias, list, plans, masks);
}

} // namespace lathe
