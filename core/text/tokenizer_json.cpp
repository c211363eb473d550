#include "core/text/tokenizer_json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace lathe {

namespace {

using nlohmann::json;

std::string encodeUtf8(unsigned point) { // below U+0800
    if (point < 0x80)
        return std::string(1, static_cast<char>(point));
    return {static_cast<char>(0xC0 | (point >> 6)), static_cast<char>(0x80 | (point & 0x3F))};
}

bool isSpelledAsItself(unsigned byte) {
    return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
}

std::vector<std::string> byteLevelAlphabet() {
    std::vector<std::string> alphabet(256);
    unsigned next = 0x100;
    for (unsigned byte = 0; byte < 256; ++byte)
        alphabet[byte] = encodeUtf8(isSpelledAsItself(byte) ? byte : next++);
    return alphabet;
}

/// Gives each token its id, drops those that have none, sorts by id.
Status placeTokens(const Vocabulary& vocabulary, std::vector<AddedToken>& tokens, const std::string& file) {
    std::map<std::int64_t, std::string> names;
    for (const auto& [text, id] : vocabulary)
        names.emplace(id, text);
    std::vector<AddedToken> placed;
    std::set<std::string> seen;
    for (AddedToken& token : tokens) {
        if (const auto known = vocabulary.find(token.content); known != vocabulary.end())
            token.id = known->second;
        if (!token.id || token.content.empty() || !seen.insert(token.content).second)
            continue;
        const auto [taken, isFree] = names.emplace(*token.id, token.content);
        if (!isFree && taken->second != token.content)
            return inputError(file, "id " + std::to_string(*token.id) + " is both " +
                                        quotedToken(taken->second) + " and the added token " +
                                        quotedToken(token.content) +
                                        ": take the files from the model's publisher again");
        placed.push_back(std::move(token));
    }
    std::ranges::sort(placed, {}, [](const AddedToken& token) { return *token.id; });
    tokens = std::move(placed);
    return ok();
}

/// The crate numbers tokens that the model lacks from the model's size on. Where that gives other ids than
/// asked for, they become part of the model.
Status numberTokens(Vocabulary& vocabulary, const std::vector<AddedToken>& tokens, bool isList,
                    const std::string& file) {
    auto next = static_cast<std::int64_t>(vocabulary.size());
    bool isConsecutive =
        std::ranges::all_of(vocabulary, [&](const auto& entry) { return entry.second < next; });
    for (const AddedToken& token : tokens)
        if (!vocabulary.contains(token.content))
            isConsecutive = isConsecutive && *token.id == next++;
    if (isConsecutive)
        return ok();
    if (isList)
        return inputError(file, "the ids of the added tokens do not follow the " +
                                    std::to_string(vocabulary.size()) +
                                    " pieces without a gap: correct added_tokens.json or "
                                    "added_tokens_decoder in tokenizer_config.json");
    for (const AddedToken& token : tokens)
        vocabulary.emplace(token.content, *token.id);
    return ok();
}

json templateItems(const std::vector<TemplateItem>& items) {
    json result = json::array();
    for (const TemplateItem& item : items) {
        const bool isText = item.token == "$A" || item.token == "$B";
        const std::string name = isText ? item.token.substr(1) : item.token;
        result.push_back({{isText ? "Sequence" : "SpecialToken", {{"id", name}, {"type_id", item.typeId}}}});
    }
    return result;
}

} // namespace

bool isUtf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto lead = static_cast<unsigned char>(text[at]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        if (length == 0 || lead > 0xF4 || length > text.size() - at)
            return false;
        unsigned point = length == 1 ? lead : lead & (0xFFU >> (length + 1));
        for (std::size_t next = at + 1; next < at + length; ++next) {
            const auto byte = static_cast<unsigned char>(text[next]);
            if ((byte & 0xC0) != 0x80)
                return false;
            point = (point << 6) | (byte & 0x3F);
        }
        const bool isSurrogate = point >= 0xD800 && point < 0xE000;
        if (isSurrogate || (length == 3 && point < 0x800) ||
            (length == 4 && (point < 0x10000 || point > 0x10FFFF)))
            return false;
        at += length;
    }
    return true;
}

