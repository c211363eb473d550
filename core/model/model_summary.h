#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lathe {

/// What a site is, and so what may attach there.
enum class SiteKind {
    Projection,        ///< y = W x + b
    Head,              ///< a projection of the head, which "all-linear" leaves out
    Embedding,         ///< the table of token vectors: in = vocabulary, out = width
    AttentionResidual, ///< where the attention's result joins the residual stream: in = out = width
    MlpResidual        ///< where the feed-forward part's does
};

/// A named place in a model where an adapter may attach.
struct Site {
    /// Dotted module path of the Hugging Face class: "model.layers.0.self_attn.q_proj". Residuals are no
    /// modules there; they are the block's path with ".attention_residual" or ".mlp_residual".
    std::string name;
    std::string module;     ///< its last part: "q_proj"
    std::int64_t layer = 0; ///< -1: before, behind or beside the layers
    std::int64_t in = 0;
    std::int64_t out = 0;
    bool isTransposed = false; ///< the checkpoint keeps W as [in, out] (GPT-2's Conv1D)
    SiteKind kind = SiteKind::Projection;
    bool isFeedForward = false; ///< belongs to the feed-forward part of its block
};

/// What a model answers with.
enum class HeadKind {
    None,                   ///< hidden states
    CausalLm,               ///< scores of the next token
    MaskedLm,               ///< scores of each token itself
    SequenceClassification, ///< scores of a text's labels
    TokenClassification     ///< scores of each token's labels
};

/// A tensor the architecture needs, with its name in the checkpoint and how it starts in an untrained model.
struct TensorSpec {
    enum class Init { Normal, Zero, One };
    std::string name;
    std::vector<std::int64_t> shape;
    Init init = Init::Normal;
    bool isHead = false; ///< belongs to the head, which a headless checkpoint lacks
    bool isNorm = false; ///< weight or bias of a LayerNorm or RMSNorm
};

/// What is known of a model from its config.json alone. Torch-free, so that forms and checks can use it.
struct ModelSummary {
    std::string architecture; ///< "llama"
    std::string basePrefix;   ///< of tensor names, left away by checkpoints of a headless class: "model."
    HeadKind head = HeadKind::CausalLm;
    std::int64_t outputs = 0; ///< of the head: vocabulary or labels
    bool isCausal = true;
    std::optional<std::int64_t> decoderStartId; ///< an encoder-decoder model, which starts writing with it
    std::int64_t hiddenSize = 0;
    std::int64_t layers = 0;
    std::int64_t heads = 0;
    std::int64_t keyValueHeads = 0;
    std::int64_t vocabularySize = 0;
    std::int64_t tokenTypes = 0; ///< 0: the model has none
    std::int64_t headSize = 0;
    std::int64_t maxPositions = 0; ///< 0: no limit
    /// With more tokens than this the keys of all of them turn differently (LongRope), and cached ones are
    /// void; 0: never.
    std::int64_t rereadBeyond = 0;
    std::optional<std::int64_t> padId;
    double initializerRange = 0.02;
    bool hasTiedHead = false;
    std::string storedDtype;          ///< "float32", "bfloat16", "float16"; as config.json says
    std::vector<std::int64_t> eosIds; ///< empty: not said
    bool takesVirtualTokens = true;   ///< prefixes and prompts have a place
    std::int64_t embeddingWidth = 0;  ///< of the token table; mostly the hidden size
    std::vector<Site> sites;
    std::vector<TensorSpec> tensors;
    std::int64_t parameters = 0;
    std::vector<std::string> notes; ///< what the configuration asks for and training does differently
};

/// Reads config.json of a Hugging Face folder, or the head of a llama2.c file. Input error: no such folder or
/// file, malformed JSON, an architecture or an option that is not supported (named, with the supported ones),
/// a size that cannot be.
[[nodiscard]] Result<ModelSummary> readModelSummary(const std::filesystem::path& folder);
/// The same from the text of a config.json; `where` names it in errors.
[[nodiscard]] Result<ModelSummary> parseModelSummary(std::string_view configJson, const std::string& where);

/// readModelSummary(), and the header of the weight file too: every tensor there, of the right shape, of a
/// floating dtype, the file complete. Reads no weights.
[[nodiscard]] Result<ModelSummary> checkModelFolder(const std::filesystem::path& folder);

/// The architectures config.json's model_type may name.
[[nodiscard]] std::vector<std::string> supportedArchitectures();

} // namespace lathe
