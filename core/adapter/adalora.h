#pragma once

#include "core/adapter/peft_extras.h"
#include "core/adapter/rank_allocator.h"

namespace lathe {

/// What an AdaLoRA adapter is made with; the defaults are PEFT's.
struct AdaLoraSettings {
    std::int64_t rank = 12; ///< R, at the start
    std::int64_t targetRank = 8;
    double alpha = 8;
    double dropout = 0;
    double beta1 = 0.85; ///< of the moving average of importance
    double beta2 = 0.85; ///< of that of its deviation
    double orthogonality = 0.5;
    std::int64_t interval = 1;
    /// In steps where a file says so; else `total` is 0, and they are shares of the run to come.
    std::int64_t warmup = 0, settling = 0, total = 0;
    double warmupShare = 0, settlingShare = 0;
};

/// One adapted site. `kept`: of the R triplets it started with, those that are left.
struct AdaLoraPlace {
    Site site;
    std::vector<bool> kept;

    [[nodiscard]] std::int64_t rank() const;
};

/// AdaLoRA, Zhang et al. 2023 (arXiv:2303.10512): y = Wx + alpha / (R + 1e-5) B (E ⊙ A) dropout(x), with R
/// the rank at the start whatever is pruned; the loss gets the mean over all A and B of ‖A Aᵀ − I‖ and
/// ‖Bᵀ B − I‖, and a RankAllocator prunes triplets while it trains. Files hold what is left.
class AdaLoraAdapter final : public Adapter {
public:
    /// Fresh A, B ~ N(0, 0.02²) from the seed, E = 0. Contract: the sites are the model's.
    AdaLoraAdapter(LanguageModel& model, const AdaLoraSettings& settings, std::vector<AdaLoraPlace> places,
                   PeftExtras extras, std::uint64_t seed);

    void beginTraining(std::int64_t totalSteps) override;
    [[nodiscard]] at::Tensor penalty() const override;
    void afterUpdate(std::int64_t step) override { m_allocator->afterUpdate(step); }
    [[nodiscard]] std::vector<NamedTensor> state() const override { return m_allocator->state(); }
    [[nodiscard]] Status save(const std::filesystem::path& folder,
                              const AdapterOrigin& origin) const override;
    /// As a plain LoRA folder that computes the same: A' = E ⊙ A, B' = B, and at each site
    /// α' / r' = α / (R + 1e-5); sites that lost all triplets are left out. Input error: nothing is left. Io
    /// error if the folder cannot be written.
    [[nodiscard]] Status saveAsLora(const std::filesystem::path& folder, const AdapterOrigin& origin) const;

private:
    [[nodiscard]] double scale() const;
    /// By triplet of the site: whether it does something, or may.
    [[nodiscard]] std::vector<bool> living(std::size_t number) const;
    /// The tensors of a site without its pruned triplets.
    [[nodiscard]] Triplets cut(std::size_t number) const;
    [[nodiscard]] nlohmann::json loraSettings(std::span<const Site> sites) const;
    void appendWeights(std::vector<NamedTensor>& tensors) const;

    AdaLoraSettings m_settings;
    std::vector<AdaLoraPlace> m_places;
    std::vector<Triplets> m_triplets;
    PeftExtras m_extras;
    bool m_hasPattern = false; ///< the file it came from had a rank_pattern
    std::unique_ptr<RankAllocator> m_allocator;
};

} // namespace lathe
