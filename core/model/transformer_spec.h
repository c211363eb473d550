#pragma once

#include "core/model/model_summary.h"
#include "core/model/rope_spec.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lathe {

/// What a transformer consists of, in words that all architectures share. Each architecture describes itself
/// with them out of its config.json; TransformerModel computes what is described. Names are dotted module
/// paths of the Hugging Face class; a tensor's name is its module's with ".weight" or ".bias".

/// GeluTanh: Hendrycks and Gimpel 2016 (arXiv:1606.08415), the tanh form; Gelu: the erf form.
enum class Activation { Relu, Gelu, GeluTanh, QuickGelu, Silu, Tanh };

struct NormSpec {
    /// RmsPlusOne: RMSNorm whose stored weight is the factor less one.
    enum class Kind { Layer, Rms, RmsPlusOne };
    Kind kind = Kind::Layer;
    std::string name;
    std::int64_t size = 0;
    double eps = 1e-5;
    bool hasWeight = true; ///< and bias, where the kind has one
};

struct LinearSpec {
    std::string name;
    std::int64_t in = 0;
    std::int64_t out = 0;
    bool hasBias = true;
    bool isTransposed = false; ///< stored [in, out], as GPT-2's
};

struct AttentionSpec {
    /// Separate: one projection each for queries, keys and values. The others have one for all three, whose
    /// output is [all queries | all keys | all values] (Concatenated) or, for each key-value head, [its
    /// queries | key | value] (Grouped).
    enum class Inputs { Separate, Concatenated, Grouped };
    std::int64_t heads = 0;
    std::int64_t keyValueHeads = 0;
    std::int64_t headSize = 0;
    Inputs inputs = Inputs::Separate;
    std::vector<LinearSpec> projections; ///< q, k, v; or the one
    LinearSpec output;
    std::optional<NormSpec> queryNorm, keyNorm; ///< per head, before the rotation
    double scale = 1;                           ///< of the scores
    double softcap = 0;                         ///< scores become c·tanh(score / c); 0: off
    std::int64_t window = 0;                    ///< a token sees itself and the window - 1 before; 0: all
};

struct MlpSpec {
    /// Gate and up projection, or one whose output is [gate | up]; else one projection.
    std::vector<LinearSpec> inputs;
    bool isGated = false; ///< activation(gate) ⊙ up
    Activation activation = Activation::Gelu;
    LinearSpec output;
};

struct BlockSpec {
    /// a: attention, m: MLP, n: norms.
    enum class Order {
        PreNorm,  ///< x += a(n1 x); x += m(n2 x)
        PostNorm, ///< x = n1(x + a x); x = n2(x + m x)
        Parallel, ///< x += a(n1 x) + m(n2 x), where n2 may be n1
        Sandwich  ///< x += n1'(a(n1 x)); x += n2'(m(n2 x))
    };
    Order order = Order::PreNorm;
    NormSpec attentionNorm;
    std::optional<NormSpec> mlpNorm; ///< absent: that of the attention
    std::optional<NormSpec> afterAttention, afterMlp;
    bool hasNormedResidual = false; ///< PreNorm: the sums start from n1 x and n2 x, not from x
    AttentionSpec attention;
    MlpSpec mlp;
};

struct EmbeddingSpec {
    std::string tokens;
    std::int64_t width = 0; ///< of the token table; differs from the model's where `projection` is there
    double scale = 1;       ///< rounded to the compute dtype
    /// How a token's row in the table of learned positions is found where the caller gives no positions.
    enum class Counting { Index, Mask, Ids };
    std::string positions; ///< empty: no table
    std::int64_t positionRows = 0;
    std::int64_t positionOffset = 0; ///< added to a position to get its row
    Counting counting = Counting::Index;
    std::string types; ///< token types; empty: none
    std::int64_t typeRows = 0;
    std::optional<NormSpec> norm;
    std::optional<LinearSpec> projection;
};

/// Press et al. 2022 (arXiv:2108.12409): scores get slope × the key's position.
struct AlibiSpec {
    bool isRounded = false; ///< slopes and products rounded to bf16
    double scale = 1;
};

struct HeadSpec {
    enum class Pooling { None, FirstToken, LastToken };
    HeadKind kind = HeadKind::CausalLm;
    Pooling pooling = Pooling::None;
    /// Between the hidden states and the output.
    std::optional<LinearSpec> dense;
    std::optional<Activation> activation;
    std::optional<NormSpec> norm;
    LinearSpec output;
    bool isTied = false;  ///< the output's weight is the token table
    std::string biasName; ///< of the output, where it is not output.name + ".bias"
    double softcap = 0;
    double scale = 1;
};

struct ModelSpec {
    std::string family;
    std::string basePrefix; ///< that a headless class leaves away: "model."
    std::int64_t width = 0;
    std::int64_t vocabulary = 0;
    std::int64_t maxPositions = 0; ///< 0: no limit
    bool isCausal = true;
    std::optional<std::int64_t> padId;
    EmbeddingSpec embedding;
    std::optional<RopeSpec> rope;
    std::optional<AlibiSpec> alibi;
    std::vector<BlockSpec> blocks;
    std::optional<NormSpec> finalNorm;
    std::optional<LinearSpec> finalProjection;
    HeadSpec head;
    std::vector<std::string> notes;
};

/// Names of the residual sites, behind the path of their block.
inline constexpr const char* kAttentionResidual = ".attention_residual";
inline constexpr const char* kMlpResidual = ".mlp_residual";
/// "model.layers.0": what the names of a block's modules have in common.
[[nodiscard]] std::string blockPath(const BlockSpec& block);

/// Sites, tensors and figures of a described model.
[[nodiscard]] ModelSummary summaryOf(const ModelSpec& spec);

} // namespace lathe
