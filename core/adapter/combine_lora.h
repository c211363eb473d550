#pragma once

#include "core/adapter/lora_set.h"

#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <vector>

namespace lathe {

/// How several LoRA adapters become one. The names are those of PEFT's add_weighted_adapter, whose numbers
/// they give.
enum class LoraCombination {
    Linear,        ///< Σ √|w s| (±A) and Σ √|w s| B: a rough approximation of the sum of products
    Concatenation, ///< the sum of products exactly; ranks add up
    Svd,           ///< the best approximation of the sum of products at the given rank
    Ties,          ///< Yadav et al. 2023 (arXiv:2306.01708), on A and B apart
    TiesSvd,       ///< the same on the products, then Svd
    DareLinear,    ///< Yu et al. 2023 (arXiv:2311.03099): random entries dropped, the others made larger
    DareLinearSvd,
    DareTies,
    DareTiesSvd,
    MagnitudePrune, ///< the smallest entries dropped, then Linear
    MagnitudePruneSvd
};

struct LoraCombinationOptions {
    LoraCombination method = LoraCombination::Concatenation;
    std::int64_t rank = 0;     ///< of the Svd ones; 0: the largest of those combined
    double density = 0.5;      ///< share of entries that Ties, Dare and MagnitudePrune keep
    bool countsSigns = false;  ///< Ties elects signs by their number instead of by their sum
    std::uint64_t seed = 0;    ///< of Dare
    std::stop_token stop = {}; ///< asked before each module; the answer is Cancelled
    std::function<void(std::uint64_t done, std::uint64_t total)> onProgress = {}; ///< in modules
};

struct WeightedLora {
    const LoraSet* set = nullptr;
    double weight = 1; ///< may be negative
};

/// One LoRA out of several for the same base model; a module that only some adapt is combined of those. Its
/// products have scale 1. Errors as checkLoraCombination(). Contract: at least one.
[[nodiscard]] Result<LoraSet> combineLoras(std::span<const WeightedLora> sets,
                                           const LoraCombinationOptions& options);

/// What combineLoras() would say, without the work. Input error: shapes that differ, ranks that differ where
/// A and B are combined apart, a module saved whole in more than one, a density outside (0, 1].
[[nodiscard]] Status checkLoraCombination(std::span<const WeightedLora> sets,
                                          const LoraCombinationOptions& options);

/// Whether what comes of it is the weighted sum of the products but for rounding, whatever their numbers are.
[[nodiscard]] bool isExactCombination(std::span<const WeightedLora> sets,
                                      const LoraCombinationOptions& options);

/// Frobenius norm of what a combination lacks of the weighted sum, all modules together, over that of the
/// sum; 0: it is the sum.
[[nodiscard]] double combinationError(std::span<const WeightedLora> sets, const LoraSet& combined);

/// The rank of the largest product, and the numbers in all products.
struct LoraSize {
    std::int64_t rank = 0;
    std::int64_t parameters = 0;
};
/// What combineLoras() would make. Contract: checkLoraCombination() found nothing.
[[nodiscard]] LoraSize combinedSize(std::span<const WeightedLora> sets,
                                    const LoraCombinationOptions& options);

/// What becomes of one product on resizing.
struct ResizedProduct {
    std::string module;
    std::int64_t rankBefore = 0;
    std::int64_t rankAfter = 0; ///< 0: the product is left out
    double norm = 0;            ///< Frobenius norm of the whole product, with its scale
    double error = 0;           ///< of the difference
};

struct LoraSizeLimit {
    std::int64_t rank = 0; ///< of each product; 0: no limit
    /// All ranks together; the largest singular values of all products stay, whichever module's; 0: no limit.
    std::int64_t totalRank = 0;
    double threshold = 0; ///< singular values below this share of the largest of all go
    /// Numbers in all products together, which the largest singular values get as in totalRank; 0: no limit.
    std::int64_t parameters = 0;
};

struct ResizedLora {
    LoraSet set;
    std::vector<ResizedProduct> products; ///< by module
    double norm = 0;                      ///< of all products together
    double error = 0;
};

/// Makes products smaller by cutting off singular values, B' = U √S and A' = √S Vᵀ with the scale as it was:
/// the nearest in Frobenius norm of that rank. One threshold holds for all products (PARA, arXiv:2604.27796);
/// of equal values those of the first modules stay. Input error where nothing would be left.
[[nodiscard]] Result<ResizedLora> resizeLora(const LoraSet& set, const LoraSizeLimit& limit);

} // namespace lathe
