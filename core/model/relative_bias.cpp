#include "core/model/relative_bias.h"

#include <ATen/ops/embedding.h>
#include <ATen/ops/tensor.h>
#include <algorithm>
#include <cmath>
#include <vector>

namespace lathe {

std::int64_t relativeBucket(const RelativeBuckets& spec, std::int64_t distance) {
    std::int64_t buckets = spec.buckets;
    std::int64_t base = 0;
    if (spec.isCausal) {
        distance = std::max<std::int64_t>(-distance, 0);
    } else {
        buckets /= 2;
        base = distance > 0 ? buckets : 0;
        distance = std::abs(distance);
    }
    const std::int64_t exact = buckets / 2;
    if (distance < exact)
        return base + distance;
    // In fp32, as the reference: the edges of the buckets depend on its rounding.
    const float ratio =
        std::log(static_cast<float>(distance) / static_cast<float>(exact)) /
        static_cast<float>(std::log(static_cast<double>(spec.maxDistance) / static_cast<double>(exact)));
    const auto step = static_cast<std::int64_t>(ratio * static_cast<float>(buckets - exact));
    return base + std::min(exact + step, buckets - 1);
}

at::Tensor relativeBias(const RelativeBuckets& spec, const at::Tensor& weight, std::int64_t first,
                        std::int64_t queries, std::int64_t keys) {
    std::vector<std::int64_t> buckets;
    buckets.reserve(static_cast<std::size_t>(queries * keys));
    for (std::int64_t query = first; query < first + queries; ++query)
        for (std::int64_t key = 0; key < keys; ++key)
            buckets.push_back(relativeBucket(spec, key - query));
    const at::Tensor places = at::tensor(buckets, at::kLong).view({queries, keys}).to(weight.device());
    return at::embedding(weight, places).permute({2, 0, 1}).unsqueeze(0);
}

} // namespace lathe
