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

/// The smallest singular value that stays.
double cutoff(const std::map<std::string, Spectrum>& spectra, const LoraSizeLimit& limit) {
    std::vector<double> all;
    for (const auto& [module, spectrum] : spectra) {
        const std::size_t kept = limit.rank > 0
                                     ? std::min(spectrum.values.size(), static_cast<std::size_t>(limit.rank))
                                     : spectrum.values.size();
        all.insert(all.end(), spectrum.values.begin(),
                   spectrum.values.begin() + static_cast<std::ptrdiff_t>(kept));
    }
    std::ranges::sort(all, std::greater());
    double least = all.empty() ? 0 : all.front() * limit.threshold;
    if (const auto total = static_cast<std::size_t>(limit.totalRank); total > 0 && total < all.size())
        least = std::max(least, all[total - 1]);
    return least;
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
    const double least = cutoff(spectra, limit);
    ResizedLora result{set, {}, 0, 0};
    result.set.products.clear();
    for (const auto& [module, spectrum] : spectra) {
        const LoraProduct& before = set.products.at(module);
        const std::span<const double> values = spectrum.values;
        std::int64_t rank = std::ranges::count_if(values, [least](double value) { return value >= least; });
        rank = limit.rank > 0 ? std::min(rank, limit.rank) : rank;
        const double norm = lengthOf(values);
        const double error = lengthOf(values.subspan(static_cast<std::size_t>(rank)));
        result.products.push_back({module, before.a.size(0), rank, norm, error});
        result.norm = std::hypot(result.norm, norm);
        result.error = std::hypot(result.error, error);
        if (rank > 0)
            result.set.products[module] = cut(spectrum.svd, rank, before);
    }
    if (result.set.products.empty())
        return inputError("threshold", "would leave nothing of the adapter; choose a smaller one");
    return result;
}

} // namespace lathe
