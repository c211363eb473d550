#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lathe {

/// What one pass over the base serves at most, in tokens of a micro-batch of each trial. With more, products
/// of one trial are as fast as those of several, and what several keep for the backward pass leaves the
/// core's own cache.
inline constexpr std::int64_t kTokensOfPass = 256;

/// How many of the trials that wait, from the first, are one thread's share of the work: the tokens of all
/// `trials` over `groups`, give or take half a trial. 0: they are less than that. Contract: 1 ≤ groups.
[[nodiscard]] std::size_t shareOf(std::span<const std::int64_t> waiting, std::int64_t tokensOfAll,
                                  std::size_t trials, std::size_t groups);

/// Where the trials of a group, in their order, are cut into passes over the base: how many there are in
/// each, with kTokensOfPass at most or alone.
[[nodiscard]] std::vector<std::size_t> passSizes(std::span<const std::int64_t> tokens);

} // namespace lathe
