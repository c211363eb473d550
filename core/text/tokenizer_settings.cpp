#include "core/text/tokenizer_settings.h"

#include "core/base/files.h"
#include "core/text/tokenizer_json.h"

#include <nlohmann/json.hpp>

#include <array>
#include <charconv>
#include <set>
#include <utility>

namespace lathe {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::array kRoles{"bos_token", "eos_token", "unk_token", "sep_token",
                            "pad_token", "cls_token", "mask_token"};
/// Far above any vocabulary, far below what overflows.
constexpr std::int64_t kLargestId = 1 << 30;

std::optional<bool> flagIn(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_boolean() ? std::optional(found->get<bool>()) : std::nullopt;
}

std::string textIn(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// A token is a text or an object {"content": text, …}.
std::optional<AddedToken> tokenIn(const json& value) {
    AddedToken token;
    if (value.is_string()) {
        token.content = value.get<std::string>();
        return token;
    }
    if (!value.is_object() || textIn(value, "content").empty())
        return std::nullopt;
    token.content = textIn(value, "content");
    token.special = flagIn(value, "special").value_or(true);
    token.lstrip = flagIn(value, "lstrip").value_or(false);
    token.rstrip = flagIn(value, "rstrip").value_or(false);
    token.singleWord = flagIn(value, "single_word").value_or(false);
    token.normalized = flagIn(value, "normalized").value_or(false);
    return token;
}

Status readRoles(const json& config, const fs::path& file, TokenizerSettings& settings) {
    for (const char* role : kRoles) {
        const auto found = config.find(role);
        if (found == config.end() || settings.roles.contains(role))
            continue;
        if (found->is_null()) {
            settings.roles[role] = {};
            continue;
        }
        const std::optional<AddedToken> token = tokenIn(*found);
        if (!token)
            return inputError(file.string(), std::string(role) + " is neither a text, nor an object with "
                                                                 "content, nor null: correct it");
        settings.roles[role] = *token;
        settings.roles[role].special = true;
    }
    return ok();
}

void readExtraSpecial(const json& config, TokenizerSettings& settings) {
    for (const char* key : {"additional_special_tokens", "extra_special_tokens"}) {
        const auto found = config.find(key);
        if (found == config.end() || !found->is_structured())
            continue;
        for (const json& value : *found) // a list, or an object of named ones
            if (std::optional<AddedToken> token = tokenIn(value)) {
                token->special = true;
                settings.extraSpecial.push_back(std::move(*token));
            }
    }
}

Error badId(const fs::path& file, const std::string& id, const std::string& content) {
    return inputError(file.string(), "gives the token " + quotedToken(content) + " the id " +
                                         quotedToken(id) + ", which is not a whole number from 0 to " +
                                         std::to_string(kLargestId) + ": correct it");
}

/// {"151643": {"content": "<|endoftext|>", …}}
Status readAddedTokensDecoder(const json& decoder, const fs::path& file, TokenizerSettings& settings) {
    if (!decoder.is_object())
        return inputError(file.string(), "added_tokens_decoder is not an object: correct it");
    for (const auto& [key, value] : decoder.items()) {
        std::optional<AddedToken> token = tokenIn(value);
        if (!token)
            return inputError(file.string(),
                              "added_tokens_decoder has no content for id " + key + ": add it");
        std::int64_t id = -1;
        const auto [end, fault] = std::from_chars(key.data(), key.data() + key.size(), id);
        if (fault != std::errc() || end != key.data() + key.size() || id < 0 || id > kLargestId)
            return badId(file, key, token->content);
        token->id = id;
        token->special = flagIn(value, "special").value_or(false);
        settings.added.push_back(std::move(*token));
    }
    return ok();
}

/// {"<|im_end|>": 151645}, before transformers 4.34. Tokens with a role are special, the others are found in
/// the normalized text.
Status readAddedTokens(const fs::path& folder, TokenizerSettings& settings) {
    const fs::path file = folder / "added_tokens.json";
    LATHE_ASSIGN(const json content, readJsonObject(file, settings.files));
    std::set<std::string> special;
    for (const auto& [role, token] : settings.roles)
        special.insert(token.content);
    for (const AddedToken& token : settings.extraSpecial)
        special.insert(token.content);
    for (const auto& [name, id] : content.items()) {
        if (!id.is_number_integer() || id.get<std::int64_t>() < 0 || id.get<std::int64_t>() > kLargestId)
            return badId(file, id.dump(), name);
        AddedToken token;
        token.content = name;
        token.id = id.get<std::int64_t>();
        token.special = special.contains(name);
        token.normalized = !token.special;
        settings.added.push_back(std::move(token));
    }
    return ok();
}

} // namespace

std::string TokenizerSettings::nameOf(std::string_view role, std::string_view usual) const {
    const auto found = roles.find(role);
    return found == roles.end() ? std::string(usual) : found->second.content;
}

Result<json> readJsonObject(const fs::path& file, std::vector<fs::path>& read) {
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

Result<TokenizerSettings> readTokenizerSettings(const fs::path& folder, const json& config) {
    TokenizerSettings settings;
    const fs::path configFile = folder / "tokenizer_config.json";
    settings.tokenizerClass = textIn(config, "tokenizer_class");
    if (settings.tokenizerClass.ends_with("Fast"))
        settings.tokenizerClass.resize(settings.tokenizerClass.size() - 4);
    LATHE_TRY(readRoles(config, configFile, settings));
    readExtraSpecial(config, settings);
    // Before transformers 5 the special tokens could be in a file of their own.
    const fs::path mapFile = folder / "special_tokens_map.json";
    LATHE_ASSIGN(const json older, readJsonObject(mapFile, settings.files));
    LATHE_TRY(readRoles(older, mapFile, settings));
    readExtraSpecial(older, settings);
    if (const auto decoder = config.find("added_tokens_decoder"); decoder != config.end())
        LATHE_TRY(readAddedTokensDecoder(*decoder, configFile, settings));
    else
        LATHE_TRY(readAddedTokens(folder, settings));

    settings.addBosToken = flagIn(config, "add_bos_token");
    settings.addEosToken = flagIn(config, "add_eos_token");
    settings.addPrefixSpace = flagIn(config, "add_prefix_space");
    settings.legacy = flagIn(config, "legacy");
    settings.doLowerCase = flagIn(config, "do_lower_case");
    settings.stripAccents = flagIn(config, "strip_accents");
    settings.tokenizeChineseChars = flagIn(config, "tokenize_chinese_chars");
    settings.splitSpecialTokens = flagIn(config, "split_special_tokens");
    std::vector<fs::path> notTheTokenizers;
    // A config.json that cannot be read is told when the model is loaded.
    if (const Result<json> model = readJsonObject(folder / "config.json", notTheTokenizers))
        settings.modelType = textIn(*model, "model_type");
    return settings;
}

json toJson(const AddedToken& token) {
    json result{{"content", token.content}, {"single_word", token.singleWord}, {"lstrip", token.lstrip},
                {"rstrip", token.rstrip},   {"normalized", token.normalized},  {"special", token.special}};
    if (token.id)
        result["id"] = *token.id;
    return result;
}

std::string settingsJson(const TokenizerSettings& settings) {
    json result = json::object();
    const auto put = [&result](const char* key, const std::optional<bool>& value) {
        if (value)
            result[key] = *value;
    };
    put("add_prefix_space", settings.addPrefixSpace);
    put("do_lower_case", settings.doLowerCase);
    put("strip_accents", settings.stripAccents);
    put("tokenize_chinese_chars", settings.tokenizeChineseChars);
    put("split_special_tokens", settings.splitSpecialTokens);
    std::map<std::int64_t, json> byId; // a new token gets the next id, so the order counts
    for (const AddedToken& token : settings.added)
        byId[token.id.value_or(kLargestId)] = toJson(token);
    for (auto& [id, token] : byId)
        result["added_tokens"].push_back(std::move(token));
    for (const auto& [role, token] : settings.roles)
        if (!token.content.empty())
            result["special_tokens"].push_back(toJson(token));
    for (const AddedToken& token : settings.extraSpecial)
        result["special_tokens"].push_back(toJson(token));
    return result.empty() ? std::string() : result.dump();
}

} // namespace lathe
