#include "core/search/signed_rank.h"

#include "core/base/contract.h"
#include "core/search/normal.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace lathe {

namespace {

/// As SciPy; the table of 2^50 signs is then still far from the limits of a double.
constexpr std::size_t kExactUpTo = 50;

struct Ranks {
    std::vector<std::size_t> doubled; // parallel to the differences; twice the mean rank, a whole number
    double tieTerm = 0;               // the sum of t³ - t over the runs of t equal sizes
};

Ranks ranksOf(std::span<const double> differences) {
    std::vector<std::size_t> order(differences.size());
    std::iota(order.begin(), order.end(), 0);
    const auto size = [&](std::size_t i) { return std::abs(differences[i]); };
    std::ranges::sort(order, {}, size);
    Ranks ranks{std::vector<std::size_t>(differences.size()), 0};
    for (std::size_t begin = 0; begin < order.size();) {
        std::size_t end = begin;
        while (end < order.size() && size(order[end]) == size(order[begin]))
            ++end;
        for (std::size_t i = begin; i < end; ++i)
            ranks.doubled[order[i]] = begin + 1 + end;
        const auto ties = static_cast<double>(end - begin);
        ranks.tieTerm += ties * ties * ties - ties;
        begin = end;
    }
    return ranks;
}

/// The share of all choices of signs whose doubled rank sum is at least `reached`.
double exactP(std::span<const std::size_t> doubled, std::size_t reached) {
    std::vector<double> share(std::accumulate(doubled.begin(), doubled.end(), std::size_t{1}), 0);
    share[0] = 1;
    for (const std::size_t rank : doubled)
        for (std::size_t sum = share.size(); sum-- > 0;)
            share[sum] = 0.5 * (share[sum] + (sum >= rank ? share[sum - rank] : 0));
    return std::accumulate(share.begin() + static_cast<std::ptrdiff_t>(reached), share.end(), 0.0);
}

} // namespace

double signedRankP(std::span<const double> differences) {
    const Ranks ranks = ranksOf(differences);
    std::vector<std::size_t> ofSigned; // of what is not 0
    std::size_t positive = 0;          // doubled rank sum of what is above 0
    double ofZeros = 0;
    for (std::size_t i = 0; i < differences.size(); ++i) {
        LATHE_EXPECT(std::isfinite(differences[i]));
        if (differences[i] == 0) {
            ofZeros += static_cast<double>(ranks.doubled[i]) / 2;
            continue;
        }
        ofSigned.push_back(ranks.doubled[i]);
        positive += differences[i] > 0 ? ranks.doubled[i] : 0;
    }
    if (ofSigned.empty())
        return 1;
    if (differences.size() <= kExactUpTo)
        return exactP(ofSigned, positive);
    const auto n = static_cast<double>(differences.size());
    const double sum = static_cast<double>(positive) / 2 + ofZeros / 2;
    const double variance = (n * (n + 1) * (2 * n + 1) - ranks.tieTerm / 2) / 24;
    return std::exp(logNormalCdf((n * (n + 1) / 4 - sum) / std::sqrt(variance)));
}

} // namespace lathe
