#include "core/kernels/vera_change.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/mm.h>
#include <optional>
#include <torch/csrc/autograd/custom_function.h>

namespace lathe {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

class VeraChange : public Function<VeraChange> {
public:
    static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& a,
                              const at::Tensor& b, const at::Tensor& lambdaD, const at::Tensor& lambdaB,
                              double scale, const std::optional<at::Tensor>& mask) {
        const at::Tensor rows = (mask ? x * *mask : x).reshape({-1, x.size(-1)}); // [n, in]
        const at::Tensor u = at::mm(rows, a.t());                                 // [n, R]
        context->save_for_backward({u, a, b, lambdaD, lambdaB, mask.value_or(at::Tensor())});
        context->saved_data["scale"] = scale;
        std::vector<std::int64_t> shape = x.sizes().vec();
        shape.back() = b.size(0);
        return at::mm(u * lambdaD, scaledRows(b, lambdaB, scale).t()).view(shape);
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const auto saved = context->get_saved_variables();
        const at::Tensor &u = saved[0], &a = saved[1], &b = saved[2], &lambdaD = saved[3],
                         &lambdaB = saved[4], &mask = saved[5];
        const double scale = context->saved_data["scale"].toDouble();
        const at::Tensor g = gradients[0].reshape({-1, b.size(0)});            // [n, out]
        const at::Tensor h = at::mm(g, scaledRows(b, lambdaB, scale));         // [n, R]
        const at::Tensor dd = (h * u).sum(0);                                  // [R]
        const at::Tensor db = (at::mm(g.t(), u * lambdaD) * b).sum(1) * scale; // [out]
        at::Tensor dx;
        if (context->needs_input_grad(0)) {
            std::vector<std::int64_t> shape = gradients[0].sizes().vec();
            shape.back() = a.size(1);
            dx = at::mm(h * lambdaD, a).view(shape);
            if (mask.defined())
                dx.mul_(mask);
        }
        return {dx, at::Tensor(), at::Tensor(), dd, db, at::Tensor(), at::Tensor()};
    }

private:
    static at::Tensor scaledRows(const at::Tensor& b, const at::Tensor& lambdaB, double scale) {
        return b * (lambdaB * scale).unsqueeze(1);
    }
};

} // namespace

at::Tensor veraChange(const at::Tensor& x, const at::Tensor& a, const at::Tensor& b,
                      const at::Tensor& lambdaD, const at::Tensor& lambdaB, double scale,
                      const at::Tensor& mask) {
    return VeraChange::apply(x, a, b, lambdaD, lambdaB, scale,
                             mask.defined() ? std::optional<at::Tensor>(mask) : std::nullopt);
}

} // namespace lathe
