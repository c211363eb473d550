#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace lathe {

/// What a model folder says about its tokenizer.
struct TokenizerFiles {
    std::string tokenizerJson; ///< of the file, or put together from an older vocabulary
    std::string settingsJson;  ///< what tokenizer_config.json changes in it
    /// Of bos_token, eos_token …: the token's name or, where no file says it, the usual names.
    std::map<std::string, std::vector<std::string>> roleNames;
    std::map<std::string, std::string> chatTemplates; ///< by name; the model's own is "default"
    std::vector<std::filesystem::path> files;         ///< read, the vocabulary first
};

/// Of a tokenizer.json that no file stands beside.
[[nodiscard]] TokenizerFiles onlyTokenizerJson(std::string tokenizerJson);

/// `path`: a vocabulary, or a folder with one: tokenizer.json, vocab.json with merges.txt, a SentencePiece
/// model (tokenizer.model), vocab.txt, a tiktoken file or llama2.c's tokenizer.bin; the first of these
/// counts. Of a llama2.c model (any other .bin file) the folder it lies in. Input error naming the file that is
/// missing or broken.
[[nodiscard]] Result<TokenizerFiles> readTokenizerFiles(const std::filesystem::path& path);

} // namespace lathe
