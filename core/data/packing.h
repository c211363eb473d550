#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lathe {

/// Puts short rows together so that each group fills a sequence of at most `maxLength` tokens: best fit over
/// a seeded shuffle, so that rows of unlike length meet. Each row is in one group, and no group is empty; the
/// same arguments give the same groups. Contract: lengths are in [1, maxLength].
[[nodiscard]] std::vector<std::vector<std::size_t>> packRows(std::span<const std::size_t> lengths,
                                                             std::size_t maxLength, std::uint64_t seed);

} // namespace lathe
