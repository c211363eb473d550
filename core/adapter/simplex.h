#pragma once

#include "core/adapter/adapter.h"
#include "core/adapter/simplex_coefficients.h"

#include <utility>

namespace lathe {

/// B texts, L layers, M vertices.

/// What makes a simplex of adapters, and what its files say of it.
struct SimplexSettings {
    CoefficientSettings coefficients;
    bool mixesHead = true;   ///< one head a vertex; else one for all
    double dropout = 0;      ///< on a mixed prefix and on what the head reads, while training
    double cosineWeight = 0; ///< of the regulariser in the loss
    std::string validation = "stochastic";
    std::int64_t passes = 10; ///< of validation
    std::uint64_t seed = 0;
    bool operator==(const SimplexSettings&) const = default;
};

/// A simplex of adapters, Falissard, Guigue and Soulier 2023 (arXiv:2310.15793), theirs of prefixes: M
/// adapters and M heads are trained together, so that every point between them does the task. While training
/// each text is read with a point drawn anew. All of a layer shares coefficients; the head has its own, and
/// one of several layers is mixed layer by layer. What the paper's abstract leaves open, and every carrier
/// but prefixes, is this project's choice.
///
/// Otherwise it is read at one point, the midpoint unless told otherwise. With one vertex it is the adapter
/// that carries it. Its files are those of the midpoint as such an adapter, and beside them the simplex.
class SimplexAdapter : public Adapter {
public:
    void beginStep(std::int64_t step) override;
    void endTraining() override;
    at::Tensor penalty() const override;
    void beforeUpdate(std::int64_t step) override;
    /// Heads of its own are there or not.
    bool canScale() const override { return m_head.empty() && Adapter::canScale(); }

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

    /// Coefficients of the head for the texts read last, [B or 1, M].
    [[nodiscard]] const at::Tensor& headCoefficients() const { return m_headCoefficients; }
    /// What the head reads, with dropout while training.
    [[nodiscard]] at::Tensor headInput(const at::Tensor& x) const;

protected:
    /// `filePrefix`: in front of the names of the head's weights in the adapter's file.
    SimplexAdapter(LanguageModel& model, const SimplexSettings& settings, std::string filePrefix);

    /// One vertex, or one head for all: the model's own, as beside any other adapter. Once, behind the other
    /// parameters.
    void addHead();
    /// Coefficients of so many texts that begin, [B or 1, L + 1, M]; the last slot is the head's.
    [[nodiscard]] at::Tensor nextCoefficients(std::int64_t texts);
    /// How often that was asked in this step.
    [[nodiscard]] std::int64_t passes() const { return m_passes; }
    /// Whether texts are read at points of their own now.
    [[nodiscard]] bool isDrawn() const;
    /// Where they are not, [M] fp64.
    [[nodiscard]] const at::Tensor& point() const { return m_point; }
    /// Told whenever either may be another.
    virtual void readingChanged() {}
    /// The trained numbers of two vertices, each in one tensor of the same shape.
    [[nodiscard]] virtual std::pair<at::Tensor, at::Tensor> twoVertices(std::int64_t one,
                                                                        std::int64_t other) const = 0;
    /// A parameter as the midpoint has it, by its name in the adapter's file.
    [[nodiscard]] NamedTensor atMidpoint(const NamedTensor& parameter) const;
    /// Parameters of the heads at the vertices, [M, …].
    [[nodiscard]] std::vector<NamedTensor> headVertices() const;

private:
    struct HeadLayer {
        std::string name;        // of the module
        at::Tensor weight, bias; // [M, out, in], [M, out] or undefined
    };
    [[nodiscard]] HeadLayer makeHeadLayer(const Site& site, bool hasBias);

    SimplexSettings m_settings;
    std::string m_filePrefix;
    std::vector<HeadLayer> m_head; // empty: the model's own is trained
    at::Tensor m_point;
    std::optional<std::uint64_t> m_stream;
    std::int64_t m_textsRead = 0; // of this step or stream
    std::int64_t m_passes = 0;
    at::Tensor m_headCoefficients;
    at::Tensor m_cosine;
};

/// Where the random numbers of a vertex come from; the first has the run's own seed, so that a single one
/// starts as the plain adapter does.
[[nodiscard]] std::uint64_t seedOfVertex(std::uint64_t seed, std::int64_t vertex);

/// The weights that do not belong to a head that tells labels apart.
[[nodiscard]] std::vector<TrainedWeight> withoutHead(std::vector<TrainedWeight> weights,
                                                     const ModelSummary& model);

} // namespace lathe
