#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lathe {

/// What a model folder says about its tokenizer.
struct TokenizerFiles {
    std::string tokenizerJson;
    std::vector<std::string> bosNames; ///< the token's name or, where no file says it, the usual names
    std::vector<std::string> eosNames;
    std::vector<std::string> padNames;
    std::optional<std::string> chatTemplate;
    std::vector<std::filesystem::path> files; ///< read, the tokenizer.json first
};

/// Of a tokenizer.json that no file stands beside.
[[nodiscard]] TokenizerFiles onlyTokenizerJson(std::string tokenizerJson);

/// `path`: a tokenizer.json, or a folder with one. Input error naming the file that is missing, broken, or of
/// an older kind (vocab.json, vocab.txt, tokenizer.model, *.tiktoken).
[[nodiscard]] Result<TokenizerFiles> readTokenizerFiles(const std::filesystem::path& path);

} // namespace lathe
