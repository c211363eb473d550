#pragma once

#include "core/adapter/adapter_method.h"
#include "core/adapter/peft_extras.h"

namespace lathe {

/// What LoHa and LoKr, the two families that PEFT took from LyCORIS, have in common.

/// The defaults are PEFT's.
struct LycorisSettings {
    std::int64_t rank = 8;
    double alpha = 8;
    double rankDropout = 0;   ///< share of the output rows that a step leaves out
    double moduleDropout = 0; ///< share of the steps that leave a site out
};

/// One adapted site.
struct LycorisPlace {
    Site site;
    std::int64_t rank = 8;
    double alpha = 8;
};

/// A site that adds s D x for a matrix D of structure, with dropout of D's rows and of the whole site.
class LycorisSite : public SiteAdapter {
public:
    struct Setup {
        double scale = 1;
        LycorisSettings settings;
        bool isRankDropoutScaled = true; ///< by the share of rows that were kept
        const AdapterContext* context = nullptr;
        std::uint32_t number = 0; ///< tells its dropout from other sites'
    };

    explicit LycorisSite(Setup setup) : m_setup(setup) {}
    [[nodiscard]] at::Tensor apply(const at::Tensor& x, const LinearBase& base) final;
    [[nodiscard]] std::optional<MergedLinear> merged(const at::Tensor& weight,
                                                     const at::Tensor& bias) const final;

protected:
    /// Base and adapter. rows: factors of D's rows, [out], or undefined.
    [[nodiscard]] virtual at::Tensor sum(const at::Tensor& x, const LinearBase& base, double scale,
                                         const at::Tensor& rows) const = 0;
    [[nodiscard]] virtual at::Tensor delta() const = 0; ///< D, [out, in]
    [[nodiscard]] virtual at::ScalarType dtype() const = 0;

private:
    [[nodiscard]] bool isOut() const;
    [[nodiscard]] at::Tensor keptRows(std::int64_t out, at::Device device) const;

    Setup m_setup;
};

/// A trained tensor of a site and how it starts.
struct LycorisTensor {
    std::string suffix; ///< of its name in files
    std::int64_t rows = 0;
    std::int64_t columns = 0;
    bool startsAtZero = false; ///< else Kaiming uniform
};

/// One of the two families with its own settings.
class LycorisFamily {
public:
    LycorisFamily() = default;
    LycorisFamily(const LycorisFamily&) = delete;
    LycorisFamily& operator=(const LycorisFamily&) = delete;
    virtual ~LycorisFamily() = default;

    [[nodiscard]] virtual std::vector<LycorisTensor> tensors(const Site& site, std::int64_t rank) const = 0;
    /// `tensors`: as tensors() lists them.
    [[nodiscard]] virtual std::shared_ptr<SiteAdapter> site(const Site& site, std::int64_t rank,
                                                            const std::vector<at::Tensor>& tensors,
                                                            LycorisSite::Setup setup) const = 0;
    /// Its own keys of adapter_config.json, peft_type among them.
    [[nodiscard]] virtual nlohmann::json settings() const = 0;
};

/// A method out of a family.
class LycorisMethod : public AdapterMethod {
public:
    [[nodiscard]] ParamSchema options() const override;
    [[nodiscard]] std::string sizeKey() const override { return "rank"; }
    [[nodiscard]] std::vector<Problem> check(const ModelSummary& model,
                                             const ParamValues& values) const override;
    [[nodiscard]] std::vector<Site> sites(const ModelSummary& model,
                                          const ParamValues& values) const override {
        return sitesOf(model, values);
    }
    [[nodiscard]] std::int64_t countParameters(const ModelSummary& model,
                                               const ParamValues& values) const override;
    [[nodiscard]] std::unique_ptr<Adapter> attach(LanguageModel& model, const ParamValues& values,
                                                  std::uint64_t seed) const override;
    [[nodiscard]] Result<std::unique_ptr<Adapter>> load(LanguageModel& model,
                                                        const PeftFolder& folder) const override;

protected:
    [[nodiscard]] virtual ParamSchema ownOptions() const { return {}; }
    [[nodiscard]] virtual std::unique_ptr<LycorisFamily> familyOf(const ParamValues& values) const = 0;
    [[nodiscard]] virtual std::unique_ptr<LycorisFamily> familyOf(const nlohmann::json& config) const = 0;
};

} // namespace lathe
