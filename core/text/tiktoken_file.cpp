#include "core/text/tiktoken_file.h"

#include "core/text/base64.h"
#include "core/text/byte_level_files.h"
#include "core/text/tokenizer_json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <limits>
#include <unordered_map>
#include <utility>

namespace lathe {

namespace {

using nlohmann::json;

constexpr std::uint32_t kLargestRank = 1 << 30;
/// The merges of a token take time with the square of its length; published ones stay below 200 bytes.
constexpr std::size_t kLongestToken = 1024;
constexpr int kQwenExtraTokens = 205; // of QWenTokenizer in Qwen 1

/// Bytes of a token → its rank. The keys are views into `tokens`, which must not move.
struct Ranks {
    std::vector<std::pair<std::uint32_t, std::string>> tokens; ///< sorted by rank
    std::unordered_map<std::string_view, std::uint32_t> of;
};

Error badLine(const std::string& file, std::size_t number, const std::string& what) {
    return inputError(file, "line " + std::to_string(number) + ' ' + what +
                                ": take the file from the model's publisher again");
}

Result<std::pair<std::uint32_t, std::string>> readLine(std::string_view line, const std::string& file,
                                                       std::size_t number) {
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos)
        return badLine(file, number, "is not a token in base64, a space and its rank");
    std::optional<std::string> token = fromBase64(line.substr(0, space));
    if (!token || token->empty())
        return badLine(file, number, "holds a token that is not base64");
    if (token->size() > kLongestToken)
        return badLine(file, number,
                       "holds a token of " + std::to_string(token->size()) + " bytes, more than " +
                           std::to_string(kLongestToken));
    const std::string_view digits = line.substr(space + 1);
    std::uint32_t rank = 0;
    const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), rank);
    if (fault != std::errc() || end != digits.data() + digits.size() || rank > kLargestRank)
        return badLine(file, number,
                       "holds a rank that is not a whole number from 0 to " + std::to_string(kLargestRank));
    return std::pair{rank, std::move(*token)};
}

Result<Ranks> readRanks(std::string_view text, const std::string& file) {
    Ranks ranks;
    std::unordered_map<std::uint32_t, std::size_t> lineOfRank;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (line.empty())
            continue;
        LATHE_ASSIGN(auto entry, readLine(line, file, number));
        if (const auto [first, isNew] = lineOfRank.emplace(entry.first, number); !isNew)
            return badLine(file, number,
                           "gives the rank " + std::to_string(entry.first) + " again, after line " +
                               std::to_string(first->second));
        ranks.tokens.push_back(std::move(entry));
    }
    if (ranks.tokens.empty())
        return inputError(file, "holds no token: take the file from the model's publisher again");
    std::ranges::sort(ranks.tokens);
    for (const auto& [rank, token] : ranks.tokens)
        if (const auto [first, isNew] = ranks.of.emplace(token, rank); !isNew)
            return inputError(file, "holds the same token at the ranks " + std::to_string(first->second) +
                                        " and " + std::to_string(rank) +
                                        ": take the file from the model's publisher again");
    return ranks;
}

/// The two parts that merging by rank leaves of a token just before it is whole; the whole token first where
/// it cannot be reached so.
std::pair<std::string_view, std::string_view> partsOf(std::string_view token, std::uint32_t rank,
                                                      const Ranks& ranks) {
    constexpr auto kNone = std::numeric_limits<std::uint32_t>::max();
    std::vector<std::size_t> starts(token.size() + 1);
    for (std::size_t at = 0; at <= token.size(); ++at)
        starts[at] = at;
    const auto rankOfPair = [&](std::size_t part) { // of the parts `part` and `part` + 1
        if (part + 2 >= starts.size())
            return kNone;
        const auto found = ranks.of.find(token.substr(starts[part], starts[part + 2] - starts[part]));
        return found == ranks.of.end() || found->second >= rank ? kNone : found->second;
    };
    std::vector<std::uint32_t> pairRanks(token.size());
    for (std::size_t part = 0; part < token.size(); ++part)
        pairRanks[part] = rankOfPair(part);
    while (starts.size() > 3) { // more than two parts
        const auto best = std::ranges::min_element(pairRanks);
        if (*best == kNone)
            return {token, {}};
        const auto part = static_cast<std::size_t>(best - pairRanks.begin());
        starts.erase(starts.begin() + static_cast<std::ptrdiff_t>(part) + 1);
        pairRanks.erase(pairRanks.begin() + static_cast<std::ptrdiff_t>(part) + 1);
        pairRanks[part] = rankOfPair(part);
        if (part > 0)
            pairRanks[part - 1] = rankOfPair(part - 1);
    }
    return {token.substr(0, starts[1]), token.substr(starts[1])};
}

