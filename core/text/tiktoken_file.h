#pragma once

#include "core/base/result.h"
#include "core/text/tokenizer_settings.h"

#include <string>
#include <string_view>

namespace lathe {

/// A tiktoken file (a line "base64 of the token's bytes, space, rank" a token; qwen.tiktoken, Llama 3's
/// original tokenizer.model) as the text of a tokenizer.json. Ranks are ids; the merges follow from them.
/// Qwen's kin, told by `file`, the class or the model type, gets its special tokens and pattern, others Llama
/// 3's pattern. Input error with `file` and the line that is malformed or gives a rank or a token a second
/// time.
[[nodiscard]] Result<std::string>
tokenizerOfTiktoken(std::string_view text, const TokenizerSettings& settings, const std::string& file);

/// Whether `text` begins as such a file does.
[[nodiscard]] bool looksLikeTiktoken(std::string_view text);

} // namespace lathe
