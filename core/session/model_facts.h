#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace lathe {

/// A kind of place in a model where something may attach: one projection that each layer has.
struct ModelSite {
    std::string module; ///< "q_proj"
    std::int64_t count = 0;
    std::int64_t in = 0;
    std::int64_t out = 0;
};

/// Where one family of methods can attach.
struct AdapterPlaces {
    std::string method;               ///< "lora"
    std::string label;                ///< "LoRA"
    std::vector<std::string> modules; ///< empty: the model as a whole
};

/// What the files of a model say, without its weights being read.
struct ModelFacts {
    std::string family; ///< "llama"
    std::int64_t parameters = 0;
    std::string dtype;              ///< of the stored weights: "bfloat16"
    std::uintmax_t bytes = 0;       ///< of all files of the folder
    std::int64_t contextLength = 0; ///< tokens; 0: no limit
    std::int64_t layers = 0;
    std::int64_t hiddenSize = 0;
    std::int64_t heads = 0;
    std::int64_t keyValueHeads = 0;
    std::int64_t vocabularySize = 0;
    std::string tokenizer; ///< "BPE"; empty: none that can be read
    std::vector<ModelSite> sites;
    std::vector<AdapterPlaces> places;
    std::vector<std::string> notes; ///< what its configuration asks for and a training does differently
    std::string licence;            ///< "apache-2.0"; empty: not said
    std::string card;               ///< the first lines of its README, plain text
};

/// Blocks on the disk; called on pool threads. An error is the one sentence that is shown for the folder.
using ReadModelFacts = std::function<Result<ModelFacts>(const std::filesystem::path& folder)>;

} // namespace lathe