Merges mergesOf(const Ranks& ranks) {
    Merges merges;
    for (const auto& [rank, token] : ranks.tokens) {
        if (token.size() == 1)
            continue;
        const auto [left, right] = partsOf(token, rank, ranks);
        if (!right.empty() && ranks.of.contains(left) && ranks.of.contains(right))
            merges.emplace_back(byteLevelSpelling(left), byteLevelSpelling(right));
    }
    return merges;
}

bool isQwen(const TokenizerSettings& settings, const std::string& file) {
    return file.find("qwen") != std::string::npos || settings.tokenizerClass == "QWenTokenizer" ||
           settings.modelType.starts_with("qwen");
}

std::vector<AddedToken> tokensFor(const TokenizerSettings& settings, bool qwen, std::int64_t next) {
    std::vector<AddedToken> tokens = tokensOf(settings, {});
    if (!qwen || !settings.added.empty())
        return tokens;
    std::vector<AddedToken> usual;
    for (const char* name : {"<|endoftext|>", "<|im_start|>", "<|im_end|>"})
        usual.push_back({.content = name, .id = next++});
    for (int number = 0; number < kQwenExtraTokens; ++number)
        usual.push_back({.content = "<|extra_" + std::to_string(number) + "|>", .id = next++});
    usual.insert(usual.end(), tokens.begin(), tokens.end());
    return usual;
}

} // namespace

bool looksLikeTiktoken(std::string_view text) {
    std::string_view line = text.substr(0, std::min(text.find('\n'), text.size()));
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    return readLine(line, "", 1).has_value();
}

Result<std::string> tokenizerOfTiktoken(std::string_view text, const TokenizerSettings& settings,
                                        const std::string& file) {
    LATHE_ASSIGN(const Ranks ranks, readRanks(text, file));
    const bool qwen = isQwen(settings, file);
    json model = bpeModel(mergesOf(ranks));
    model["ignore_merges"] = true; // tiktoken looks a whole word up first
    Vocabulary vocabulary;
    for (const auto& [rank, token] : ranks.tokens)
        vocabulary.emplace(byteLevelSpelling(token), rank);
    std::vector<AddedToken> tokens =
        tokensFor(settings, qwen, static_cast<std::int64_t>(ranks.tokens.back().first) + 1);
    Vocabulary ids;
    for (const AddedToken& token : tokens)
        if (token.id)
            ids.emplace(token.content, *token.id);
    const bool isGlm = settings.modelType == "glm" || settings.tokenizerClass == "ChatGLM4Tokenizer";
    json post =
        isGlm ? templateStage({{"[gMASK]"}, {"<sop>"}, {"$A"}}, {{"[gMASK]"}, {"<sop>"}, {"$A"}, {"$B"}}, ids)
              : beginEndStage(settings.addBosToken.value_or(ids.contains("<|begin_of_text|>"))
                                  ? settings.nameOf("bos_token", "<|begin_of_text|>")
                                  : "",
                              "", ids);
    json stages{{"model", std::move(model)},
                {"normalizer", qwen ? json{{"type", "NFC"}} : json()},
                {"pre_tokenizer",
                 sequenceStage("pretokenizers", {regexSplitStage(qwen ? kQwen2Pattern : kLlama3Pattern),
                                                 byteLevelStage(ByteSplit::None, false)})},
                {"post_processor", std::move(post)},
                {"decoder", byteLevelStage(ByteSplit::ByPattern, true)}};
    return tokenizerJson(std::move(stages), std::move(vocabulary), std::move(tokens), file);
}

} // namespace lathe
