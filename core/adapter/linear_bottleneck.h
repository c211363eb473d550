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

/// AdapterMethod::load() of a folder with the peft_type BOTTLENECK.
[[nodiscard]] Result<std::unique_ptr<Adapter>> loadLinearBottleneck(LanguageModel& model,
                                                                    const PeftFolder& folder);

} // namespace lathe
