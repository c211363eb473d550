#include "core/adapter/combine_lora.h"

#include "core/adapter/low_rank.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/bernoulli.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>
#include <algorithm>
#include <cmath>
#include <map>

namespace lathe {

namespace {

using Method = LoraCombination;

bool isOnProducts(Method method) {
    return method == Method::Svd || method == Method::TiesSvd || method == Method::DareLinearSvd ||
           method == Method::DareTiesSvd || method == Method::MagnitudePruneSvd;
}
bool isTies(Method method) {
    return method == Method::Ties || method == Method::TiesSvd || method == Method::DareTies ||
           method == Method::DareTiesSvd;
}
bool isDare(Method method) {
    return method == Method::DareLinear || method == Method::DareLinearSvd || method == Method::DareTies ||
           method == Method::DareTiesSvd;
}
bool isPruning(Method method) {
    return method == Method::MagnitudePrune || method == Method::MagnitudePruneSvd || isTies(method);
}

at::Tensor keepLargest(const at::Tensor& x, double density) {
    const auto kept = static_cast<std::int64_t>(density * static_cast<double>(x.numel()));
    const at::Tensor mask = at::zeros_like(x).reshape(-1);
    mask.index_fill_(0, std::get<1>(x.abs().reshape(-1).topk(kept)), 1);
    return x * mask.view(x.sizes());
}

/// Combines tensors of one shape.
class Mixer {
public:
    explicit Mixer(const LoraCombinationOptions& options)
        : m_options(options), m_generator(at::detail::createCPUGenerator(options.seed)) {}

    at::Tensor mix(std::vector<at::Tensor> parts, const std::vector<double>& weights) {
        for (at::Tensor& part : parts)
            part = thinned(part);
        const at::Tensor stack = at::stack(parts);
        std::vector<at::Tensor> weighted;
        for (std::size_t i = 0; i < parts.size(); ++i)
            weighted.push_back(parts[i] * weights[i]);
        const at::Tensor sum = at::stack(weighted);
        if (!isTies(m_options.method))
            return sum.sum(0);
        const at::Tensor signs = stack.sign();
        const at::Tensor votes = (m_options.countsSigns ? signs : stack).sum(0);
        const at::Tensor elected = at::where(votes >= 0, at::ones_like(votes), -at::ones_like(votes));
        const at::Tensor agrees = signs.eq(elected).to(sum.scalar_type());
        return (sum * agrees).sum(0) / agrees.sum(0).clamp_min(1);
    }

private:
    at::Tensor thinned(const at::Tensor& x) {
        if (m_options.density >= 1)
            return x;
        if (isDare(m_options.method))
            return x * at::bernoulli(at::full_like(x, m_options.density), m_generator) / m_options.density;
        return isPruning(m_options.method) ? keepLargest(x, m_options.density) : x;
    }

