#include "core/text/wordpiece_file.h"

#include "core/text/tokenizer_json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace lathe {

namespace {

using nlohmann::json;

/// Classes of transformers that read vocab.txt as BERT does; others share the file's name only.
constexpr std::array<std::string_view, 15> kClasses{"",
                                                    "BertTokenizer",
                                                    "DistilBertTokenizer",
                                                    "ElectraTokenizer",
                                                    "MobileBertTokenizer",
                                                    "ConvBertTokenizer",
                                                    "SqueezeBertTokenizer",
                                                    "LayoutLMTokenizer",
                                                    "RetriBertTokenizer",
                                                    "LxmertTokenizer",
                                                    "DPRContextEncoderTokenizer",
                                                    "DPRQuestionEncoderTokenizer",
                                                    "DPRReaderTokenizer",
                                                    "PreTrainedTokenizer",
                                                    "TokenizersBackend"};

Vocabulary readVocabulary(std::string_view text) {
    Vocabulary vocabulary;
    for (std::int64_t id = 0; !text.empty(); ++id) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (!line.empty())
            vocabulary.insert_or_assign(std::string(line), id);
    }
    return vocabulary;
}

json normalizer(const TokenizerSettings& settings) {
    json result{{"type", "BertNormalizer"},
                {"clean_text", true},
                {"handle_chinese_chars", settings.tokenizeChineseChars.value_or(true)},
                {"strip_accents", nullptr}, // as lowercase
                {"lowercase", settings.doLowerCase.value_or(true)}};
    if (settings.stripAccents)
        result["strip_accents"] = *settings.stripAccents;
    return result;
}

} // namespace

Result<std::string> tokenizerOfVocabTxt(std::string_view vocabTxt, const TokenizerSettings& settings) {
    if (std::ranges::count(kClasses, settings.tokenizerClass) == 0)
        return inputError("tokenizer_config.json", "names the tokenizer class " + settings.tokenizerClass +
                                                       ", and vocab.txt of that class is not known: add a "
                                                       "tokenizer.json");
    if (!isUtf8(vocabTxt))
        return inputError("vocab.txt", "is not valid UTF-8: take the file from the model's publisher again");
    Vocabulary vocabulary = readVocabulary(vocabTxt);
    const std::string unk = settings.nameOf("unk_token", "[UNK]");
    const std::string cls = settings.nameOf("cls_token", "[CLS]");
    const std::string sep = settings.nameOf("sep_token", "[SEP]");
    for (const std::string& token : {unk, cls, sep})
        if (!vocabulary.contains(token))
            return inputError("vocab.txt", "has no line " + quotedToken(token) +
                                               ", which every text needs: take the file from the model's "
                                               "publisher again");
    std::vector<AddedToken> tokens = tokensOf(settings, {"[PAD]", unk, cls, sep, "[MASK]"});
    json post =
        templateStage({{cls}, {"$A"}, {sep}}, {{cls}, {"$A"}, {sep}, {"$B", 1}, {sep, 1}}, vocabulary);
    json stages{{"model",
                 {{"type", "WordPiece"},
                  {"unk_token", unk},
                  {"continuing_subword_prefix", "##"},
                  {"max_input_chars_per_word", 100}}},
                {"normalizer", normalizer(settings)},
                {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
                {"post_processor", std::move(post)},
                {"decoder", {{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}}}};
    return tokenizerJson(std::move(stages), std::move(vocabulary), std::move(tokens), "vocab.txt");
}

} // namespace lathe
