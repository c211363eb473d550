#include "core/text/tokenizer_files.h"

#include "core/base/files.h"
#include "core/text/byte_level_files.h"
#include "core/text/llama2c_tokenizer.h"
#include "core/text/sentencepiece_file.h"
#include "core/text/tiktoken_file.h"
#include "core/text/tokenizer_settings.h"
#include "core/text/wordpiece_file.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace lathe {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

enum class Format { TokenizerJson, VocabAndMerges, SentencePiece, WordPiece, Tiktoken, Llama2c };

struct Source {
    Format format;
    fs::path file;
};

/// The names that tokens of a role have in published models, most specific first.
const std::map<std::string, std::vector<std::string>> kUsualNames{
    {"bos_token", {"<s>", "<|begin_of_text|>", "<bos>", "<|startoftext|>", "<|endoftext|>"}},
    {"eos_token", {"</s>", "<|end_of_text|>", "<eos>", "<|endoftext|>"}},
    {"pad_token", {"<pad>", "[PAD]", "<|pad|>", "<|padding|>"}}};

std::vector<fs::path> filesWith(const fs::path& folder, std::string_view extension) {
    std::vector<fs::path> found;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored))
        if (entry.path().extension() == extension)
            found.push_back(entry.path());
    std::ranges::sort(found);
    return found;
}

Result<Source> locateIn(const fs::path& folder) {
    std::error_code ignored;
    const auto has = [&](const char* name) { return fs::exists(folder / name, ignored); };
    if (has("tokenizer.json"))
        return Source{Format::TokenizerJson, folder / "tokenizer.json"};
    if (has("vocab.json") && has("merges.txt"))
        return Source{Format::VocabAndMerges, folder / "vocab.json"};
    for (const char* name : {"tokenizer.model", "spiece.model", "sentencepiece.bpe.model"})
        if (has(name))
            return Source{Format::SentencePiece, folder / name};
    if (has("vocab.txt"))
        return Source{Format::WordPiece, folder / "vocab.txt"};
    if (has("tiktoken.model"))
        return Source{Format::Tiktoken, folder / "tiktoken.model"};
    if (const std::vector<fs::path> files = filesWith(folder, ".tiktoken"); !files.empty())
        return Source{Format::Tiktoken, files.front()};
    if (has("tokenizer.bin"))
        return Source{Format::Llama2c, folder / "tokenizer.bin"};
    if (has("vocab.json") || has("merges.txt"))
        return inputError(folder.string(),
                          has("vocab.json") ? "has vocab.json and lacks merges.txt: a byte-level vocabulary "
                                              "needs both, from the same model"
                                            : "has merges.txt and lacks vocab.json: a byte-level vocabulary "
                                              "needs both, from the same model");
    return inputError(folder.string(),
                      "has no tokenizer.json, nor an older vocabulary (vocab.json with merges.txt, "
                      "tokenizer.model, vocab.txt, a .tiktoken file, tokenizer.bin): choose the folder that "
                      "holds the model's config.json and tokenizer.json");
}

Result<Source> locate(const fs::path& path) {
    std::error_code ignored;
    if (!fs::exists(path, ignored))
        return inputError(path.string(), "does not exist: choose a tokenizer.json or a folder with one");
    if (fs::is_directory(path, ignored))
        return locateIn(path);
    const std::string name = path.filename().string();
    if (name == "vocab.json" || name == "merges.txt")
        return Source{Format::VocabAndMerges, path.parent_path() / "vocab.json"};
    if (path.extension() == ".model")
        return Source{name == "tiktoken.model" ? Format::Tiktoken : Format::SentencePiece, path};
    if (path.extension() == ".txt")
        return Source{Format::WordPiece, path};
    if (path.extension() == ".tiktoken")
        return Source{Format::Tiktoken, path};
    // llama2.c names its tokenizers tokenizer.bin, tok512.bin …; another .bin is a model, with its tokenizer
    // beside it.
    if (path.extension() == ".bin" && !name.starts_with("tok"))
        return locateIn(path.parent_path());
    if (path.extension() == ".bin")
        return Source{Format::Llama2c, path};
    return Source{Format::TokenizerJson, path};
}

