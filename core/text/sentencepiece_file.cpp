#include "core/text/sentencepiece_file.h"

#include "core/text/base64.h"
#include "core/text/tokenizer_json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace lathe {

namespace {

using nlohmann::json;
using Kind = SentencePieceModel::Kind;
using Type = SentencePieceModel::Type;

constexpr const char* kSpaceMark = "\u2581"; // ▁
/// Merges are looked for at each character of a piece, so a piece has a limit; trained ones stay below 100.
constexpr std::size_t kLongestPiece = 1024;
constexpr int kT5ExtraTokens = 100;

/// Classes of transformers that use the ids of the file as they are.
constexpr std::array<std::string_view, 11> kClasses{"",
                                                    "PreTrainedTokenizer",
                                                    "TokenizersBackend",
                                                    "LlamaTokenizer",
                                                    "CodeLlamaTokenizer",
                                                    "GemmaTokenizer",
                                                    "T5Tokenizer",
                                                    "ChatGLMTokenizer",
                                                    "InternLMTokenizer",
                                                    "InternLM2Tokenizer",
                                                    "BaichuanTokenizer"};
/// Model types whose class numbers them anew.
constexpr std::array<std::string_view, 12> kOtherModels{
    "albert",     "xlm-roberta", "xlm-roberta-xl", "camembert", "xlnet",   "mbart",
    "deberta-v2", "big_bird",    "rembert",        "pegasus",   "m2m_100", "marian"};

enum class Family { Llama, Gemma, Glm, T5, Plain };

Result<Family> familyOf(const SentencePieceModel& model, const TokenizerSettings& settings) {
    const std::string& name = settings.tokenizerClass;
    if (std::ranges::count(kClasses, name) == 0)
        return inputError("tokenizer_config.json",
                          "names the tokenizer class " + name +
                              ", which numbers SentencePiece's tokens in a way that is "
                              "not known: add a tokenizer.json");
    if (name.empty() && std::ranges::count(kOtherModels, settings.modelType) > 0)
        return inputError("config.json",
                          "names the model type " + settings.modelType +
                              ", which numbers SentencePiece's tokens in a way that is not known: "
                              "add a tokenizer.json");
    if (name == "GemmaTokenizer" || settings.modelType.starts_with("gemma"))
        return Family::Gemma;
    if (name == "ChatGLMTokenizer" || settings.modelType == "chatglm")
        return Family::Glm;
    if (name == "T5Tokenizer" || settings.modelType == "t5" || settings.modelType == "mt5")
        return Family::T5;
    return model.type == Type::Bpe ? Family::Llama : Family::Plain;
}

Result<Vocabulary> vocabularyOf(const SentencePieceModel& model, const std::string& file) {
    Vocabulary vocabulary;
    for (std::size_t id = 0; id < model.pieces.size(); ++id)
        if (const auto [first, isNew] = vocabulary.emplace(model.pieces[id].text, id); !isNew)
            return inputError(file, "piece " + std::to_string(id) + " is the same as piece " +
                                        std::to_string(first->second) + " (" + quotedToken(first->first) +
                                        "): take the file from the model's publisher again");
    return vocabulary;
}

bool isMergeable(const SentencePieceModel::Piece& piece) {
    return piece.kind == Kind::Normal || piece.kind == Kind::UserDefined;
}

/// SentencePiece joins the neighbours whose union has the highest score. A list of merges says the same, with
/// each way to cut a piece into two others.
Result<Merges> mergesOf(const SentencePieceModel& model, const Vocabulary& vocabulary,
                        const std::string& file) {
    std::vector<std::tuple<float, std::int64_t, std::int64_t>> ranked; // minus the score, ids of both parts
    for (std::size_t id = 0; id < model.pieces.size(); ++id) {
        const SentencePieceModel::Piece& piece = model.pieces[id];
        if (piece.kind != Kind::Normal)
            continue;
        if (piece.text.size() > kLongestPiece)
            return inputError(file, "piece " + std::to_string(id) + " has " +
                                        std::to_string(piece.text.size()) + " bytes, more than " +
                                        std::to_string(kLongestPiece) +
                                        ": take the file from the model's publisher again");
        const std::string_view text = piece.text;
        for (std::size_t cut = 1; cut < text.size(); ++cut) {
            const auto left = vocabulary.find(text.substr(0, cut)); // a cut in a character finds nothing
            const auto right = left == vocabulary.end() ? left : vocabulary.find(text.substr(cut));
            if (right != vocabulary.end() &&
                isMergeable(model.pieces[static_cast<std::size_t>(left->second)]) &&
                isMergeable(model.pieces[static_cast<std::size_t>(right->second)]))
                ranked.emplace_back(-piece.score, left->second, right->second);
        }
    }
    std::ranges::stable_sort(ranked);
    Merges merges;
    merges.reserve(ranked.size());
    for (const auto& [score, left, right] : ranked)
        merges.emplace_back(model.pieces[static_cast<std::size_t>(left)].text,
                            model.pieces[static_cast<std::size_t>(right)].text);
    return merges;
}

std::string nameOfKind(const SentencePieceModel& model, Kind kind) {
    const auto found = std::ranges::find(model.pieces, kind, &SentencePieceModel::Piece::kind);
    return found == model.pieces.end() ? std::string() : found->text;
}

Result<json> unigramModel(const SentencePieceModel& model, const Vocabulary& vocabulary,
                          const std::string& file) {
    const std::string unknown = nameOfKind(model, Kind::Unknown);
    if (unknown.empty())
        return inputError(file,
                          "has no piece for unknown characters: take the file from the model's publisher "
                          "again");
    json pieces = json::array();
    for (const SentencePieceModel::Piece& piece : model.pieces)
        pieces.push_back({piece.text, piece.score});
    return json{{"type", "Unigram"},
                {"unk_id", vocabulary.at(unknown)},
                {"vocab", std::move(pieces)},
                {"byte_fallback", model.hasByteFallback}};
}

Result<json> bpeModelOf(const SentencePieceModel& model, const Vocabulary& vocabulary,
                        const std::string& file) {
    LATHE_ASSIGN(const Merges merges, mergesOf(model, vocabulary, file));
    json result = bpeModel(merges);
    if (const std::string unknown = nameOfKind(model, Kind::Unknown); !unknown.empty())
        result["unk_token"] = unknown;
    result["fuse_unk"] = true;
    result["byte_fallback"] = model.hasByteFallback;
    return result;
}

json replaceStep(json pattern, const char* content) {
    return {{"type", "Replace"}, {"pattern", std::move(pattern)}, {"content", content}};
}

/// How the space in front of a text comes about. A trained model sees it before every text, also before one
/// that begins with a space, and the published tokenizer.json files give one to each part between special
/// tokens. Metaspace (`legacy` false, and Unigram) gives it where there is none yet.
enum class Prefix { None, Prepended, MetaspaceFirst, MetaspaceAlways };

Prefix prefixOf(const SentencePieceModel& model, const TokenizerSettings& settings, Family family) {
    if (family == Family::Gemma || !settings.addPrefixSpace.value_or(model.addsDummyPrefix))
        return Prefix::None;
    const bool isLegacy = settings.legacy.value_or(true);
    if (model.type == Type::Unigram)
        return isLegacy ? Prefix::MetaspaceAlways : Prefix::MetaspaceFirst;
    return isLegacy ? Prefix::Prepended : Prefix::MetaspaceFirst;
}

json normalizer(const SentencePieceModel& model, Prefix prefix) {
    json steps = json::array();
    if (!model.charsMap.empty())
        steps.push_back({{"type", "Precompiled"}, {"precompiled_charsmap", toBase64(model.charsMap)}});
    if (model.removesExtraSpaces && model.type == Type::Unigram) {
        steps.push_back({{"type", "Strip"}, {"strip_left", false}, {"strip_right", true}});
        steps.push_back(replaceStep({{"Regex", " {2,}"}}, kSpaceMark));
        return sequenceStage("normalizers", std::move(steps));
    }
    if (model.removesExtraSpaces) {
        steps.push_back({{"type", "Strip"}, {"strip_left", true}, {"strip_right", true}});
        steps.push_back(replaceStep({{"Regex", " {2,}"}}, " "));
    }
    if (prefix == Prefix::Prepended)
        steps.push_back({{"type", "Prepend"}, {"prepend", kSpaceMark}});
    steps.push_back(replaceStep({{"String", " "}}, kSpaceMark));
    return sequenceStage("normalizers", std::move(steps));
}

json metaspace(const char* scheme, bool splits) {
    return {
        {"type", "Metaspace"}, {"replacement", kSpaceMark}, {"prepend_scheme", scheme}, {"split", splits}};
}

json preTokenizer(const SentencePieceModel& model, Prefix prefix, Family family) {
    if (family == Family::Gemma)
        return {{"type", "Split"},
                {"pattern", {{"String", " "}}},
                {"behavior", "MergedWithPrevious"},
                {"invert", false}};
    switch (prefix) {
    case Prefix::MetaspaceAlways:
        return metaspace("always", model.type == Type::Unigram);
    case Prefix::MetaspaceFirst:
        return metaspace("first", model.type == Type::Unigram);
    case Prefix::None:
        return model.type == Type::Unigram ? metaspace("never", true) : json();
    case Prefix::Prepended:
        break;
    }
    return json();
}

json decoder(const SentencePieceModel& model, Prefix prefix) {
    json steps = json::array({replaceStep({{"String", kSpaceMark}}, " ")});
    if (model.hasByteFallback)
        steps.push_back({{"type", "ByteFallback"}});
    steps.push_back({{"type", "Fuse"}});
    if (prefix != Prefix::None)
        steps.push_back({{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}});
    return sequenceStage("decoders", std::move(steps));
}

std::vector<AddedToken> tokensFor(const SentencePieceModel& model, const TokenizerSettings& settings,
                                  Family family) {
    std::vector<AddedToken> tokens = tokensOf(settings, {});
    for (const SentencePieceModel::Piece& piece : model.pieces) {
        const bool isSpecial = piece.kind == Kind::Control || piece.kind == Kind::Unknown;
        if (isSpecial || piece.kind == Kind::UserDefined)
            tokens.push_back({.content = piece.text, .special = isSpecial});
    }
    if (!settings.added.empty())
        return tokens;
    auto next = static_cast<std::int64_t>(model.pieces.size());
    if (family == Family::T5)
        for (int number = kT5ExtraTokens - 1; number >= 0; --number)
            tokens.insert(tokens.begin(),
                          {.content = "<extra_id_" + std::to_string(number) + '>', .id = next++});
    if (family == Family::Glm)
        for (const char* name : {"[MASK]", "[gMASK]", "[sMASK]", "sop", "eop"})
            tokens.insert(tokens.begin(), {.content = name, .id = next++});
    return tokens;
}

Result<json> postProcessor(const TokenizerSettings& settings, Family family, const Vocabulary& ids,
                           const std::string& file) {
    if (family == Family::Glm && ids.contains("[gMASK]") && ids.contains("sop"))
        return templateStage({{"[gMASK]"}, {"sop"}, {"$A"}}, {{"[gMASK]"}, {"sop"}, {"$A"}, {"$B"}}, ids);
    const bool addsBos = settings.addBosToken.value_or(family == Family::Llama || family == Family::Gemma);
    const bool addsEos = settings.addEosToken.value_or(family == Family::T5);
    const bool isGemma = family == Family::Gemma;
    std::string bos = addsBos ? settings.nameOf("bos_token", isGemma ? "<bos>" : "<s>") : "";
    std::string eos = addsEos ? settings.nameOf("eos_token", isGemma ? "<eos>" : "</s>") : "";
    if (!settings.addBosToken && !ids.contains(bos))
        bos.clear(); // the file has no such token and nobody asked for one
    for (const std::string& token : {bos, eos})
        if (!token.empty() && !ids.contains(token))
            return inputError(file, "lacks the token " + quotedToken(token) +
                                        " that frames every text: take the files from the same model");
    return bos.empty() && eos.empty() ? json() : beginEndStage(bos, eos, ids);
}

} // namespace

