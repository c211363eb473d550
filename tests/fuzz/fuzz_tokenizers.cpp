#include "core/base/contract.h"
#include "core/text/base64.h"
#include "core/text/byte_level_files.h"
#include "core/text/chat_template.h"
#include "core/text/llama2c_tokenizer.h"
#include "core/text/sentencepiece_file.h"
#include "core/text/tiktoken_file.h"
#include "core/text/tokenizer.h"
#include "core/text/tokenizer_json.h"
#include "core/text/wordpiece_file.h"
#include "tests/fuzz/fuzz_driver.h"
#include "tests/support/older_vocabularies.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

using namespace lathe;

namespace {

using nlohmann::json;

/// Whatever comes in, a reader gives UTF-8 or one sentence that says where and what.
template <typename T>
void judge(const Result<T>& result) {
    if (!result.has_value())
        LATHE_EXPECT(!result.error().message.empty() && isUtf8(result.error().message));
    fuzz::outcome(result.has_value() ? "read" : result.error().message);
}

TokenizerSettings ofModel(const char* type) {
    TokenizerSettings settings;
    settings.modelType = type;
    return settings;
}

/// vocab.json and merges.txt, a NUL between them; the first byte chooses the kin.
void readVocabAndMerges(std::span<const std::byte> bytes) {
    const std::string text = fuzz::textOf(bytes);
    constexpr std::array kKins{"gpt2", "roberta", "opt", "qwen2", "llama", "bloom", "gpt_neox", ""};
    const std::size_t kin = text.empty() ? 0 : static_cast<unsigned char>(text.front()) % kKins.size();
    const std::size_t from = std::min<std::size_t>(1, text.size());
    const std::size_t middle = std::min(text.find('\0', from), text.size());
    judge(tokenizerOfVocabAndMerges(text.substr(from, middle - from),
                                    text.substr(std::min(middle + 1, text.size())), ofModel(kKins[kin])));
}

void readVocabTxt(std::span<const std::byte> bytes) { judge(tokenizerOfVocabTxt(fuzz::textOf(bytes), {})); }

void readSentencePiece(std::span<const std::byte> bytes) {
    judge(tokenizerOfSentencePiece(fuzz::textOf(bytes), {}, "tokenizer.model"));
}

void readTiktoken(std::span<const std::byte> bytes) {
    judge(tokenizerOfTiktoken(fuzz::textOf(bytes), {}, "qwen.tiktoken"));
}

void readLlama2c(std::span<const std::byte> bytes) {
    judge(tokenizerOfLlama2c(fuzz::textOf(bytes), {}, "tokenizer.bin"));
}

void readSettings(std::span<const std::byte> bytes) {
    const json config = json::parse(fuzz::textOf(bytes), nullptr, false);
    if (!config.is_object())
        return;
    const Result<TokenizerSettings> settings = readTokenizerSettings("nowhere", config);
    judge(settings);
    if (settings.has_value())
        judge(tokenizerOfVocabAndMerges(R"({"<|endoftext|>":0,"a":1,"b":2,"ab":3})", "a b", *settings));
}

/// The whole way through the crate: load, encode, decode.
void runTokenizer(const std::string& tokenizerJson) {
    const Result<Tokenizer> tokenizer = Tokenizer::fromJson(tokenizerJson);
    judge(tokenizer);
    if (!tokenizer.has_value())
        return;
    const Result<Encoding> encoding = tokenizer->encodePair(" ab \u00E9\U0001F600<s>  ", "abc", true);
    if (encoding.has_value())
        judge(tokenizer->decode(encoding->ids, true));
}

void runTokenizerJson(std::span<const std::byte> bytes) { runTokenizer(fuzz::textOf(bytes)); }

void runSentencePiece(std::span<const std::byte> bytes) {
    const Result<std::string> text = tokenizerOfSentencePiece(fuzz::textOf(bytes), {}, "tokenizer.model");
    if (text.has_value())
        runTokenizer(*text);
}

void runChatTemplate(std::span<const std::byte> bytes) {
    judge(renderChat(fuzz::textOf(bytes),
                     R"({"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}],)"
                     R"("bos_token":"<s>","add_generation_prompt":true,"tools":[{"name":"f","n":1.5}]})"));
}

const std::vector<std::string> kVocabAndMerges{
    std::string("a") + R"({"a":0,"b":1,"c":2,"ab":3,"abc":4,"<|endoftext|>":5})" + '\0' +
        "#version: 0.2\na b\nab c\n",
    std::string("b") + R"({"<s>":0,"<pad>":1,"</s>":2,"<unk>":3,"a":4,"b":5,"ab":6,"<mask>":7})" + '\0' +
        "a b\r\n",
    std::string("d") + R"({"a":0,"\u0120":1,"\u0120a":2})" + '\0' + "\u0120 a\n"};

