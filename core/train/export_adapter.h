#pragma once

#include "core/base/result.h"

#include <filesystem>

namespace lathe {

/// Copies the tokenizer's files (tokenizer.json, tokenizer_config.json, chat_template.jinja, …) where they
/// exist. Io error if one cannot be copied.
[[nodiscard]] Status copyTokenizerFiles(const std::filesystem::path& from, const std::filesystem::path& to);

} // namespace lathe
