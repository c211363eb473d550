#include "core/kernels/lora_linear.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/mm.h>
#include <optional>
#include <torch/csrc/autograd/custom_function.h>

namespace lathe {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

/// Nodes take no undefined tensors.
std::optional<at::Tensor> maybe(const at::Tensor& x) {
    return x.defined() ? std::optional<at::Tensor>(x) : std::nullopt;
}

at::Tensor masked(const at::Tensor& x, const at::Tensor& mask) { return mask.defined() ? x * mask : x; }

class LoraLinear : public Function<LoraLinear> {
public:
    static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                              const std::optional<at::Tensor>& bias, const at::Tensor& a, const at::Tensor& b,
                              double scale, const std::optional<at::Tensor>& mask) {
        const at::Tensor rows = x.reshape({-1, x.size(-1)}); // [n, in]
        const at::Tensor rowMask = mask ? mask->reshape(rows.sizes()) : at::Tensor();
        const at::Tensor u = at::mm(masked(rows, rowMask), a.t()); // [n, R]
        at::Tensor y = bias ? at::addmm(*bias, rows, weight.t()) : at::mm(rows, weight.t());
        y.addmm_(u, b.t(), 1, scale);
        context->save_for_backward({rows, weight, a, b, u, rowMask});
        context->saved_data["scale"] = scale;
        context->saved_data["hasBias"] = bias.has_value();
        std::vector<std::int64_t> shape = x.sizes().vec();
        shape.back() = weight.size(0);
        return y.view(shape);
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const auto saved = context->get_saved_variables();
        const at::Tensor &rows = saved[0], &weight = saved[1], &a = saved[2], &b = saved[3], &u = saved[4],
                         &mask = saved[5];
        const double scale = context->saved_data["scale"].toDouble();
        const at::Tensor g = gradients[0].reshape({-1, weight.size(0)}); // [n, out]
        const at::Tensor gu = at::mm(g, b).mul_(scale);                  // [n, R]
        const at::Tensor db = at::mm(g.t(), u).mul_(scale);
        const at::Tensor da = at::mm(gu.t(), masked(rows, mask));
        at::Tensor dx;
        if (context->needs_input_grad(0)) {
            dx = at::mm(g, weight);
            if (mask.defined())
                dx.add_(at::mm(gu, a).mul_(mask));
            else
                dx.addmm_(gu, a);
            std::vector<std::int64_t> shape = gradients[0].sizes().vec();
            shape.back() = weight.size(1);
            dx = dx.view(shape);
        }
        at::Tensor dbias;
        if (context->saved_data["hasBias"].toBool() &&
            context->needs_input_grad(2)) // inputs are counted by tensors
            dbias = g.sum(0);
        return {dx, at::Tensor(), dbias, da, db, at::Tensor(), at::Tensor()};
    }
};

} // namespace

at::Tensor loraLinear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                      const at::Tensor& a, const at::Tensor& b, double scale, const at::Tensor& mask) {
    return LoraLinear::apply(x, weight, maybe(bias), a, b, scale, maybe(mask));
}

} // namespace lathe
