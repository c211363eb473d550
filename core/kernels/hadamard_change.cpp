#include "core/kernels/hadamard_change.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/mm.h>
#include <torch/csrc/autograd/custom_function.h>

namespace lathe {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

class HadamardChange : public Function<HadamardChange> {
public:
    static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& a1,
                              const at::Tensor& b1, const at::Tensor& a2, const at::Tensor& b2,
                              double scale) {
        const at::Tensor rows = x.reshape({-1, x.size(-1)}); // [n, in]
        context->save_for_backward({rows, a1, b1, a2, b2});
        context->saved_data["scale"] = scale;
        std::vector<std::int64_t> shape = x.sizes().vec();
        shape.back() = a1.size(0);
        const at::Tensor weight = at::mm(a1, b1).mul_(at::mm(a2, b2)); // [out, in]
        return at::mm(rows, weight.t()).mul_(scale).view(shape);
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const auto saved = context->get_saved_variables();
        const at::Tensor &rows = saved[0], &a1 = saved[1], &b1 = saved[2], &a2 = saved[3], &b2 = saved[4];
        const at::Tensor g =
            gradients[0].reshape({-1, a1.size(0)}) * context->saved_data["scale"].toDouble(); // [n, out]
        const at::Tensor first = at::mm(a1, b1), second = at::mm(a2, b2);                     // [out, in]
        at::Tensor dx;
        if (context->needs_input_grad(0)) {
            std::vector<std::int64_t> shape = gradients[0].sizes().vec();
            shape.back() = b1.size(1);
            dx = at::mm(g, first * second).view(shape);
        }
        const at::Tensor whole = at::mm(g.t(), rows); // [out, in]
        const at::Tensor dFirst = whole * second, dSecond = whole * first;
        return {dx,
                at::mm(dFirst, b1.t()),
                at::mm(a1.t(), dFirst),
                at::mm(dSecond, b2.t()),
                at::mm(a2.t(), dSecond),
                at::Tensor()};
    }
};

} // namespace

at::Tensor hadamardChange(const at::Tensor& x, const at::Tensor& a1, const at::Tensor& b1,
                          const at::Tensor& a2, const at::Tensor& b2, double scale) {
    return HadamardChange::apply(x, a1, b1, a2, b2, scale);
}

} // namespace lathe
