#pragma once

#include "core/adapter/adapter_method.h"
#include "core/adapter/lora_site.h"
#include "core/adapter/lora_start.h"

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

namespace lathe {

/// What is the same at every site of a LoRA adapter.
struct LoraSettings {
    std::int64_t rank = 8; ///< of most sites
    double alpha = 16;     ///< of most sites
    double dropout = 0;
    bool isRankStabilized = false; ///< s = α / √R, Kalajdzievski 2023 (arXiv:2312.03732), instead of α / R
    bool isDora = false;
    bool hasBias = false;    ///< B has a bias
    bool keepsFirst = false; ///< A stays as it starts: LoRA-FA, Zhang et al. 2023 (arXiv:2308.03303)
    LoraInit init = LoraInit::Plain;
    std::int64_t iterations = 16; ///< of FastPissa
    double evaRho = 2; ///< Eva's largest rank is this many times the given one; 1: no redistribution
    /// LoRA+, Hayou et al. 2024 (arXiv:2402.12354): learning rate of B and of vectors over that of A; 1: off.
    double plusRatio = 1;
    double plusEmbeddingFactor = 1e-3; ///< learning rate of embeddings over the recipe's, with LoRA+
    std::string bias = "none";         ///< as PEFT says it
    std::vector<std::string> modulesToSave;

    [[nodiscard]] double scaleOf(std::int64_t siteRank, double siteAlpha) const;
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
    /// Fresh from the seed. `trained`: the model's own weights that are trained along; `kept`: settings of
    /// the file the adapter comes from. Contract: the sites are the model's.
    LoraAdapter(LanguageModel& model, LoraSettings settings, std::vector<LoraPlace> places,
                std::vector<TrainedWeight> trained, std::uint64_t seed,
                std::shared_ptr<const nlohmann::json> kept = nullptr);

    [[nodiscard]] std::vector<ParameterGroup> groups() const override;
    [[nodiscard]] bool wantsCalibration() const override;
    /// Eva's start, from the inputs of the sites; ranks move to where they explain most. Sites that get none
    /// are left out.
    void calibrate(const NextCalibrationBatch& next) override;
    void beginTraining(std::int64_t totalSteps) override;
    /// With A kept, makes B's gradient that of the best fit to the whole weight's: g (A Aᵀ)⁻¹ / s².
    void beforeUpdate(std::int64_t step) override;
    /// A of every site where it is kept, by its name in the file.
    [[nodiscard]] std::vector<NamedTensor> keptTensors() const;
    /// PiSSA and OLoRA as plain LoRA of twice the rank, [A; A₀] and [B, -B₀], which belongs on the model as
    /// it is.
    [[nodiscard]] Status save(const std::filesystem::path& folder,
                              const AdapterOrigin& origin) const override;

    /// One adapted site and its tensors; its number for dropout masks is its place in built().
    struct Built {
        LoraPlace place;
        LoraTensors tensors;
    };
    [[nodiscard]] const std::vector<Built>& built() const { return m_built; }
    /// What its sites share.
    [[nodiscard]] const AdapterContext& shared() const { return context(); }

private:
    /// Makes the parts of all places; `directions` by place replace the start of A where defined.
    void build(const std::vector<at::Tensor>& directions);
    [[nodiscard]] LoraTensors makeTensors(const LoraPlace& place, std::size_t number,
                                          const at::Tensor& directions);
    [[nodiscard]] std::vector<NamedTensor> fileTensors() const;

    LoraSettings m_settings;
    std::vector<LoraPlace> m_asked; ///< as given; calibration may change what becomes of them
    std::vector<Built> m_built;
    std::vector<TrainedWeight> m_trained;
    std::uint64_t m_seed;
    std::shared_ptr<const nlohmann::json> m_kept; // shared: its type is only declared here
    std::vector<LoraPlace> m_places;
    std::vector<at::Tensor> m_inverses; ///< (A Aᵀ)⁻¹ / s² by place, where A is kept
};

/// The settings of a LoRA adapter as PEFT writes them. `places` as they are in the file.
[[nodiscard]] nlohmann::json loraConfig(const LoraSettings& settings, const std::vector<LoraPlace>& places,
                                        const ModelSummary& model);

/// Attaches what a folder holds: plain LoRA, PiSSA or OLoRA on the reduced weight ("raw"), or the layout of
/// the older fused query-key-value path, which becomes plain LoRA of more rank. Errors as
/// AdapterMethod::load().
[[nodiscard]] Result<std::unique_ptr<Adapter>> loadLora(LanguageModel& model, const PeftFolder& folder);

} // namespace lathe