std::string quotedToken(std::string_view token) {
    constexpr std::size_t kLongest = 60;
    std::size_t size = std::min(token.size(), kLongest);
    while (size > 0 && size < token.size() && (static_cast<unsigned char>(token[size]) & 0xC0) == 0x80)
        --size;
    return '"' + std::string(token.substr(0, size)) + (size < token.size() ? "…\"" : "\"");
}

std::string byteLevelSpelling(std::string_view bytes) {
    static const std::vector<std::string> alphabet = byteLevelAlphabet();
    std::string spelling;
    for (const char byte : bytes)
        spelling += alphabet[static_cast<unsigned char>(byte)];
    return spelling;
}

json bpeModel(const Merges& merges) {
    return {{"type", "BPE"},
            {"dropout", nullptr},
            {"unk_token", nullptr},
            {"continuing_subword_prefix", nullptr},
            {"end_of_word_suffix", nullptr},
            {"fuse_unk", false},
            {"byte_fallback", false},
            {"ignore_merges", false},
            {"merges", merges}};
}

json byteLevelStage(ByteSplit split, bool addPrefixSpace) {
    return {{"type", "ByteLevel"},
            {"add_prefix_space", addPrefixSpace},
            {"trim_offsets", true},
            {"use_regex", split == ByteSplit::ByPattern}};
}

json regexSplitStage(std::string_view pattern) {
    return {
        {"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}, {"invert", false}};
}

json sequenceStage(const char* key, json steps) { return {{"type", "Sequence"}, {key, std::move(steps)}}; }

json templateStage(const std::vector<TemplateItem>& single, const std::vector<TemplateItem>& pair,
                   const Vocabulary& ids) {
    json special = json::object();
    for (const std::vector<TemplateItem>* items : {&single, &pair})
        for (const TemplateItem& item : *items) {
            if (item.token == "$A" || item.token == "$B")
                continue;
            const auto found = ids.find(item.token);
            if (found == ids.end())
                return nullptr;
            special[item.token] = {{"id", item.token}, {"ids", {found->second}}, {"tokens", {item.token}}};
        }
    return {{"type", "TemplateProcessing"},
            {"single", templateItems(single)},
            {"pair", templateItems(pair)},
            {"special_tokens", special}};
}

json beginEndStage(const std::string& bos, const std::string& eos, const Vocabulary& ids) {
    const auto around = [&](const char* text, int typeId) {
        std::vector<TemplateItem> items;
        if (!bos.empty())
            items.push_back({bos, typeId});
        items.push_back({text, typeId});
        if (!eos.empty())
            items.push_back({eos, typeId});
        return items;
    };
    const std::vector<TemplateItem> single = around("$A", 0);
    std::vector<TemplateItem> pair = single;
    std::ranges::copy(around("$B", 1), std::back_inserter(pair));
    return templateStage(single, pair, ids);
}

Result<std::string> tokenizerJson(json stages, Vocabulary vocabulary, std::vector<AddedToken> tokens,
                                  const std::string& file) {
    json& model = stages["model"];
    const bool isList = model.contains("vocab"); // Unigram's: the position is the id
    LATHE_TRY(placeTokens(vocabulary, tokens, file));
    LATHE_TRY(numberTokens(vocabulary, tokens, isList, file));
    if (!isList)
        model["vocab"] = std::move(vocabulary);
    json added = json::array();
    for (const AddedToken& token : tokens)
        added.push_back(toJson(token));
    stages["version"] = "1.0";
    stages["added_tokens"] = std::move(added);
    return stages.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::vector<AddedToken> tokensOf(const TokenizerSettings& settings, const std::vector<std::string>& usual) {
    std::vector<AddedToken> tokens;
    std::set<std::string> special(usual.begin(), usual.end());
    for (const auto& [role, token] : settings.roles)
        special.insert(token.content);
    for (const AddedToken& token : settings.extraSpecial)
        special.insert(token.content);
    for (const AddedToken& token : settings.added) {
        tokens.push_back(token);
        tokens.back().special = token.special || special.contains(token.content);
    }
    for (const auto& [role, token] : settings.roles)
        tokens.push_back(token);
    tokens.insert(tokens.end(), settings.extraSpecial.begin(), settings.extraSpecial.end());
    for (const std::string& name : usual)
        tokens.push_back({.content = name});
    return tokens;
}

} // namespace lathe
