#include "core/kernels/lora_linear.h"

#include "core/kernels/packed_weight.h"

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
using MaybeTensor = std::optional<at::Tensor>;

/// Nodes take no undefined tensors.
MaybeTensor maybe(const at::Tensor& x) { return x.defined() ? MaybeTensor(x) : std::nullopt; }

at::Tensor masked(const at::Tensor& x, const at::Tensor& mask) { return mask.defined() ? x * mask : x; }

/// sum += scale · x y, added in the wider dtype and rounded once.
void addProduct(at::Tensor& sum, const at::Tensor& x, const at::Tensor& y, double scale) {
    if (sum.scalar_type() == x.scalar_type())
        sum.addmm_(x, y, 1, scale);
    else
        sum.add_(at::mm(x, y), scale);
}

/// scale · x y as one operator, `like` of its shape and dtype.
at::Tensor product(const at::Tensor& like, const at::Tensor& x, const at::Tensor& y, double scale) {
    return at::addmm(like, x, y, 0, scale); // with 0, what `like` holds is not read
}

class LoraLinear : public Function<LoraLinear> {
public:
    static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                              const MaybeTensor& bias, const at::Tensor& a, const at::Tensor& b, double scale,
                              const MaybeTensor& mask, const MaybeTensor& fixedA, const MaybeTensor& fixedB) {
        const at::Tensor rows = x.reshape({-1, x.size(-1)}); // [n, in]
        const at::Tensor wide = rows.to(a.scalar_type());
        const at::Tensor rowMask = mask ? mask->reshape(rows.sizes()) : at::Tensor();
        const at::Tensor u = at::mm(masked(wide, rowMask), a.t()); // [n, R]
        at::Tensor y;
        {
            const DenseWeight dense(weight);
            const at::Tensor turned = dense.tensor().t();
            y = bias ? at::addmm(*bias, rows, turned) : at::mm(rows, turned);
        }
        if (fixedA) // the two paths nearly cancel each other: not to be rounded in between
            y.add_(at::mm(u, b.t()).addmm_(at::mm(wide, fixedA->t()), fixedB->t(), 1, -1), scale);
        else
            addProduct(y, u, b.t(), scale);
        const bool needsA = a.requires_grad();
        context->save_for_backward({needsA ? rows : at::Tensor(), weight, a, b, u, rowMask,
                                    fixedA.value_or(at::Tensor()), fixedB.value_or(at::Tensor())});
        context->saved_data["scale"] = scale;
        context->saved_data["needsX"] = x.requires_grad();
        context->saved_data["needsA"] = needsA;
        context->saved_data["needsBias"] = bias && bias->requires_grad();
        std::vector<std::int64_t> shape = x.sizes().vec();
        shape.back() = weight.size(0);
        return y.view(shape);
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const auto saved = context->get_saved_variables();
        const at::Tensor &rows = saved[0], &weight = saved[1], &a = saved[2], &b = saved[3], &u = saved[4],
                         &mask = saved[5], &fixedA = saved[6], &fixedB = saved[7];
        const double scale = context->saved_data["scale"].toDouble();
        const at::Tensor narrow = gradients[0].reshape({-1, weight.size(0)}); // [n, out]
        const at::Tensor g = narrow.to(a.scalar_type());
        const at::Tensor gu = at::mm(g, b); // [n, R], without the scale
        const at::Tensor db = product(b, g.t(), u, scale);
        at::Tensor da, dx, dbias;
        if (context->saved_data["needsA"].toBool())
            da = product(a, gu.t(), masked(rows.to(a.scalar_type()), mask), scale);
        if (context->saved_data["needsX"].toBool()) {
            dx = at::mm(narrow, DenseWeight(weight).tensor());
            if (fixedA.defined()) {
                const at::Tensor path = mask.defined() ? at::mm(gu, a).mul_(mask) : at::mm(gu, a);
                dx.add_(path.addmm(at::mm(g, fixedB), fixedA, 1, -1), scale);
            } else if (mask.defined()) {
                dx.add_(at::mm(gu, a).mul_(mask), scale);
            } else {
                addProduct(dx, gu, a, scale);
            }
            std::vector<std::int64_t> shape = gradients[0].sizes().vec();
            shape.back() = weight.size(1);
            dx = dx.view(shape);
        }
        if (context->saved_data["needsBias"].toBool())
            dbias = narrow.sum(0);
        const at::Tensor none;
        return {dx, none, dbias, da, db, none, none, none, none};
    }
};

} // namespace

at::Tensor loraLinear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                      const at::Tensor& a, const at::Tensor& b, double scale, const at::Tensor& mask,
                      const at::Tensor& fixedA, const at::Tensor& fixedB) {
    return LoraLinear::apply(x, weight, maybe(bias), a, b, scale, maybe(mask), maybe(fixedA), maybe(fixedB));
}

} // namespace lathe
