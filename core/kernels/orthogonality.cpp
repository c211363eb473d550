#include "core/kernels/orthogonality.h"

#include "core/base/contract.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/custom_function.h>

namespace lathe {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

at::Tensor gramError(const at::Tensor& p) {
    at::Tensor error = at::mm(p, p.t());
    error.diagonal().sub_(1);
    return error;
}

class OrthogonalityPenalty : public Function<OrthogonalityPenalty> {
public:
    static at::Tensor forward(AutogradContext* context, at::TensorList matrices) {
        std::vector<at::Tensor> norms;
        for (const at::Tensor& p : matrices)
            norms.push_back(gramError(p).norm());
        const at::Tensor all = at::stack(norms);
        variable_list saved(matrices.begin(), matrices.end());
        saved.push_back(all);
        context->save_for_backward(saved);
        return all.mean();
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const auto saved = context->get_saved_variables();
        const std::size_t count = saved.size() - 1;
        const at::Tensor& norms = saved.back();
        const at::Tensor factors = at::where(
            norms > 0, 2.0 / static_cast<double>(count) * gradients[0] / norms, at::zeros_like(norms));
        variable_list results;
        for (std::size_t i = 0; i < count; ++i)
            results.push_back(
                at::mm(gramError(saved[i]), saved[i]).mul_(factors[static_cast<std::int64_t>(i)]));
        return results;
    }
};

} // namespace

at::Tensor orthogonalityPenalty(std::span<const at::Tensor> matrices) {
    LATHE_EXPECT(!matrices.empty());
    return OrthogonalityPenalty::apply(at::TensorList(matrices.data(), matrices.size()));
}

} // namespace lathe
