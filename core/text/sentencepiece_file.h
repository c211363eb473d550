#pragma once

#include "core/base/result.h"
#include "core/text/sentencepiece_model.h"
#include "core/text/tokenizer_settings.h"

#include <string>
#include <string_view>

namespace lathe {

/// A SentencePiece model (tokenizer.model) of LLaMA, Mistral, Gemma, ChatGLM, T5 and models like them as the
/// text of a tokenizer.json: BPE from the pieces' scores, or Unigram. Input error with `file` where it is
/// malformed, is of another type, or belongs to a class that numbers the pieces in its own way.
[[nodiscard]] Result<std::string>
tokenizerOfSentencePiece(std::string_view bytes, const TokenizerSettings& settings, const std::string& file);

/// The same of a vocabulary that was read already.
[[nodiscard]] Result<std::string> tokenizerOfPieces(const SentencePieceModel& model,
                                                    const TokenizerSettings& settings,
                                                    const std::string& file);

} // namespace lathe
