#pragma once

#include "core/tasks/text_generator.h"

#include <filesystem>

namespace lathe {

/// What a model folder's generation_config.json says.
struct GenerationConfig {
    GenerationOptions options;        ///< where the file is silent, transformers' defaults
    std::vector<std::int64_t> eosIds; ///< any of them ends a text
};

/// Without the file: greedy. Sampling settings count only with "do_sample": true, as in transformers. Input
/// error where the file is not JSON or a value is of another kind or out of range (named).
[[nodiscard]] Result<GenerationConfig> readGenerationConfig(const std::filesystem::path& modelFolder);

/// Input error naming the first option that is out of range.
[[nodiscard]] Status checkGenerationOptions(const GenerationOptions& options);

} // namespace lathe
