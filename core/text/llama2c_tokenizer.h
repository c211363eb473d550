#pragma once

#include "core/base/result.h"
#include "core/text/tokenizer_settings.h"

#include <string>
#include <string_view>

namespace lathe {

/// llama2.c's tokenizer.bin as the text of a tokenizer.json: uint32 length of the longest token, then for
/// each token float32 score, uint32 length, bytes, with spaces for SentencePiece's ▁. Ids 1 and 2 become <s>
/// and
/// </s>, ids 3 to 258 are the bytes. Input error with `file` where it is cut or is not so.
[[nodiscard]] Result<std::string>
tokenizerOfLlama2c(std::string_view bytes, const TokenizerSettings& settings, const std::string& file);

} // namespace lathe
