#pragma once

#include "core/adapter/adapter_method.h"

#include <nlohmann/json_fwd.hpp>
#include <vector>

namespace lathe {

/// A low-rank product beside a projection, Hu et al. 2021 (arXiv:2106.09685): y = Wx + s B A dropout(x).
/// Computed in fp32 (fp64 for fp64 models) whatever the base's dtype.
class LoraSite final : public SiteAdapter {
public:
    /// a: [R, in], b: [out, R]. `context` outlives the site; `number` tells its dropout masks from others'.
    LoraSite(at::Tensor a, at::Tensor b, double scale, double dropout, const AdapterContext& context,
             std::uint32_t number);

    [[nodiscard]] at::Tensor apply(const at::Tensor& x, const LinearBase& base) override;
    [[nodiscard]] std::optional<MergedLinear> merged(const at::Tensor& weight,
                                                     const at::Tensor& bias) const override;

private:
    at::Tensor m_a; // [R, in]
    at::Tensor m_b; // [out, R]
    double m_scale;
    double m_dropout;
    const AdapterContext& m_context;
    std::uint32_t m_number;
};

/// A LoRA adapter as PEFT keeps it: settings that may differ from site to site by pattern.
struct LoraSettings {
    std::int64_t rank = 8;
    double alpha = 16;
    double dropout = 0;
    bool isRankStabilized = false; ///< s = alpha / sqrt(r), Kalajdzievski 2023 (arXiv:2312.03732)
};

/// One adapted site.
struct LoraPlace {
    Site site;
    std::int64_t rank = 8;
    double alpha = 16;
};

/// LoRA attached to a model at some sites.
class LoraAdapter final : public Adapter {
public:
    /// Fresh A and B from the seed: A ~ Kaiming uniform with a = sqrt(5), that is U(-1/sqrt(in), 1/sqrt(in));
    /// B = 0. Contract: the sites are the model's.
    LoraAdapter(LanguageModel& model, LoraSettings settings, std::vector<LoraPlace> places,
                std::uint64_t seed);

    [[nodiscard]] Status save(const std::filesystem::path& folder,
                              const AdapterOrigin& origin) const override;

private:
    LoraSettings m_settings;
    std::vector<LoraPlace> m_places;
};

} // namespace lathe
