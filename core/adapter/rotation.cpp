#include "core/adapter/rotation.h"

#include <ATen/ops/bmm.h>
#include <ATen/ops/einsum.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/linalg_solve.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/tensor.h>
#include <vector>

namespace lathe {

at::Tensor skewFromUpper(const at::Tensor& upper, std::int64_t size) {
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
    const at::Tensor index = at::tensor(places, at::kLong).to(upper.device());
    const at::Tensor sign = at::tensor(signs).to(upper.options());
    return (upper.index_select(1, index) * sign).view({upper.size(0), size, size});
}

at::Tensor cayley(const at::Tensor& skew) {
    const at::Tensor identity = at::eye(skew.size(-1), skew.options());
    return at::linalg_solve(identity + skew, identity - skew, /*left=*/false);
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
