#pragma once

#include "core/adapter/linear_bottleneck.h"
#include "core/adapter/site_simplex.h"

namespace lathe {

/// A simplex of bottlenecks at projections: Σ αᵢ Fᵢ(z) in place of F(z). The midpoint is one bottleneck M
/// times as wide with 1/M in its scaling, exactly, though no bottleneck of one vertex's width would do: each
/// channel of the middle passes the non-linearity alone.
class BottleneckSimplex final : public SiteSimplex {
public:
    /// `bottleneck` is that of the midpoint: the middles of all vertices together. Contract: a fixed scale;
    /// sizes are multiples of the number of vertices; the projections lie in layers.
    BottleneckSimplex(LanguageModel& model, const SimplexSettings& settings, BottleneckSettings bottleneck,
                      std::vector<LinearBottleneckPlace> places, LinearBottleneckFacts facts);

    /// The folder of the midpoint as LinearBottleneckAdapter::save() writes it, and beside it the simplex.
    Status save(const std::filesystem::path& folder, const AdapterOrigin& origin) const override;

private:
    friend Result<std::unique_ptr<Adapter>> loadBottleneckSimplex(LanguageModel& model,
                                                                  const PeftFolder& folder);
    [[nodiscard]] Bottleneck bottleneckAt(const LinearBottleneckPlace& place, std::uint32_t number);

    BottleneckSettings m_settings;
    std::vector<LinearBottleneckPlace> m_places;
    LinearBottleneckFacts m_facts;
};

/// What save() has left. Errors as AdapterMethod::load(); and where the vertices do not belong to the
/// folder's adapter.
[[nodiscard]] Result<std::unique_ptr<Adapter>> loadBottleneckSimplex(LanguageModel& model,
                                                                     const PeftFolder& folder);

} // namespace lathe
