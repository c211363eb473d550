#include "core/model/rope.h"

#include "core/kernels/fused_ops.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>

namespace lathe {

namespace {

/// Pairs (2i, 2i + 1): x cos + (−x_odd, x_even) sin, with cos and sin repeated for both of a pair.
at::Tensor rotatePairs(const at::Tensor& x, const Rope::Angles& angles) {
    const std::int64_t half = x.size(-1) / 2;
    auto shape = x.sizes().vec();
    shape.back() = half;
    shape.push_back(2);
    const at::Tensor pairs = x.reshape(shape);
    const at::Tensor turned = at::stack({-pairs.select(-1, 1), pairs.select(-1, 0)}, -1).view(x.sizes());
    return x * angles.cos + turned * angles.sin;
}

} // namespace

Rope::Angles Rope::fromPositions(const at::Tensor& positions, std::int64_t length,
                                 const at::TensorOptions& options) const {
    const bool isDouble = options.dtype() == at::kDouble;
    const at::ScalarType wide = isDouble ? at::kDouble : at::kFloat;
    const auto frequencies = at::tensor(ropeFrequencies(m_spec, length), at::kDouble)
                                 .to(positions.device(), wide, /*non_blocking=*/true);
    const at::Tensor half = positions.to(wide).unsqueeze(-1) * frequencies;
    const at::Tensor full = m_spec.isInterleaved ? half.repeat_interleave(2, -1) : at::cat({half, half}, -1);
    const auto ready = [&](const at::Tensor& turn) {
        return (m_spec.attentionFactor == 1 ? turn : turn * m_spec.attentionFactor).to(options.dtype());
    };
    return {ready(full.cos()), ready(full.sin())};
}

Rope::Angles Rope::range(std::int64_t first, std::int64_t count, const at::TensorOptions& options) const {
    return fromPositions(at::arange(first, first + count, options.dtype(at::kLong)), first + count, options);
}

Rope::Angles Rope::atPositions(const at::Tensor& positions, const at::TensorOptions& options) const {
    const bool dependsOnLength =
        m_spec.type == RopeSpec::Type::Dynamic || m_spec.type == RopeSpec::Type::LongRope;
    const std::int64_t length = dependsOnLength ? positions.max().item<std::int64_t>() + 1 : 0;
    Angles angles = fromPositions(positions, length, options);
    return {angles.cos.unsqueeze(1), angles.sin.unsqueeze(1)};
}

at::Tensor Rope::rotate(const at::Tensor& x, const Angles& angles) const {
    const auto turn = [&](const at::Tensor& part) {
        return m_spec.isInterleaved ? rotatePairs(part, angles) : rotateHalves(part, angles.cos, angles.sin);
    };
    if (m_spec.size == x.size(-1))
        return turn(x);
    return at::cat({turn(x.narrow(-1, 0, m_spec.size)), x.narrow(-1, m_spec.size, x.size(-1) - m_spec.size)},
                   -1);
}

} // namespace lathe
