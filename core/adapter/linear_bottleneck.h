#pragma once

#include "core/adapter/bottleneck_places.h"
#include "core/adapter/peft_folder.h"

namespace lathe {

/// One adapted projection.
struct LinearBottleneckPlace {
    Site site;
    LinearPlace place = LinearPlace::Beside;
};

/// What an adapter at projections says in its file besides what all bottlenecks share.
struct LinearBottleneckFacts {
    BottleneckMethod method = BottleneckMethod::AdapterH;
    std::vector<TrainedWeight> trained; ///< of the base, along with the adapter
    /// Keys of the file the adapter was read from, or what it says of these weights.
    std::shared_ptr<const nlohmann::json> kept;
};

/// trainedWeights() with the names of LLM-Adapters: there an adapted layer is the projection itself, so that
/// its bias keeps its name.
[[nodiscard]] std::vector<TrainedWeight> withPlainNames(std::vector<TrainedWeight> weights);

/// What goes into F at this place, and what comes out of it.
[[nodiscard]] std::int64_t widthInto(const LinearBottleneckPlace& place);
[[nodiscard]] std::int64_t widthOutOf(const LinearBottleneckPlace& place);
/// A projection with F; `context` outlives it, `number` tells its dropout masks from others'.
[[nodiscard]] std::shared_ptr<SiteAdapter> makeBottleneckSite(Bottleneck bottleneck, LinearPlace place,
                                                              double dropout, const AdapterContext& context,
                                                              std::uint32_t number);

/// Numbers of one adapter at this place.
[[nodiscard]] std::int64_t countOf(const BottleneckSettings& settings, const LinearBottleneckPlace& place);

/// Bottleneck adapters at projections as LLM-Adapters has them (Hu et al. 2023, arXiv:2304.01933): in series
/// before or behind one or beside it, see LinearPlace; F without biases, in fp32 whatever the base's dtype.
/// Dropout acts on the input of F. `strength` scales F.
class LinearBottleneckAdapter final : public Adapter {
public:
    LinearBottleneckAdapter(LanguageModel& model, BottleneckSettings settings,
                            std::vector<LinearBottleneckPlace> places, LinearBottleneckFacts facts,
                            std::uint64_t seed);

    /// The folder of LLM-Adapters, peft_type BOTTLENECK: adapter_model.bin, which its scripts read, and the
    /// same tensors as adapter_model.safetensors.
    [[nodiscard]] Status save(const std::filesystem::path& folder,
                              const AdapterOrigin& origin) const override;

private:
    [[nodiscard]] Bottleneck bottleneckAt(const LinearBottleneckPlace& place, Rng& rng);

    BottleneckSettings m_settings;
    std::vector<LinearBottleneckPlace> m_places;
    LinearBottleneckFacts m_facts;
};

/// Writes the folder that LinearBottleneckAdapter::save() describes.
[[nodiscard]] Status writeLinearBottleneck(const std::filesystem::path& folder, const AdapterOrigin& origin,
                                           const ModelSummary& model, const BottleneckSettings& settings,
                                           std::span<const LinearBottleneckPlace> places,
                                           const LinearBottleneckFacts& facts,
                                           const std::vector<NamedTensor>& tensors);

/// What a folder with the peft_type BOTTLENECK says of its adapter, without its tensors.
struct LinearBottleneckPlan {
    BottleneckSettings settings;
    std::vector<LinearBottleneckPlace> places;
    LinearBottleneckFacts facts;
};
/// Errors as loadLinearBottleneck().
[[nodiscard]] Result<LinearBottleneckPlan> readLinearBottleneck(const LanguageModel& model,
                                                                const PeftFolder& folder);

/// AdapterMethod::load() of a folder with the peft_type BOTTLENECK.
[[nodiscard]] Result<std::unique_ptr<Adapter>> loadLinearBottleneck(LanguageModel& model,
                                                                    const PeftFolder& folder);

} // namespace lathe