Result<std::string> converted(Format format, const std::string& content, const std::string& merges,
                              const TokenizerSettings& settings, const std::string& file) {
    switch (format) {
    case Format::VocabAndMerges:
        return tokenizerOfVocabAndMerges(content, merges, settings);
    case Format::SentencePiece: // some publishers call a tiktoken file tokenizer.model
        return looksLikeTiktoken(content) ? tokenizerOfTiktoken(content, settings, file)
                                          : tokenizerOfSentencePiece(content, settings, file);
    case Format::WordPiece:
        return tokenizerOfVocabTxt(content, settings);
    case Format::Tiktoken:
        return tokenizerOfTiktoken(content, settings, file);
    case Format::Llama2c:
        return tokenizerOfLlama2c(content, settings, file);
    case Format::TokenizerJson:
        break;
    }
    return content;
}

Status readVocabulary(const Source& source, const TokenizerSettings& settings, TokenizerFiles& all) {
    LATHE_ASSIGN(const std::string content, readFile(source.file));
    all.files.push_back(source.file);
    std::string merges;
    if (source.format == Format::VocabAndMerges) {
        const fs::path file = source.file.parent_path() / "merges.txt";
        LATHE_ASSIGN(merges, readFile(file));
        all.files.push_back(file);
    }
    auto text = converted(source.format, content, merges, settings, source.file.filename().string());
    if (!text) {
        // The converters know names; a vocab.txt may have another one here.
        const bool isVocabulary = text.error().where == "vocab.txt";
        const fs::path file = isVocabulary ? source.file : source.file.parent_path() / text.error().where;
        return Error{text.error().kind, file.string(), text.error().message};
    }
    all.tokenizerJson = std::move(*text);
    return ok();
}

/// chat_template of tokenizer_config.json or chat_template.json: a text, or a list of named ones.
std::map<std::string, std::string> templatesIn(const json& config) {
    std::map<std::string, std::string> templates;
    const auto found = config.find("chat_template");
    if (found == config.end())
        return templates;
    if (found->is_string())
        templates["default"] = found->get<std::string>();
    if (!found->is_array())
        return templates;
    for (const json& entry : *found)
        if (entry.is_object() && entry.contains("name") && entry["name"].is_string() &&
            entry.contains("template") && entry["template"].is_string())
            templates[entry["name"].get<std::string>()] = entry["template"].get<std::string>();
    return templates;
}

/// Files of their own win over the configuration, all together.
Status readChatTemplates(const fs::path& folder, const json& config, TokenizerFiles& all) {
    std::map<std::string, fs::path> named;
    std::error_code ignored;
    for (const fs::path& file : filesWith(folder / "additional_chat_templates", ".jinja"))
        named[file.stem().string()] = file;
    if (const fs::path file = folder / "chat_template.jinja"; fs::exists(file, ignored))
        named["default"] = file;
    for (const auto& [name, file] : named) {
        LATHE_ASSIGN(all.chatTemplates[name], readFile(file));
        all.files.push_back(file);
    }
    if (all.chatTemplates.empty())
        all.chatTemplates = templatesIn(config);
    if (!all.chatTemplates.empty())
        return ok();
    LATHE_ASSIGN(const json legacy, readJsonObject(folder / "chat_template.json", all.files));
    all.chatTemplates = templatesIn(legacy);
    return ok();
}

} // namespace

TokenizerFiles onlyTokenizerJson(std::string tokenizerJson) {
    TokenizerFiles all;
    all.tokenizerJson = std::move(tokenizerJson);
    all.roleNames = kUsualNames;
    return all;
}

Result<TokenizerFiles> readTokenizerFiles(const fs::path& path) {
    LATHE_ASSIGN(const Source source, locate(path));
    const fs::path folder = source.file.parent_path();
    std::vector<fs::path> configFiles;
    LATHE_ASSIGN(const json config, readJsonObject(folder / "tokenizer_config.json", configFiles));
    LATHE_ASSIGN(const TokenizerSettings settings, readTokenizerSettings(folder, config));

    TokenizerFiles all = onlyTokenizerJson({});
    LATHE_TRY(readVocabulary(source, settings, all));
    all.files.insert(all.files.end(), configFiles.begin(), configFiles.end());
    all.files.insert(all.files.end(), settings.files.begin(), settings.files.end());
    all.settingsJson = settingsJson(settings);
    for (const auto& [role, token] : settings.roles)
        all.roleNames[role] = token.content.empty() ? std::vector<std::string>{} : std::vector{token.content};
    LATHE_TRY(readChatTemplates(folder, config, all));
    return all;
}

} // namespace lathe