std::vector<std::string> sentencePieces() {
    using namespace test;
    const std::string special = piece("<unk>", 0, 2) + piece("<s>", 0, 3) + piece("</s>", 0, 3);
    const std::string letters = piece("\u2581", -1) + piece("a", -2) + piece("b", -3) + piece("ab", -0.5F) +
                                piece("\u2581ab", -4) + piece("<tool>", 0, 4);
    return {special + piece("<0xC3>", 0, 6) + letters + trainer(2, true) + spaces(true, false),
            special + letters + trainer(1, false) + spaces(true, true),
            special + letters + trainer(1, true) + bytesField(3, bytesField(2, "\x04\0\0\0\0\0\0\0"))};
}

std::vector<std::string> tiktokens() {
    std::string text;
    int rank = 0;
    for (const char* token : {"a", "b", "c", "ab", "abc", "xyz", "\n"})
        text += toBase64(token) + ' ' + std::to_string(rank++) + "\r\n";
    return {text};
}

std::vector<std::string> llama2cFiles() {
    return {test::llama2cHead() + test::llama2cToken(" ", -5) + test::llama2cToken("a", -6) +
            test::llama2cToken("b", -7) + test::llama2cToken("ab", -1) + test::llama2cToken(" ab", -2)};
}

const std::vector<std::string> kConfigs{
    R"({"tokenizer_class":"GPT2TokenizerFast","bos_token":{"content":"<s>","lstrip":true},"eos_token":"a",)"
    R"("unk_token":null,"add_bos_token":true,"add_prefix_space":false,"additional_special_tokens":["b"],)"
    R"("added_tokens_decoder":{"7":{"content":"<x>","special":true},"8":{"content":"<y>"}}})"};

/// Small tokenizers of all families, made by the converters under test.
std::vector<std::string> tokenizerJsons() {
    std::vector<std::string> all;
    for (const std::string& bytes : sentencePieces())
        if (Result<std::string> text = tokenizerOfSentencePiece(bytes, {}, "m"); text.has_value())
            all.push_back(std::move(*text));
    for (const char* kin : {"gpt2", "qwen2", "bloom", "llama"})
        if (Result<std::string> text = tokenizerOfVocabAndMerges(
                R"({"a":0,"b":1,"ab":2,"<|endoftext|>":3,"<|begin_of_text|>":4})", "a b", ofModel(kin));
            text.has_value())
            all.push_back(std::move(*text));
    if (Result<std::string> text = tokenizerOfVocabTxt("[UNK]\n[CLS]\n[SEP]\nab\n##c\n", {});
        text.has_value())
        all.push_back(std::move(*text));
    return all;
}

const std::vector<std::string> kTemplates{
    "{{ bos_token }}{%- for m in messages %}<|{{ m['role'] }}|>\n{{ m.content | trim }}{% endfor %}",
    "{% set n = namespace(i=0) %}{% macro f(a, b=1) %}{{ a ~ b }}{% endmacro %}{% for m in messages[::-1] %}"
    "{% if loop.first and m.role == 'assistant' %}{% generation %}{{ f(m.content) }}{% endgeneration %}{% "
    "break %}"
    "{% endif %}{% set n.i = n.i + 1 %}{% endfor %}{{ tools | tojson(indent=2) }}{{ strftime_now('%Y') }}",
    "{% if not messages %}{{ raise_exception('no') }}{% endif %}{{ messages | map(attribute='role') | "
    "join(',') }}"};

} // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> jsonWords{"null", "{", "}", "[", "]", "-1", "1e9", "\"", ":", ","};
    const std::vector<std::string> parts{"\"Sequence\"", "\"Metaspace\"", "\"Replace\"", "\"Regex\"",
                                         "\"(a+)+$\"",   "\"Unigram\"",   "\"Split\"",   "99999999"};
    return fuzz::runFuzzer(argc, argv,
                           {{"vocab_merges", readVocabAndMerges, kVocabAndMerges, jsonWords, {}, true},
                            {"vocab_txt",
                             readVocabTxt,
                             {"[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nab\n##c\r\n"},
                             {"\n", "\r", "[UNK]"}},
                            {"sentencepiece", readSentencePiece, sentencePieces()},
                            {"tiktoken", readTiktoken, tiktokens(), {" 0\n", "YQ== ", "=", "\r\n"}},
                            {"tokenizer_bin", readLlama2c, llama2cFiles()},
                            {"tokenizer_config", readSettings, kConfigs, jsonWords, {}, true},
                            {"tokenizer_json", runTokenizerJson, tokenizerJsons(), parts, {}, true},
                            {"sentencepiece_run", runSentencePiece, sentencePieces()},
                            {"chat_template",
                             runChatTemplate,
                             kTemplates,
                             {"{%", "%}", "{{", "}}", "{# #}", "generation", "endgeneration", "range(",
                              "* 99999999", "[", "|"}}});
}
