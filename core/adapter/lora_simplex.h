#pragma once

#include "core/adapter/lora.h"
#include "core/adapter/site_simplex.h"

namespace lathe {

/// A simplex of LoRA adapters: y = W x + c + s Σ αᵢ Bᵢ Aᵢ dropout(x). The A of each vertex start
/// independently; all B are 0, so that at first every point is the base model, and the vertices part by their
/// A and by the points that are drawn. The midpoint is LoRA of rank M · R and the scale s / M.
class LoraSimplex final : public SiteSimplex {
public:
    /// `lora` and `places` are those of the midpoint: ranks of all vertices together. Contract: plain LoRA at
    /// projections in layers; ranks are multiples of the number of vertices.
    LoraSimplex(LanguageModel& model, const SimplexSettings& settings, LoraSettings lora,
                std::vector<LoraPlace> places);

    /// PEFT's folder of the midpoint, plain LoRA of rank M · R, and beside it the simplex.
    Status save(const std::filesystem::path& folder, const AdapterOrigin& origin) const override;

private:
    friend Result<std::unique_ptr<Adapter>> loadLoraSimplex(LanguageModel& model, const PeftFolder& folder);
    [[nodiscard]] LoraTensors makeTensors(const LoraPlace& place, std::size_t number);

    LoraSettings m_lora;
    std::vector<LoraPlace> m_places;
};

/// What save() has left. Errors as AdapterMethod::load(); and where the vertices do not belong to the
/// folder's adapter.
[[nodiscard]] Result<std::unique_ptr<Adapter>> loadLoraSimplex(LanguageModel& model,
                                                               const PeftFolder& folder);

} // namespace lathe
