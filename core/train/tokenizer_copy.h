#pragma once

#include "core/base/result.h"

#include <filesystem>

namespace lathe {

/// Copies the tokenizer's files (tokenizer.json, tokenizer_config.json, chat_template.jinja, …) where they
/// exist. Io error if one cannot be copied.
[[nodiscard]] Status copyTokenizerFiles(const std::filesystem::path& from, const std::filesystem::path& to);

/// The same for a folder that other programs are to load: where the vocabulary is llama2.c's own, it becomes
/// a tokenizer.json. `model`: a model's folder, or a llama2.c file with its tokenizer beside it.
[[nodiscard]] Status exportTokenizer(const std::filesystem::path& model, const std::filesystem::path& to);

} // namespace lathe
