#include "core/text/byte_level_files.h"

#include "core/text/tokenizer_json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace lathe {

namespace {

using nlohmann::json;

constexpr std::string_view kBloomPattern = R"( ?[^(\s|[.,!?…。，、।۔،])]+)";
constexpr std::size_t kQwenVocabulary = 151643;
constexpr std::int64_t kLargestId = 1 << 30;

enum class Split { Gpt2, Bloom, Llama3, Qwen2 };
enum class Frame {
    BeginEnd,   ///< a begin or end token only where the configuration or the kin asks for one
    Roberta,    ///< <s> A </s>, <s> A </s></s> B </s>
    BeginOfBoth ///< </s> A </s> B
};

/// What GPT-2's descendants changed.
struct Kin {
    std::vector<std::string> classes; ///< of transformers
    std::vector<std::string> modelTypes;
    Split split = Split::Gpt2;
    bool isNfc = false;
    Frame frame = Frame::BeginEnd;
    std::string bos; ///< put in front unless the configuration says otherwise
    std::vector<std::string> special;
    bool appendsSpecial = false; ///< the special tokens follow the vocabulary where no file gives their ids
};

const std::vector<Kin>& kins() {
    static const std::vector<std::string> oneEnd{"<|endoftext|>"};
    static const std::vector<std::string> five{"<s>", "<pad>", "</s>", "<unk>", "<mask>"};
    static const std::vector<Kin> all{
        // The published configurations of OPT name GPT2Tokenizer: the model type counts.
        {.classes = {}, .modelTypes = {"opt"}, .frame = Frame::BeginOfBoth, .bos = "</s>", .special = five},
        {.classes = {"GPT2Tokenizer", "CodeGenTokenizer"},
         .modelTypes = {"gpt2", "gptj", "gpt_neo", "phi", "codegen", "gpt_bigcode", "starcoder2"},
         .bos = {},
         .special = oneEnd},
        {.classes = {"RobertaTokenizer", "BartTokenizer", "LongformerTokenizer", "LEDTokenizer"},
         .modelTypes = {"roberta", "bart", "longformer", "led", "roberta-prelayernorm"},
         .frame = Frame::Roberta,
         .bos = {},
         .special = five},
        {.classes = {"GPTNeoXTokenizer"},
         .modelTypes = {"gpt_neox", "mpt", "rwkv", "mamba", "olmo", "olmoe"},
         .isNfc = true,
         .bos = {},
         .special = {"<|endoftext|>", "<|padding|>"}},
        {.classes = {"BloomTokenizer"},
         .modelTypes = {"bloom"},
         .split = Split::Bloom,
         .bos = {},
         .special = {"<unk>", "<s>", "</s>", "<pad>"}},
        {.classes = {"Qwen2Tokenizer"},
         .modelTypes = {"qwen2", "qwen2_moe", "qwen2_vl", "qwen3", "qwen3_moe", "qwen"},
         .split = Split::Qwen2,
         .isNfc = true,
         .bos = {},
         .special = {"<|endoftext|>", "<|im_start|>", "<|im_end|>"},
         .appendsSpecial = true},
        {.classes = {},
         .modelTypes = {"llama", "mllama"},
         .split = Split::Llama3,
         .bos = "<|begin_of_text|>",
         .special = {"<|begin_of_text|>", "<|end_of_text|>"}},
    };
    return all;
}

const Kin* kinOfModel(const std::string& modelType) {
    for (const Kin& kin : kins())
        if (std::ranges::count(kin.modelTypes, modelType) > 0)
            return &kin;
    return nullptr;
}

const Kin* kinOfVocabulary(const Vocabulary& vocabulary) {
    if (vocabulary.contains("<|begin_of_text|>"))
        return kinOfModel("llama");
    if (vocabulary.contains("<|endoftext|>"))
        return kinOfModel("gpt2");
    if (vocabulary.contains("<s>") && vocabulary.contains("<mask>"))
        return kinOfModel("roberta");
    return vocabulary.size() == kQwenVocabulary ? kinOfModel("qwen2") : nullptr;
}

Result<const Kin*> kinOf(const TokenizerSettings& settings, const Vocabulary& vocabulary) {
    const std::string& name = settings.tokenizerClass;
    const bool isGeneral = name.empty() || name == "PreTrainedTokenizer" || name == "TokenizersBackend";
    for (const Kin& kin : kins())
        if (std::ranges::count(kin.classes, name) > 0)
            return name == "GPT2Tokenizer" && settings.modelType == "opt" ? kinOfModel("opt") : &kin;
    if (!isGeneral)
        return inputError("tokenizer_config.json",
                          "names the tokenizer class " + name +
                              ", and vocab.json with merges.txt of that class is not "
                              "known: add a tokenizer.json");
    if (const Kin* kin = kinOfModel(settings.modelType))
        return kin;
    if (!settings.modelType.empty())
        return inputError("config.json",
                          "names the model type " + settings.modelType +
                              ", and how it reads vocab.json with merges.txt is not known: add a "
                              "tokenizer.json");
    if (const Kin* kin = kinOfVocabulary(vocabulary))
        return kin;
    return inputError("vocab.json", "does not tell which model it belongs to: put the model's config.json or "
                                    "tokenizer_config.json beside it");
}

/// Reads {"token": id, …} without holding anything else in memory.
class VocabularyReader final : public json::json_sax_t {
public:
    Vocabulary vocabulary;
    std::string fault;

