#include "core/adapter/low_rank.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/linalg_qr.h>
#include <ATen/ops/linalg_svd.h>
#include <ATen/ops/mm.h>
#include <algorithm>

namespace lathe {

namespace {

Decomposition first(const std::tuple<at::Tensor, at::Tensor, at::Tensor>& svd, std::int64_t rank) {
    const auto& [u, s, vt] = svd;
    const std::int64_t kept = std::min(rank, s.size(0));
    return {u.narrow(1, 0, kept), s.narrow(0, 0, kept), vt.narrow(0, 0, kept)};
}

at::Tensor orthonormal(const at::Tensor& x) { return std::get<0>(at::linalg_qr(x)); }

} // namespace

Decomposition truncatedSvd(const at::Tensor& matrix, std::int64_t rank) {
    return first(at::linalg_svd(matrix, false), rank);
}

Decomposition fastSvd(const at::Tensor& matrix, std::int64_t rank, std::int64_t iterations, Rng& rng) {
    const at::Tensor probe = normalTensor({matrix.size(1), rank}, rng).to(matrix.options());
    at::Tensor range = orthonormal(at::mm(matrix, probe)); // [m, rank]
    for (std::int64_t i = 0; i < iterations; ++i)
        range = orthonormal(at::mm(matrix, orthonormal(at::mm(matrix.t(), range))));
    Decomposition small = truncatedSvd(at::mm(range.t(), matrix), rank);
    small.u = at::mm(range, small.u);
    return small;
}

Decomposition productSvd(const at::Tensor& b, const at::Tensor& a) {
    const auto [left, leftCore] = at::linalg_qr(b);          // [m, k], [k, R]
    const auto [right, rightCore] = at::linalg_qr(a.t());    // [n, l], [l, R]
    const at::Tensor core = at::mm(leftCore, rightCore.t()); // [k, l]
    Decomposition result = truncatedSvd(core, std::min(core.size(0), core.size(1)));
    result.u = at::mm(left, result.u);
    result.vt = at::mm(result.vt, right.t());
    return result;
}

at::Tensor normalTensor(at::IntArrayRef shape, Rng& rng) {
    at::Tensor x = at::empty(shape, at::kFloat);
    std::generate_n(x.data_ptr<float>(), x.numel(), [&rng] { return static_cast<float>(rng.normal()); });
    return x;
}

} // namespace lathe
