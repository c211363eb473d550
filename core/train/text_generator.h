#pragma once

#include "core/tasks/text_generator.h"

#include <filesystem>
#include <memory>
#include <string>

namespace lathe {

struct TextGeneratorOptions {
    std::string precision = "auto"; ///< "auto": float32 on the CPU, else as stored; or as scalarTypeFrom()
    std::string device = "auto";    ///< as deviceFrom()
};

/// Loads a model folder, and adapters onto it. Blocks; the answer belongs to the thread that uses it. Input
/// error for what loadModel(), AdapterShelf::choose(), the tokenizer or generation_config.json refuse, and
/// where the model does not predict the next token.
[[nodiscard]] Result<std::unique_ptr<TextGenerator>>
openTextGenerator(const std::filesystem::path& model, const AdapterMix& mix,
                  const TextGeneratorOptions& options = {});

} // namespace lathe
