#include "core/search/latin_hypercube.h"

#include <numeric>
#include <span>
#include <vector>

namespace lathe {

double latinHypercube(std::uint64_t seed, std::uint64_t strata, std::uint64_t number, std::uint64_t dimension,
                      Rng& inside) {
    std::vector<std::uint64_t> order(strata);
    std::iota(order.begin(), order.end(), std::uint64_t{0});
    Rng shuffling(mixSeed(seed, mixSeed(dimension, number / strata)));
    shuffling.shuffle(std::span(order));
    return (static_cast<double>(order[number % strata]) + inside.uniform()) / static_cast<double>(strata);
}

} // namespace lathe
