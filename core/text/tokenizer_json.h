#pragma once

#include "core/base/result.h"
#include "core/text/tokenizer_settings.h"

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Parts of a tokenizer.json, as the `tokenizers` crate reads it, to be put together from older files.
namespace lathe {

/// A token's text and its id.
using Vocabulary = std::map<std::string, std::int64_t, std::less<>>;
/// Pairs that become one token, the first the most urgent.
using Merges = std::vector<std::pair<std::string, std::string>>;

/// A place of a template: the text ("$A", of a pair "$A" and "$B") or a token.
struct TemplateItem {
    std::string token;
    int typeId = 0;
};

[[nodiscard]] bool isUtf8(std::string_view text);
/// "token", of a long one the beginning, as messages name it.
[[nodiscard]] std::string quotedToken(std::string_view token);
/// Each byte as the printable character by which byte-level vocabularies spell it (Radford et al. 2019).
[[nodiscard]] std::string byteLevelSpelling(std::string_view bytes);

[[nodiscard]] nlohmann::json bpeModel(const Merges& merges);
/// `usesPattern`: splits by GPT-2's own pattern first.
enum class ByteSplit { ByPattern, None };
[[nodiscard]] nlohmann::json byteLevelStage(ByteSplit split, bool addPrefixSpace);
[[nodiscard]] nlohmann::json regexSplitStage(std::string_view pattern);
/// {"type": "Sequence", `key`: steps}
[[nodiscard]] nlohmann::json sequenceStage(const char* key, nlohmann::json steps);
/// Null where a token is not in the vocabulary.
[[nodiscard]] nlohmann::json templateStage(const std::vector<TemplateItem>& single,
                                           const std::vector<TemplateItem>& pair, const Vocabulary& ids);
/// transformers' own: bos before and eos after each text where asked for; an empty name asks for none.
[[nodiscard]] nlohmann::json beginEndStage(const std::string& bos, const std::string& eos,
                                           const Vocabulary& ids);

/// The whole text. `stages`: an object with model, normalizer, pre_tokenizer, post_processor, decoder; the
/// vocabulary becomes the model's. Of `tokens`, those the vocabulary lacks need an id to be part of it. Input
/// error naming `file` where an id is taken.
[[nodiscard]] Result<std::string> tokenizerJson(nlohmann::json stages, Vocabulary vocabulary,
                                                std::vector<AddedToken> tokens, const std::string& file);

/// Added and special tokens of the settings, then the tokens of `usual` (special) that they do not name.
[[nodiscard]] std::vector<AddedToken> tokensOf(const TokenizerSettings& settings,
                                               const std::vector<std::string>& usual);

} // namespace lathe