    const LoraCombinationOptions& m_options;
    at::Generator m_generator;
};

struct Part {
    const LoraProduct* product = nullptr;
    double weight = 1;
};

Status requireSameShapes(const std::string& module, const std::vector<Part>& parts, bool needsRank) {
    const LoraProduct& first = *parts.front().product;
    for (const auto& [product, weight] : parts) {
        if (product->a.size(1) != first.a.size(1) || product->b.size(0) != first.b.size(0) ||
            product->isTable != first.isTable)
            return inputError(module, "has another shape in one of the adapters; they are not for the same "
                                      "base model");
        if (needsRank && product->a.size(0) != first.a.size(0))
            return inputError(module, "has the ranks " + std::to_string(first.a.size(0)) + " and " +
                                          std::to_string(product->a.size(0)) +
                                          "; combine by concatenation or SVD instead");
    }
    return ok();
}

LoraProduct concatenated(const std::vector<Part>& parts) {
    std::vector<at::Tensor> firsts, seconds;
    for (const auto& [product, weight] : parts) {
        firsts.push_back(product->a * (weight * product->scale));
        seconds.push_back(product->b);
    }
    return {at::cat(firsts), at::cat(seconds, 1), 1, parts.front().product->isTable};
}

LoraProduct onProducts(const std::vector<Part>& parts, std::int64_t rank, Mixer& mixer) {
    std::vector<at::Tensor> products;
    std::vector<double> weights;
    for (const auto& [product, weight] : parts) {
        products.push_back(at::mm(product->b, product->a) * product->scale);
        weights.push_back(weight);
    }
    const Decomposition svd = truncatedSvd(mixer.mix(products, weights), rank);
    return {svd.vt.contiguous(), svd.u * svd.s, 1, parts.front().product->isTable};
}

/// A and B apart, the scale's root with each and its sign with A.
LoraProduct onFactors(const std::vector<Part>& parts, Mixer& mixer) {
    std::vector<at::Tensor> firsts, seconds;
    std::vector<double> signedRoots, roots;
    for (const auto& [product, weight] : parts) {
        const double scale = weight * product->scale;
        firsts.push_back(product->a);
        seconds.push_back(product->b);
        roots.push_back(std::sqrt(std::abs(scale)));
        signedRoots.push_back(scale >= 0 ? roots.back() : -roots.back());
    }
    const at::Tensor a = mixer.mix(firsts, signedRoots);
    return {a, mixer.mix(seconds, roots), 1, parts.front().product->isTable};
}

/// As the library: of one alone there is nothing to elect or to approximate.
LoraCombinationOptions usedOptions(std::span<const WeightedLora> sets, LoraCombinationOptions options) {
    if (sets.size() == 1)
        options.method = Method::Linear;
    return options;
}

/// By module, the products that adapt it with their weights.
std::map<std::string, std::vector<Part>> partsOf(std::span<const WeightedLora> sets) {
    std::map<std::string, std::vector<Part>> parts;
    for (const WeightedLora& each : sets)
        for (const auto& [module, product] : each.set->products)
            parts[module].push_back({&product, each.weight});
    return parts;
}

std::int64_t largestRank(std::span<const WeightedLora> sets) {
    std::int64_t rank = 0;
    for (const WeightedLora& each : sets)
        for (const auto& [module, product] : each.set->products)
            rank = std::max(rank, product.a.size(0));
    return rank;
}

std::int64_t rankSum(const std::vector<Part>& parts) {
    std::int64_t rank = 0;
    for (const Part& part : parts)
        rank += part.product->a.size(0);
    return rank;
}

std::int64_t shorterSide(const LoraProduct& product) {
    return std::min(product.a.size(1), product.b.size(0));
}

Status addWhole(const LoraSet& from, LoraSet& to) {
    for (const auto& [name, tensor] : from.whole)
        if (!to.whole.emplace(name, tensor).second)
            return inputError(name, "is saved whole by more than one of the adapters, and whole modules "
                                    "cannot be combined");
    if (!from.whole.empty())
        to.modulesToSave = from.modulesToSave;
    return ok();
}

/// ‖C D‖ out of C'C and DD', which are small.
double productNorm(const std::vector<at::Tensor>& seconds, const std::vector<at::Tensor>& firsts) {
    const at::Tensor c = at::cat(seconds, 1).to(at::kDouble); // [out, ΣR]
    const at::Tensor d = at::cat(firsts).to(at::kDouble);     // [ΣR, in]
    const double square = (at::mm(c.t(), c) * at::mm(d, d.t())).sum().item<double>();
    return std::sqrt(std::max(square, 0.0));
}

} // namespace

Status checkLoraCombination(std::span<const WeightedLora> sets, const LoraCombinationOptions& given) {
    LATHE_EXPECT(!sets.empty());
    const LoraCombinationOptions options = usedOptions(sets, given);
    if (!(options.density > 0 && options.density <= 1))
        return inputError("density", std::to_string(options.density) + " is not above 0 and at most 1");
    LoraSet whole;
    for (const WeightedLora& each : sets)
        LATHE_TRY(addWhole(*each.set, whole));
    const bool isApart = options.method != Method::Concatenation && !isOnProducts(options.method);
    for (const auto& [module, parts] : partsOf(sets))
        LATHE_TRY(requireSameShapes(module, parts, isApart));
    return ok();
}

bool isExactCombination(std::span<const WeightedLora> sets, const LoraCombinationOptions& given) {
    const LoraCombinationOptions options = usedOptions(sets, given);
    if (options.method == Method::Concatenation)
        return true;
    const bool isThinned = options.density < 1 && (isDare(options.method) || isPruning(options.method));
    if (isThinned || isTies(options.method))
        return false;
    const std::int64_t rank = options.rank > 0 ? options.rank : largestRank(sets);
    return std::ranges::all_of(partsOf(sets), [&](const auto& each) {
        const auto& [module, parts] = each;
        return isOnProducts(options.method)
                   ? rank >= std::min(rankSum(parts), shorterSide(*parts.front().product))
                   : parts.size() == 1;
    });
}

double combinationError(std::span<const WeightedLora> sets, const LoraSet& combined) {
    const at::NoGradGuard noGrad;
    double whole = 0;
    double lacking = 0;
    for (const auto& [module, parts] : partsOf(sets)) {
        std::vector<at::Tensor> firsts, seconds;
        for (const auto& [product, weight] : parts) {
            firsts.push_back(product->a * (weight * product->scale));
            seconds.push_back(product->b);
        }
        whole = std::hypot(whole, productNorm(seconds, firsts));
        if (const auto made = combined.products.find(module); made != combined.products.end()) {
            firsts.push_back(made->second.a * -made->second.scale);
            seconds.push_back(made->second.b);
        }
        lacking = std::hypot(lacking, productNorm(seconds, firsts));
    }
    return whole > 0 ? lacking / whole : lacking;
}

LoraSize combinedSize(std::span<const WeightedLora> sets, const LoraCombinationOptions& given) {
    const LoraCombinationOptions options = usedOptions(sets, given);
    const std::int64_t asked = options.rank > 0 ? options.rank : largestRank(sets);
    LoraSize size;
    for (const auto& [module, parts] : partsOf(sets)) {
        const LoraProduct& first = *parts.front().product;
        const std::int64_t rank = options.method == Method::Concatenation ? rankSum(parts)
                                  : isOnProducts(options.method) ? std::min(asked, shorterSide(first))
                                                                 : first.a.size(0);
        size.rank = std::max(size.rank, rank);
        size.parameters += rank * (first.a.size(1) + first.b.size(0));
    }
    return size;
}

Result<LoraSet> combineLoras(std::span<const WeightedLora> sets, const LoraCombinationOptions& given) {
    LATHE_TRY(checkLoraCombination(sets, given));
    const at::NoGradGuard noGrad;
    const LoraCombinationOptions options = usedOptions(sets, given);
    LoraSet result;
    result.isConv1d = sets.front().set->isConv1d;
    result.taskType = sets.front().set->taskType;
    for (const WeightedLora& each : sets)
        LATHE_TRY(addWhole(*each.set, result));
    const auto modules = partsOf(sets);
    const std::int64_t rank = options.rank > 0 ? options.rank : largestRank(sets);
    Mixer mixer(options);
    for (const auto& [module, parts] : modules) {
        if (options.stop.stop_requested())
            return Error{Error::Kind::Cancelled, {}, "the combination was stopped"};
        if (options.onProgress)
            options.onProgress(result.products.size(), modules.size());
        result.products[module] = options.method == Method::Concatenation ? concatenated(parts)
                                  : isOnProducts(options.method)          ? onProducts(parts, rank, mixer)
                                                                          : onFactors(parts, mixer);
    }
    return result;
}

} // namespace lathe