    bool key(string_t& name) override { return m_name = name, true; }
    bool number_integer(number_integer_t) override { return fail("a negative id"); }
    bool number_unsigned(number_unsigned_t id) override {
        if (m_depth != 1)
            return fail("no object");
        if (id > static_cast<std::uint64_t>(kLargestId))
            return fail("the id " + std::to_string(id));
        if (!m_ids.insert(id).second)
            return fail("the id " + std::to_string(id) + " twice");
        if (!vocabulary.emplace(m_name, static_cast<std::int64_t>(id)).second)
            return fail("a token twice");
        return true;
    }
    bool start_object(std::size_t) override { return m_depth++ == 0 || fail("an object as an id"); }
    bool end_object() override { return true; }
    bool start_array(std::size_t) override { return fail("a list"); }
    bool end_array() override { return fail("a list"); }
    bool null() override { return fail("null as an id"); }
    bool boolean(bool) override { return fail("a truth value as an id"); }
    bool number_float(number_float_t, const string_t&) override { return fail("a fraction as an id"); }
    bool string(string_t&) override { return fail("a text as an id"); }
    bool binary(binary_t&) override { return fail("bytes as an id"); }
    bool parse_error(std::size_t position, const std::string&, const json::exception&) override {
        fault = "is not valid JSON at byte " + std::to_string(position);
        return false;
    }

private:
    bool fail(const std::string& what) {
        fault = "holds " + what + (m_name.empty() ? "" : " at the token " + quotedToken(m_name));
        return false;
    }

    int m_depth = 0;
    std::string m_name;
    std::set<std::uint64_t> m_ids;
};

Result<Vocabulary> readVocabulary(std::string_view text) {
    VocabularyReader reader;
    if (!json::sax_parse(text, &reader))
        return inputError("vocab.json",
                          reader.fault +
                              ": it must be an object of tokens and their ids; take the file from the "
                              "model's publisher again");
    if (reader.vocabulary.empty())
        return inputError("vocab.json", "holds no token: take the file from the model's publisher again");
    return std::move(reader.vocabulary);
}

/// Lines "left right", the first perhaps "#version: …".
Result<Merges> readMerges(std::string_view text, const Vocabulary& vocabulary) {
    Merges merges;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (line.empty() || (number == 1 && line.starts_with("#version")))
            continue;
        const std::string place = "line " + std::to_string(number);
        const std::size_t space = line.find(' ');
        const bool isPair = space != std::string_view::npos && space > 0 && space + 1 < line.size() &&
                            line.find(' ', space + 1) == std::string_view::npos;
        if (!isPair)
            return inputError("merges.txt", place + " is not two tokens with a space between them: take the "
                                                    "file from the model's publisher again");
        merges.emplace_back(line.substr(0, space), line.substr(space + 1));
        const auto& [left, right] = merges.back();
        for (const std::string& token : {left, right, left + right})
            if (!vocabulary.contains(token))
                return inputError("merges.txt", place + " needs the token " + quotedToken(token) +
                                                    ", which vocab.json lacks: take both files from the same "
                                                    "model");
    }
    return merges;
}

