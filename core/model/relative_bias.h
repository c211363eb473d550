#pragma once

#include <ATen/core/Tensor.h>
#include <cstdint>

namespace lathe {

/// T5's relative positions, Raffel et al. 2019 (arXiv:1910.10683): scores get a trained number for each head
/// and bucket of distances. Half of the buckets hold one distance each, the others ranges that grow by a
/// constant factor up to `maxDistance`, beyond which all is alike.
struct RelativeBuckets {
    std::int64_t buckets = 32;
    std::int64_t maxDistance = 128;
    bool isCausal = false; ///< keys behind the query share the bucket of distance 0
};

/// Bucket of a key `distance` places behind (below 0: before) the query.
[[nodiscard]] std::int64_t relativeBucket(const RelativeBuckets& spec, std::int64_t distance);

/// weight: [buckets, H]. Queries first … first + queries - 1 against keys 0 … keys - 1. Returns [1, H,
/// queries, keys].
[[nodiscard]] at::Tensor relativeBias(const RelativeBuckets& spec, const at::Tensor& weight,
                                      std::int64_t first, std::int64_t queries, std::int64_t keys);

} // namespace lathe
