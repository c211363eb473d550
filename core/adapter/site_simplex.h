#pragma once

#include "core/adapter/simplex.h"
#include "core/adapter/simplex_files.h"

#include <span>

namespace lathe {

/// B texts, T tokens, L layers, M vertices, R channels of a vertex.

/// A simplex of adapters whose path at a site leads through a few channels: LoRA's rank, a bottleneck's
/// middle. The vertices' channels lie side by side, M · R of them, and a point of the simplex weighs them:
/// Σ αᵢ Fᵢ(x) = 1/M · U (M α ⊙ channels). So all vertices cost one wider adapter, and the midpoint, where
/// all weights are 1, is such an adapter exactly, with 1/M in its scale.
class SiteSimplex : public SimplexAdapter {
public:
    /// Whether every channel weighs 1 now.
    [[nodiscard]] bool isEven() const { return !m_weights.defined(); }
    /// Channels [B, …, M · R], or [1, T, M · R] of texts side by side, each times its weight in this layer.
    [[nodiscard]] at::Tensor weighted(const at::Tensor& channels, std::int64_t layer) const;

    /// For its part that is told of the texts of a pass.
    void take(std::int64_t texts, std::span<const std::int64_t> lengths);

protected:
    /// Contract: the model takes virtual tokens and has none while points are drawn.
    SiteSimplex(LanguageModel& model, const SimplexSettings& settings);

    /// A parameter that holds the vertices' own side by side in this dimension.
    at::Tensor addVertices(std::string name, const std::vector<at::Tensor>& starts, std::int64_t dim);
    void readingChanged() override;
    std::pair<at::Tensor, at::Tensor> twoVertices(std::int64_t one, std::int64_t other) const override;

    /// The adapter of the midpoint, by the names of its file; sorted.
    [[nodiscard]] std::vector<NamedTensor> midpointTensors() const;
    /// The simplex beside it; nothing to write with one vertex.
    [[nodiscard]] Status saveVertices(const std::filesystem::path& folder) const;
    /// Takes over what save() has left. Input error as setParameters(); and where the vertices are not those
    /// that the folder's own adapter is the midpoint of.
    [[nodiscard]] Status fill(const PeftFolder& folder, const SimplexFiles& files) const;

private:
    struct Vertices {
        std::string name;
        at::Tensor all;
        std::int64_t dim = 0;
    };
    [[nodiscard]] std::vector<NamedTensor> vertexTensors() const;

    std::vector<Vertices> m_vertices;
    at::Tensor m_weights;             // [B or 1, L, M], or undefined
    at::Tensor m_textOf;              // [T] int64 where texts stand side by side, else undefined
    std::optional<Attachment> m_told; // while points are drawn
};

} // namespace lathe
