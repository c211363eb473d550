#pragma once

#include "core/base/result.h"
#include "core/text/tokenizer_settings.h"

#include <string>
#include <string_view>

namespace lathe {

/// vocab.json and merges.txt of GPT-2's kin (gpt2, gptj, gpt_neo, phi, roberta, bart, opt, gpt_neox, bloom,
/// qwen2, qwen3, llama 3) as the text of a tokenizer.json. The kin is told by the tokenizer class, else the
/// model type, else the special tokens in the vocabulary. Input error where none tells it, naming vocab.json
/// or merges.txt where they are malformed or do not fit together.
[[nodiscard]] Result<std::string> tokenizerOfVocabAndMerges(std::string_view vocabJson,
                                                            std::string_view mergesText,
                                                            const TokenizerSettings& settings);

/// How Llama 3 and Qwen 2 cut a text before its bytes are spelled.
inline constexpr std::string_view kLlama3Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|)"
    R"(\s*[\r\n]+|\s+(?!\S)|\s+)";
inline constexpr std::string_view kQwen2Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|)"
    R"(\s*[\r\n]+|\s+(?!\S)|\s+)";

} // namespace lathe
