#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lathe {

/// A token that is found in a text before the model splits the rest.
struct AddedToken {
    std::string content;
    std::optional<std::int64_t> id = {}; ///< none: the vocabulary's, or the next free one
    bool special = true;                 ///< decoding can leave it out
    bool lstrip = false;                 ///< takes the white space before it
    bool rstrip = false;
    bool singleWord = false;
    bool normalized = false; ///< looked for in the normalized text
};

/// What stands beside a vocabulary: tokenizer_config.json, special_tokens_map.json, added_tokens.json and the
/// model type of config.json.
struct TokenizerSettings {
    std::string tokenizerClass; ///< without "Fast"; empty where no file says it
    std::string modelType;
    /// The token of a role (bos_token, eos_token, unk_token, sep_token, pad_token, cls_token, mask_token); an
    /// empty content says that the model has none.
    std::map<std::string, AddedToken, std::less<>> roles;
    std::vector<AddedToken> added;        ///< with ids where a file gives them
    std::vector<AddedToken> extraSpecial; ///< special tokens without a role
    std::optional<bool> addBosToken, addEosToken, addPrefixSpace, legacy;
    std::optional<bool> doLowerCase, stripAccents, tokenizeChineseChars, splitSpecialTokens;
    std::vector<std::filesystem::path> files; ///< read

    /// The token of a role, `usual` where no file says it; empty where the model has none.
    [[nodiscard]] std::string nameOf(std::string_view role, std::string_view usual) const;
};

/// Reads the files that exist in `folder`; `config` is the content of tokenizer_config.json. Input error
/// naming the file that is not what it should be.
[[nodiscard]] Result<TokenizerSettings> readTokenizerSettings(const std::filesystem::path& folder,
                                                              const nlohmann::json& config);

/// What tokenizer_config.json changes in a tokenizer.json, as the crate's interface takes it.
[[nodiscard]] std::string settingsJson(const TokenizerSettings& settings);

/// {"content", "single_word", "lstrip", "rstrip", "normalized", "special"} and, where known, "id".
[[nodiscard]] nlohmann::json toJson(const AddedToken& token);

/// The object in a JSON file, an empty one where the file is missing; noted in `read` otherwise. Input error
/// where it is not an object.
[[nodiscard]] Result<nlohmann::json> readJsonObject(const std::filesystem::path& file,
                                                    std::vector<std::filesystem::path>& read);

} // namespace lathe
