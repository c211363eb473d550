#pragma once

#include "core/adapter/prompt_adapter.h"
#include "core/adapter/simplex.h"

namespace lathe {

/// B texts, L layers, M vertices, N virtual tokens, W numbers of one virtual token.

/// A simplex of prefixes; keys and values of a layer share coefficients.
class PrefixSimplex final : public SimplexAdapter {
public:
    /// `encoder`: of each vertex. `config`: as for PromptAdapter. `others`: weights of the model that are
    /// trained whole, the head's not among them. Contract: the model takes virtual tokens and has none.
    PrefixSimplex(LanguageModel& model, const SimplexSettings& settings,
                  std::unique_ptr<PromptEncoder> encoder, const nlohmann::json& config,
                  std::span<const TrainedWeight> others);

    Status save(const std::filesystem::path& folder, const AdapterOrigin& origin) const override;

    /// Vertices of plain tables start from these, [M, N, W].
    void startFrom(const at::Tensor& tables);
    /// The prefixes as the model would read each alone, [M, N, W].
    [[nodiscard]] at::Tensor vertices() const;

    /// For its parts: what stands in front of so many texts that begin.
    [[nodiscard]] VirtualTokens::Content nextContent(std::int64_t texts);

protected:
    std::pair<at::Tensor, at::Tensor> twoVertices(std::int64_t one, std::int64_t other) const override;

private:
    friend Result<std::unique_ptr<Adapter>> loadPrefixSimplex(LanguageModel& model, const PeftFolder& folder);

    void addVertices();
    [[nodiscard]] at::Tensor mixed(const at::Tensor& coefficients) const;
    [[nodiscard]] at::Tensor withDropout(const at::Tensor& mixed, std::int64_t texts) const;
    [[nodiscard]] std::vector<NamedTensor> midpointTensors() const;
    [[nodiscard]] std::vector<NamedTensor> vertexTensors() const;

    std::unique_ptr<PromptEncoder> m_encoder;
    std::shared_ptr<const nlohmann::json> m_config; // its type is only declared here
    std::int64_t m_tokens = 0;
    std::vector<at::Tensor> m_values; // of the encoders, [M, …]; with one vertex without M
};

/// A folder whose simplex.safetensors holds the vertices. Input error as loadPrompt(); and where these
/// tensors are not those that the folder's own prefix is the midpoint of.
[[nodiscard]] Result<std::unique_ptr<Adapter>> loadPrefixSimplex(LanguageModel& model,
                                                                 const PeftFolder& folder);

} // namespace lathe