json preTokenizer(const Kin& kin, bool addPrefixSpace) {
    const auto split = [&](std::string_view pattern) {
        return sequenceStage("pretokenizers",
                             {regexSplitStage(pattern), byteLevelStage(ByteSplit::None, addPrefixSpace)});
    };
    switch (kin.split) {
    case Split::Bloom:
        return split(kBloomPattern);
    case Split::Llama3:
        return split(kLlama3Pattern);
    case Split::Qwen2:
        return split(kQwen2Pattern);
    case Split::Gpt2:
        break;
    }
    return byteLevelStage(ByteSplit::ByPattern, addPrefixSpace);
}

Result<json> postProcessor(const Kin& kin, const TokenizerSettings& settings, const Vocabulary& ids) {
    const auto missing = [](const std::string& token) {
        return inputError("vocab.json", "lacks the token " + quotedToken(token) +
                                            " that frames every text: take the files from the same model");
    };
    if (kin.frame == Frame::Roberta) {
        const std::string cls = settings.nameOf("cls_token", "<s>");
        const std::string sep = settings.nameOf("sep_token", "</s>");
        for (const std::string& token : {cls, sep})
            if (!ids.contains(token))
                return missing(token);
        return json{{"type", "RobertaProcessing"},
                    {"sep", {sep, ids.at(sep)}},
                    {"cls", {cls, ids.at(cls)}},
                    {"trim_offsets", true},
                    {"add_prefix_space", settings.addPrefixSpace.value_or(false)}};
    }
    const std::string usual = kin.bos.empty() ? kin.special.front() : kin.bos;
    const bool addsBos = settings.addBosToken.value_or(!kin.bos.empty());
    const std::string bos = addsBos ? settings.nameOf("bos_token", usual) : "";
    const std::string eos = settings.addEosToken.value_or(false) ? settings.nameOf("eos_token", usual) : "";
    for (const std::string& token : {bos, eos})
        if (!token.empty() && !ids.contains(token))
            return missing(token);
    if (bos.empty() && eos.empty())
        return json();
    if (kin.frame == Frame::BeginOfBoth && eos.empty())
        return templateStage({{bos}, {"$A"}}, {{bos}, {"$A"}, {bos}, {"$B"}}, ids);
    return beginEndStage(bos, eos, ids);
}

std::vector<AddedToken> tokensFor(const Kin& kin, const TokenizerSettings& settings,
                                  const Vocabulary& vocabulary) {
    std::vector<AddedToken> tokens = tokensOf(settings, kin.special);
    auto next = static_cast<std::int64_t>(vocabulary.size());
    for (AddedToken& token : tokens)
        if (token.content == "<mask>")
            token.lstrip = true; // the space before it is no word of its own
    if (kin.appendsSpecial && settings.added.empty())
        for (const std::string& name : kin.special)
            if (!vocabulary.contains(name))
                for (AddedToken& token : tokens)
                    if (token.content == name && !token.id)
                        token.id = next++;
    return tokens;
}

} // namespace

Result<std::string> tokenizerOfVocabAndMerges(std::string_view vocabJson, std::string_view mergesText,
                                              const TokenizerSettings& settings) {
    LATHE_ASSIGN(Vocabulary vocabulary, readVocabulary(vocabJson));
    if (!isUtf8(mergesText))
        return inputError("merges.txt", "is not valid UTF-8: take the file from the model's publisher again");
    LATHE_ASSIGN(const Merges merges, readMerges(mergesText, vocabulary));
    LATHE_ASSIGN(const Kin* kin, kinOf(settings, vocabulary));
    std::vector<AddedToken> tokens = tokensFor(*kin, settings, vocabulary);
    Vocabulary ids = vocabulary;
    for (const AddedToken& token : tokens)
        if (token.id)
            ids.emplace(token.content, *token.id);
    json model = bpeModel(merges);
    model["ignore_merges"] = kin->split == Split::Llama3;
    LATHE_ASSIGN(json post, postProcessor(*kin, settings, ids));
    json stages{{"model", std::move(model)},
                {"normalizer", kin->isNfc ? json{{"type", "NFC"}} : json()},
                {"pre_tokenizer", preTokenizer(*kin, settings.addPrefixSpace.value_or(false))},
                {"post_processor", std::move(post)},
                {"decoder", byteLevelStage(ByteSplit::ByPattern, true)}};
    return tokenizerJson(std::move(stages), std::move(vocabulary), std::move(tokens), "vocab.json");
}

} // namespace lathe
