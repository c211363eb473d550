#include "core/kernels/packed_weight.h"

#include <ATen/ops/addmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>
#include <optional>
#include <torch/csrc/autograd/custom_function.h>

namespace lathe {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// at::linear(), with some rows of W at a time.
at::Tensor inRanges(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias,
                    const std::vector<RowRange>& ranges) {
    const at::Tensor rows = x.reshape({-1, x.size(-1)}); // [n, in]
    at::Tensor y = at::empty({rows.size(0), weight.size(0)}, x.options());
    for (const RowRange& range : ranges) {
        const DenseWeight dense(weight, range);
        at::Tensor part = y.narrow(1, range.first, range.count);
        if (bias)
            at::addmm_out(part, bias->narrow(0, range.first, range.count), rows, dense.tensor().t());
        else
            at::mm_out(part, rows, dense.tensor().t());
    }
    std::vector<std::int64_t> shape = x.sizes().vec();
    shape.back() = weight.size(0);
    return y.view(shape);
}

/// g W, likewise; the sum over the ranges is one of fp32. g: [n, out].
at::Tensor pulledInRanges(const at::Tensor& g, const at::Tensor& weight,
                          const std::vector<RowRange>& ranges) {
    at::Tensor sum = at::zeros({g.size(0), weight.size(1)}, g.options().dtype(at::kFloat));
    for (const RowRange& range : ranges) {
        const DenseWeight dense(weight, range);
        const at::Tensor part = g.narrow(1, range.first, range.count);
        if (g.scalar_type() == at::kFloat)
            sum.addmm_(part, dense.tensor());
        else
            sum.add_(at::mm(part, dense.tensor()));
    }
    return sum.to(g.scalar_type());
}

class FrozenLinear : public torch::autograd::Function<FrozenLinear> {
public:
    static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                              const std::optional<at::Tensor>& bias) {
        context->save_for_backward({weight});
        context->saved_data["needsX"] = x.requires_grad();
        context->saved_data["needsBias"] = bias && bias->requires_grad();
        const std::vector<RowRange> ranges = unpackedTogether(weight);
        if (ranges.size() != 1)
            return inRanges(x, weight, bias, ranges);
        const DenseWeight dense(weight);
        return at::linear(x, dense.tensor(), bias);
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const at::Tensor weight = context->get_saved_variables().front();
        const at::Tensor rows = gradients[0].reshape({-1, weight.size(0)}); // [n, out]
        at::Tensor dx, dbias;
        if (context->saved_data["needsX"].toBool()) {
            std::vector<std::int64_t> shape = gradients[0].sizes().vec();
            shape.back() = weight.size(1);
            const std::vector<RowRange> ranges = unpackedTogether(weight);
            dx = ranges.size() == 1 ? at::mm(rows, DenseWeight(weight).tensor())
                                    : pulledInRanges(rows, weight, ranges);
            dx = dx.view(shape);
        }
        if (context->saved_data["needsBias"].toBool())
            dbias = rows.sum(0);
        return {dx, at::Tensor(), dbias};
    }
};

} // namespace

at::Tensor frozenLinear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
    if (packedIn(weight) == nullptr)
        return at::linear(x, weight, bias);
    return FrozenLinear::apply(x, weight, bias.defined() ? std::optional(bias) : std::nullopt);
}

} // namespace lathe
