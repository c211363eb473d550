#include "core/train/pack_groups.h"

#include "core/base/contract.h"

namespace lathe {

std::size_t shareOf(std::span<const std::int64_t> waiting, std::int64_t tokensOfAll, std::size_t trials,
                    std::size_t groups) {
    LATHE_EXPECT(groups >= 1 && trials >= waiting.size());
    const double all = static_cast<double>(tokensOfAll);
    const double least = all / static_cast<double>(groups) - all / static_cast<double>(trials) / 2;
    double sum = 0;
    for (std::size_t i = 0; i < waiting.size(); ++i) {
        sum += static_cast<double>(waiting[i]);
        if (sum >= least)
            return i + 1;
    }
    return 0;
}

std::vector<std::size_t> passSizes(std::span<const std::int64_t> tokens) {
    std::vector<std::size_t> sizes;
    std::int64_t sum = 0;
    for (const std::int64_t own : tokens) {
        sum += own;
        if (sizes.empty() || sum > kTokensOfPass) {
            sizes.push_back(0);
            sum = own;
        }
        ++sizes.back();
    }
    return sizes;
}

} // namespace lathe
