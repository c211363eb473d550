#include "core/adapter/rotation.h"

#include <ATen/ops/bmm.h>
#include <ATen/ops/einsum.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/linalg_solve_ex.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/tensor.h>
#include <vector>

namespace lathe {

SkewPlaces::SkewPlaces(std::int64_t size, const at::TensorOptions& options) : m_size(size) {
    // Each entry's place in the triangle and its sign, so that one look-up builds all blocks.
    std::vector<std::int64_t> places(static_cast<std::size_t>(size * size), 0);
    std::vector<float> signs(places.size(), 0);
    std::int64_t next = 0;
    for (std::int64_t row = 0; row < size; ++row)
        for (std::int64_t column = row + 1; column < size; ++column) {
            const auto above = static_cast<std::size_t>(row * size + column);
            const auto below = static_cast<std::size_t>(column * size + row);
            places[above] = places[below] = next++;
            signs[above] = 1;
            signs[below] = -1;
        }
    m_index = at::tensor(places, at::kLong).to(options.device());
    m_sign = at::tensor(signs).to(options.requires_grad(std::nullopt));
}

at::Tensor SkewPlaces::matrices(const at::Tensor& upper) const {
    return (upper.index_select(1, m_index) * m_sign).view({upper.size(0), m_size, m_size});
}

at::Tensor cayley(const at::Tensor& skew) {
    const at::Tensor identity = at::eye(skew.size(-1), skew.options());
    // I + Q has an inverse whatever Q is; to check that would make the host wait for a GPU.
    return std::get<0>(at::linalg_solve_ex(identity + skew, identity - skew, /*left=*/false));
}

at::Tensor cayleyNeumann(const at::Tensor& skew, std::int64_t terms) {
    at::Tensor sum = at::eye(skew.size(-1), skew.options()).expand_as(skew);
    if (terms <= 1)
        return sum;
    sum = sum + 2 * skew;
    if (terms == 2)
        return sum;
    at::Tensor power = at::bmm(skew, skew);
    sum = sum + 2 * power;
    for (std::int64_t k = 3; k < terms - 1; ++k) {
        power = at::bmm(power, skew);
        sum = sum + 2 * power;
    }
    return sum + at::bmm(power, skew);
}

at::Tensor rotate(const at::Tensor& x, const at::Tensor& blocks) {
    const std::int64_t size = blocks.size(-1);
    const at::Tensor parts = x.reshape({-1, x.size(-1) / size, size});
    const at::Tensor turned = blocks.size(0) == 1 ? at::matmul(parts, blocks.select(0, 0))
                                                  : at::einsum("nks,kst->nkt", {parts, blocks});
    return turned.reshape(x.sizes());
}

} // namespace lathe