Result<std::string> tokenizerOfPieces(const SentencePieceModel& model, const TokenizerSettings& settings,
                                      const std::string& file) {
    if (model.type != Type::Unigram && model.type != Type::Bpe)
        return inputError(file,
                          "was trained as a word or character vocabulary, and SentencePiece models are read "
                          "as BPE or Unigram only: add a tokenizer.json");
    LATHE_ASSIGN(const Family family, familyOf(model, settings));
    LATHE_ASSIGN(Vocabulary vocabulary, vocabularyOf(model, file));
    std::vector<AddedToken> tokens = tokensFor(model, settings, family);
    Vocabulary ids = vocabulary;
    for (const AddedToken& token : tokens)
        if (token.id)
            ids.emplace(token.content, *token.id);
    LATHE_ASSIGN(json post, postProcessor(settings, family, ids, file));
    LATHE_ASSIGN(json core, model.type == Type::Bpe ? bpeModelOf(model, vocabulary, file)
                                                    : unigramModel(model, vocabulary, file));
    const Prefix prefix = prefixOf(model, settings, family);
    json stages{{"model", std::move(core)},
                {"normalizer", normalizer(model, prefix)},
                {"pre_tokenizer", preTokenizer(model, prefix, family)},
                {"post_processor", std::move(post)},
                {"decoder", decoder(model, prefix)}};
    return tokenizerJson(std::move(stages), std::move(vocabulary), std::move(tokens), file);
}

Result<std::string> tokenizerOfSentencePiece(std::string_view bytes, const TokenizerSettings& settings,
                                             const std::string& file) {
    const Result<SentencePieceModel> model = readSentencePieceModel(bytes);
    if (!model)
        return inputError(file, model.error().message);
    return tokenizerOfPieces(*model, settings, file);
}

} // namespace lathe
