#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace lathe {

/// A named place in a model where an adapter may attach. So far all sites are linear projections y = W x.
struct Site {
    std::string name;   ///< dotted module path of the Hugging Face class: "model.layers.0.self_attn.q_proj"
    std::string module; ///< its last part: "q_proj"
    std::int64_t layer = 0;
    std::int64_t in = 0;
    std::int64_t out = 0;
};

/// A tensor the architecture needs, with its name in the checkpoint and how it starts in an untrained model.
struct TensorSpec {
    enum class Init { Normal, Zero, One };
    std::string name;
    std::vector<std::int64_t> shape;
    Init init = Init::Normal;
};

/// What is known of a model from its config.json alone. Torch-free, so that forms and checks can use it.
struct ModelSummary {
    std::string architecture; ///< "llama"
    std::int64_t hiddenSize = 0;
    std::int64_t layers = 0;
    std::int64_t heads = 0;
    std::int64_t keyValueHeads = 0;
    std::int64_t vocabularySize = 0;
    std::int64_t maxPositions = 0;
    double initializerRange = 0.02;
    bool hasTiedHead = false;
    std::string storedDtype;          ///< "float32", "bfloat16", "float16"; as config.json says
    std::vector<std::int64_t> eosIds; ///< empty: not said
    std::vector<Site> sites;
    std::vector<TensorSpec> tensors;
    std::int64_t parameters = 0;
};

/// Reads config.json of a Hugging Face folder. Input error: no such folder or file, malformed JSON, an
/// architecture or an option that is not supported (named, with the supported ones), a size that cannot be.
[[nodiscard]] Result<ModelSummary> readModelSummary(const std::filesystem::path& folder);
/// The same from the text of a config.json; `where` names it in errors.
[[nodiscard]] Result<ModelSummary> parseModelSummary(std::string_view configJson, const std::string& where);

/// readModelSummary(), and the header of the weight file too: every tensor there, of the right shape, of a
/// floating dtype, the file complete. Reads no weights.
[[nodiscard]] Result<ModelSummary> checkModelFolder(const std::filesystem::path& folder);

/// The architectures config.json's model_type may name.
[[nodiscard]] std::vector<std::string> supportedArchitectures();

} // namespace lathe
