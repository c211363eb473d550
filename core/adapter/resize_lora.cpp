#include "core/adapter/combine_lora.h"
#include "core/adapter/low_rank.h"

#include <ATen/core/grad_mode.h>
#include <algorithm>
#include <cmath>
#include <numeric>

namespace lathe {

namespace {

struct Spectrum {
    Decomposition svd;          // of B A
    std::vector<double> values; // with the scale
};

/// One singular value of a module, and what it costs to keep.
struct Direction {
    double value = 0;
    const std::string* module = nullptr;
    std::int64_t parameters = 0;
};

/// The largest of all modules first; of one module they come in order.
std::vector<Direction> directionsOf(const std::map<std::string, Spectrum>& spectra, std::int64_t most) {
    std::vector<Direction> all;
    for (const auto& [module, spectrum] : spectra) {
        const std::int64_t parameters = spectrum.svd.u.size(0) + spectrum.svd.vt.size(1);
        const std::size_t kept = most > 0 ? std::min(spectrum.values.size(), static_cast<std::size_t>(most))
                                          : spectrum.values.size();
        for (std::size_t i = 0; i < kept; ++i)
            all.push_back({spectrum.values[i], &module, parameters});
    }
    std::ranges::stable_sort(all, std::greater(), &Direction::value);
    return all;
}

/// Ranks by module: what stays until the first limit is reached.
std::map<std::string, std::int64_t> ranksOf(const std::map<std::string, Spectrum>& spectra,
                                            const LoraSizeLimit& limit) {
    std::map<std::string, std::int64_t> ranks;
    const std::vector<Direction> all = directionsOf(spectra, limit.rank);
    std::int64_t count = 0;
    std::int64_t parameters = 0;
    for (const Direction& each : all) {
        parameters += each.parameters;
        const bool isOver = (limit.totalRank > 0 && count == limit.totalRank) ||
                            (limit.parameters > 0 && parameters > limit.parameters) ||
                            each.value < all.front().value * limit.threshold;
        if (isOver)
            break;
        ++ranks[*each.module];
        ++count;
    }
    return ranks;
}

std::map<std::string, Spectrum> spectraOf(const LoraSet& set) {
    std::map<std::string, Spectrum> spectra;
    for (const auto& [module, product] : set.products) {
        Spectrum spectrum{productSvd(product.b.to(at::kDouble), product.a.to(at::kDouble)), {}};
        const at::Tensor values = spectrum.svd.s * std::abs(product.scale);
        spectrum.values.assign(values.const_data_ptr<double>(),
                               values.const_data_ptr<double>() + values.numel());
        spectra.emplace(module, std::move(spectrum));
    }
    return spectra;
}

LoraProduct cut(const Decomposition& svd, std::int64_t rank, const LoraProduct& before) {
    const at::Tensor root = svd.s.narrow(0, 0, rank).sqrt();
    return {(root.unsqueeze(1) * svd.vt.narrow(0, 0, rank)).to(at::kFloat),
            (svd.u.narrow(1, 0, rank) * root).to(at::kFloat), before.scale, before.isTable};
}

double lengthOf(std::span<const double> values) {
    return std::sqrt(std::inner_product(values.begin(), values.end(), values.begin(), 0.0));
}

} // namespace

Result<ResizedLora> resizeLora(const LoraSet& set, const LoraSizeLimit& limit) {
    const at::NoGradGuard noGrad;
    const std::map<std::string, Spectrum> spectra = spectraOf(set);
    const std::map<std::string, std::int64_t> ranks = ranksOf(spectra, limit);
    ResizedLora result{set, {}, 0, 0};
    result.set.products.clear();
    for (const auto& [module, spectrum] : spectra) {
        const LoraProduct& before = set.products.at(module);
        const std::span<const double> values = spectrum.values;
        const auto kept = ranks.find(module);
        const std::int64_t rank = kept == ranks.end() ? 0 : kept->second;
        const double norm = lengthOf(values);
        const double error = lengthOf(values.subspan(static_cast<std::size_t>(rank)));
        result.products.push_back({module, before.a.size(0), rank, norm, error});
        result.norm = std::hypot(result.norm, norm);
        result.error = std::hypot(result.error, error);
        if (rank > 0)
            result.set.products[module] = cut(spectrum.svd, rank, before);
    }
    if (result.set.products.empty())
        return inputError("the limit", "would leave nothing of the adapter; allow more");
    return result;
}

} // namespace lathe
