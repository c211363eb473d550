#pragma once

#include "core/adapter/prompt_adapter.h"
#include "core/adapter/simplex_coefficients.h"

namespace lathe {

/// B texts, L layers, M vertices, N virtual tokens, W numbers of one virtual token, C labels.

/// What makes a simplex of prefixes, and what its files say of it.
struct SimplexSettings {
    CoefficientSettings coefficients;
    bool mixesHead = true;   ///< one head a vertex; else one for all
    double dropout = 0;      ///< on the mixed prefix and on what the head reads, while training
    double cosineWeight = 0; ///< of the regulariser in the loss
    std::string validation = "stochastic";
    std::int64_t passes = 10; ///< of validation
    std::uint64_t seed = 0;
    bool operator==(const SimplexSettings&) const = default;
};

/// A simplex of prefixes, Falissard, Guigue and Soulier 2023 (arXiv:2310.15793): M prefixes and M heads are
/// trained together, so that every point between them does the task. While training each text is read with
/// a point drawn anew. Keys and values of a layer share coefficients; the head has its own, and one of
/// several layers is mixed layer by layer. What the paper's abstract leaves open is this project's choice.
///
/// Otherwise it is read at one point, the midpoint unless told otherwise. With one vertex it is prefix
/// tuning. Its files are those of the midpoint as a prefix, and beside them the simplex.
class SimplexAdapter final : public Adapter {
public:
    /// `encoder`: of each vertex. `config`: as for PromptAdapter. `others`: weights of the model that are
    /// trained whole, the head's not among them. Contract: the model takes virtual tokens and has none.
    SimplexAdapter(LanguageModel& model, const SimplexSettings& settings,
                   std::unique_ptr<PromptEncoder> encoder, const nlohmann::json& config,
                   std::span<const TrainedWeight> others);

    void beginStep(std::int64_t step) override;
    at::Tensor penalty() const override;
    void beforeUpdate(std::int64_t step) override;
    Status save(const std::filesystem::path& folder, const AdapterOrigin& origin) const override;

    /// Vertices of plain tables start from these, [M, N, W].
    void startFrom(const at::Tensor& tables);
    /// The prefixes as the model would read each alone, [M, N, W].
    [[nodiscard]] at::Tensor vertices() const;
    [[nodiscard]] const SimplexSettings& settings() const { return m_settings; }
    [[nodiscard]] std::int64_t vertexCount() const { return m_settings.coefficients.vertices; }
    /// cos² of the pair of vertices of the last step, before its update; nothing with one vertex, or before
    /// the first step.
    [[nodiscard]] std::optional<double> cosine() const;

    /// From now on, outside of training, every text is read at this point. alpha: [M].
    void readAt(const std::vector<double>& alpha);
    void readAtMidpoint();
    void readAtVertex(std::int64_t vertex);
    /// Every text is read at a point of its own, drawn as in training; the same stream gives the same points
    /// to the same texts in the same order. `firstText`: how many of the stream's texts come before.
    void readDrawn(std::uint64_t stream, std::int64_t firstText = 0);

    /// For its parts: what stands in front of so many texts that begin.
    [[nodiscard]] VirtualTokens::Content nextContent(std::int64_t texts);
    /// Coefficients of the head for the texts of the last nextContent(), [B or 1, M].
    [[nodiscard]] const at::Tensor& headCoefficients() const { return m_headCoefficients; }
    /// What the head reads, with dropout while training.
    [[nodiscard]] at::Tensor headInput(const at::Tensor& x) const;

private:
    friend Result<std::unique_ptr<Adapter>> loadSimplex(LanguageModel& model, const PeftFolder& folder);

    struct HeadLayer {
        std::string name;        // of the module
        at::Tensor weight, bias; // [M, out, in], [M, out] or undefined
    };
    void addVertices();
    void addHead();
    [[nodiscard]] at::Tensor coefficientsFor(std::int64_t texts);
    [[nodiscard]] at::Tensor mixed(const at::Tensor& coefficients) const;
    [[nodiscard]] at::Tensor withDropout(const at::Tensor& mixed, std::int64_t texts) const;
    [[nodiscard]] std::vector<NamedTensor> midpointTensors() const;
    [[nodiscard]] std::vector<NamedTensor> vertexTensors() const;

    SimplexSettings m_settings;
    std::unique_ptr<PromptEncoder> m_encoder;
    std::shared_ptr<const nlohmann::json> m_config; // its type is only declared here
    std::int64_t m_tokens = 0;
    std::vector<at::Tensor> m_values; // of the encoders, [M, …]; with one vertex without M
    std::vector<HeadLayer> m_head;    // empty: the model's own is trained
    at::Tensor m_point;               // [M] fp64, where no stream is drawn from
    std::optional<std::uint64_t> m_stream;
    std::int64_t m_textsRead = 0; // of this step or stream
    std::int64_t m_passes = 0;    // through the model in this step
    at::Tensor m_headCoefficients;
    at::Tensor m_cosine;
};

/// Where the random numbers of a vertex come from; the first has the run's own seed, so that a single one
/// starts as a prefix does.
[[nodiscard]] std::uint64_t seedOfVertex(std::uint64_t seed, std::int64_t vertex);

/// The weights that do not belong to a head that tells labels apart.
[[nodiscard]] std::vector<TrainedWeight> withoutHead(std::vector<TrainedWeight> weights,
                                                     const ModelSummary& model);

/// A folder whose simplex.safetensors holds the vertices. Input error as loadPrompt(); and where these
/// tensors are not those that the folder's own prefix is the midpoint of.
[[nodiscard]] Result<std::unique_ptr<Adapter>> loadSimplex(LanguageModel& model, const PeftFolder& folder);
/// Whether there is such a file.
[[nodiscard]] bool holdsSimplex(const PeftFolder& folder);

} // namespace lathe
