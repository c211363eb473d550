#pragma once

#include "core/base/result.h"
#include "core/text/tokenizer_settings.h"

#include <string>
#include <string_view>

namespace lathe {

/// vocab.txt of BERT's kin as the text of a tokenizer.json: a token a line, the line's number (from 0) its
/// id; of a token that stands twice the later counts. do_lower_case (default true), strip_accents and
/// tokenize_chinese_chars (default true) of the settings are kept to. Input error naming vocab.txt where it
/// is not UTF-8 or lacks [UNK], [CLS] or [SEP], or the tokenizer class where that is none of BERT's kin.
[[nodiscard]] Result<std::string> tokenizerOfVocabTxt(std::string_view vocabTxt,
                                                      const TokenizerSettings& settings);

} // namespace lathe
