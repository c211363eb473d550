#pragma once

#include "core/adapter/adapter_method.h"
#include "core/adapter/dropout.h"

#include <map>
#include <optional>

namespace lathe {

/// LoRA at one projection, Hu et al. 2021 (arXiv:2106.09685): y = Wx + s B A dropout(x), s = alpha / r (alpha
/// / sqrt(r) for rsLoRA, Kalajdzievski 2023, arXiv:2312.03732). A ~ Kaiming uniform with a = sqrt(5), that is
/// U(-1/sqrt(in), 1/sqrt(in)); B = 0. Computed in fp32 (fp64 for fp64 models) whatever the base's dtype.
class LoraSite final : public SiteAdapter {
public:
    /// a: [R, in], b: [out, R]. `clock` outlives the site.
    LoraSite(at::Tensor a, at::Tensor b, double scale, double dropout, const DropoutClock& clock,
             std::uint32_t number);

    [[nodiscard]] at::Tensor apply(const at::Tensor& x, const at::Tensor& weight,
                                   const at::Tensor& bias) override;

private:
    at::Tensor m_a; // [R, in]
    at::Tensor m_b; // [out, R]
    double m_scale;
    double m_dropout;
    const DropoutClock& m_clock;
    std::uint32_t m_number;
};

/// A LoRA adapter as PEFT keeps it: settings that may differ from site to site by pattern.
struct LoraSettings {
    std::int64_t rank = 8;
    double alpha = 16;
    double dropout = 0;
    bool isRankStabilized = false;
    std::vector<std::string> targets; ///< {"all-linear"} or module names
};

/// LoRA attached to a model at some sites.
class LoraAdapter final : public Adapter {
public:
    struct SiteSettings {
        Site site;
        std::int64_t rank = 8;
        double alpha = 16;
    };
    /// Fresh A and B from the seed. Contract: the sites are the model's.
    LoraAdapter(LanguageModel& model, LoraSettings settings, std::vector<SiteSettings> sites,
                std::uint64_t seed);
    ~LoraAdapter() override;

    [[nodiscard]] const std::vector<NamedTensor>& parameters() const override { return m_parameters; }
    void beginStep(std::int64_t step) override;
    void endTraining() override { m_clock.isTraining = false; }
    [[nodiscard]] Status save(const std::filesystem::path& folder,
                              const AdapterOrigin& origin) const override;

private:
    LanguageModel& m_model;
    LoraSettings m_settings;
    std::vector<SiteSettings> m_sites;
    DropoutClock m_clock;
    std::vector<NamedTensor> m_parameters;
};

/// Reads a PEFT folder (adapter_config.json, adapter_model.safetensors) of peft_type LORA and attaches it.
/// Input error: missing file, another peft_type, a setting that changes the mathematics and is not supported
/// (named), a tensor missing, unexpected or of another shape.
[[nodiscard]] Result<std::unique_ptr<Adapter>> loadPeftAdapter(LanguageModel& model,
                                                               const std::filesystem::path& folder);

/// Copies tensors by name into the adapter's parameters. Input error naming a tensor that is missing,
/// unexpected or of another shape.
[[nodiscard]] Status setParameters(const Adapter& adapter, const std::map<std::string, at::Tensor>& tensors,
                                   const std::string& where);

} // namespace lathe
