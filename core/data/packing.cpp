#include "core/data/packing.h"

#include "core/base/contract.h"
#include "core/base/random.h"

#include <map>
#include <numeric>

namespace lathe {

namespace {

/// Keeps this stream apart from those other parts draw from the same seed.
constexpr std::uint64_t kPackStream = 0x7061636b; // "pack"

} // namespace

std::vector<std::vector<std::size_t>> packRows(std::span<const std::size_t> lengths, std::size_t maxLength,
                                               std::uint64_t seed) {
    std::vector<std::size_t> order(lengths.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    Rng rng(mixSeed(seed, kPackStream));
    rng.shuffle(std::span(order));
    std::vector<std::vector<std::size_t>> groups;
    std::multimap<std::size_t, std::size_t> room; // tokens left → group
    for (const std::size_t row : order) {
        const std::size_t length = lengths[row];
        LATHE_EXPECT(length >= 1 && length <= maxLength);
        std::size_t left = maxLength;
        std::size_t group = groups.size();
        if (const auto best = room.lower_bound(length); best != room.end()) {
            left = best->first;
            group = best->second;
            room.erase(best);
        } else {
            groups.emplace_back();
        }
        groups[group].push_back(row);
        if (left > length)
            room.emplace(left - length, group);
    }
    return groups;
}

} // namespace lathe
