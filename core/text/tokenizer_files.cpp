#include "core/text/tokenizer_files.h"

#include "core/base/files.h"

#include <nlohmann/json.hpp>

#include <array>
#include <utility>

namespace lathe {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

/// The token's role in tokenizer_config.json, and the names it has in published models, most specific first.
struct Role {
    const char* key;
    std::vector<std::string> usualNames;
};
const Role kBos{"bos_token", {"<s>", "<|begin_of_text|>", "<bos>", "<|startoftext|>", "<|endoftext|>"}};
const Role kEos{"eos_token", {"</s>", "<|end_of_text|>", "<eos>", "<|endoftext|>"}};
const Role kPad{"pad_token", {"<pad>", "[PAD]", "<|pad|>", "<|padding|>"}};

/// Older vocabularies, the most telling file first.
constexpr std::array<const char*, 6> kOlderFiles{"tokenizer.model", "spiece.model", "sentencepiece.bpe.model",
                                                 "vocab.json",      "vocab.txt",    "merges.txt"};

Error olderFormat(const fs::path& file) {
    return inputError(file.string(),
                      "is an older tokenizer format, and this version reads tokenizer.json only: save the "
                      "tokenizer again with a current transformers, which writes tokenizer.json");
}

bool isOlderFile(const fs::path& file) {
    const std::string name = file.filename().string();
    for (const char* older : kOlderFiles)
        if (name == older)
            return true;
    return file.extension() == ".model" || file.extension() == ".tiktoken" || file.extension() == ".txt";
}

Error missingTokenizer(const fs::path& folder) {
    for (const char* older : kOlderFiles)
        if (fs::exists(folder / older))
            return olderFormat(folder / older);
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored))
        if (entry.path().extension() == ".tiktoken")
            return olderFormat(entry.path());
    return inputError(folder.string(), "has no tokenizer.json: choose the folder that holds the model's "
                                       "config.json and tokenizer.json");
}

Result<fs::path> locate(const fs::path& path) {
    std::error_code ignored;
    if (!fs::exists(path, ignored))
        return inputError(path.string(), "does not exist: choose a tokenizer.json or a folder with one");
    if (!fs::is_directory(path, ignored)) {
        if (isOlderFile(path))
            return olderFormat(path);
        return path;
    }
    if (!fs::exists(path / "tokenizer.json", ignored))
        return missingTokenizer(path);
    return path / "tokenizer.json";
}

/// The object in a JSON file; an empty one, not noted in `read`, where the file is missing.
Result<json> readObject(const fs::path& file, std::vector<fs::path>& read) {
    std::error_code ignored;
    if (!fs::exists(file, ignored))
        return json::object();
    LATHE_ASSIGN(const std::string text, readFile(file));
    json content = json::parse(text, nullptr, false);
    if (content.is_discarded() || !content.is_object())
        return inputError(file.string(), "is not a JSON object: take the file from the model's publisher "
                                         "again, or remove it");
    read.push_back(file);
    return content;
}

/// A token is a string or an object {"content": string, …}; null says that the model has none.
Result<std::vector<std::string>> namesOf(const Role& role, const json& config, const fs::path& file) {
    const auto found = config.find(role.key);
    if (found == config.end())
        return role.usualNames;
    if (found->is_null())
        return std::vector<std::string>{};
    const json& name = found->is_object() && found->contains("content") ? (*found)["content"] : *found;
    if (!name.is_string())
        return inputError(file.string(), std::string(role.key) + " is neither a text, nor an object with "
                                                                 "content, nor null: correct it");
    return std::vector{name.get<std::string>()};
}

/// The template of tokenizer_config.json or chat_template.json: a string, or a list of named ones of which
/// "default" counts.
std::optional<std::string> templateIn(const json& config) {
    const auto found = config.find("chat_template");
    if (found == config.end())
        return std::nullopt;
    if (found->is_string())
        return found->get<std::string>();
    if (!found->is_array())
        return std::nullopt;
    for (const json& entry : *found)
        if (entry.is_object() && entry.value("name", "") == "default" && entry.contains("template") &&
            entry["template"].is_string())
            return entry["template"].get<std::string>();
    return std::nullopt;
}

} // namespace

TokenizerFiles onlyTokenizerJson(std::string tokenizerJson) {
    TokenizerFiles all;
    all.tokenizerJson = std::move(tokenizerJson);
    all.bosNames = kBos.usualNames;
    all.eosNames = kEos.usualNames;
    all.padNames = kPad.usualNames;
    return all;
}

Result<TokenizerFiles> readTokenizerFiles(const fs::path& path) {
    LATHE_ASSIGN(const fs::path tokenizerFile, locate(path));
    LATHE_ASSIGN(std::string tokenizerJson, readFile(tokenizerFile));
    TokenizerFiles all = onlyTokenizerJson(std::move(tokenizerJson));
    all.files.push_back(tokenizerFile);

    const fs::path folder = tokenizerFile.parent_path();
    const fs::path configFile = folder / "tokenizer_config.json";
    LATHE_ASSIGN(json config, readObject(configFile, all.files));
    // Before transformers 5 the special tokens could be in a file of their own.
    LATHE_ASSIGN(const json older, readObject(folder / "special_tokens_map.json", all.files));
    for (const Role* role : {&kBos, &kEos, &kPad})
        if (!config.contains(role->key) && older.contains(role->key))
            config[role->key] = older[role->key];
    LATHE_ASSIGN(all.bosNames, namesOf(kBos, config, configFile));
    LATHE_ASSIGN(all.eosNames, namesOf(kEos, config, configFile));
    LATHE_ASSIGN(all.padNames, namesOf(kPad, config, configFile));

    const fs::path templateFile = folder / "chat_template.jinja";
    if (std::error_code ignored; fs::exists(templateFile, ignored)) {
        LATHE_ASSIGN(all.chatTemplate, readFile(templateFile));
        all.files.push_back(templateFile);
    } else if (all.chatTemplate = templateIn(config); !all.chatTemplate) {
        LATHE_ASSIGN(const json legacy, readObject(folder / "chat_template.json", all.files));
        all.chatTemplate = templateIn(legacy);
    }
    return all;
}

} // namespace lathe
