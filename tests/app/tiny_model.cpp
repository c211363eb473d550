#include "tests/app/tiny_model.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

namespace lathe::test {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kWidth = 8;
constexpr std::int64_t kFeedForward = 16;
const std::vector<std::string> kWords{"<pad>", "<s>", "</s>", "<unk>", "the", "cat", "dog",     "sat",
                                      "ran",   "red", "blue", "what",  "did", "yes", "Answer:", "no"};

using Shape = std::vector<std::int64_t>;

std::vector<std::pair<std::string, Shape>> tensors() {
    const auto vocabulary = static_cast<std::int64_t>(kWords.size());
    const std::string layer = "model.layers.0.";
    return {{"model.embed_tokens.weight", {vocabulary, kWidth}},
            {layer + "input_layernorm.weight", {kWidth}},
            {layer + "self_attn.q_proj.weight", {kWidth, kWidth}},
            {layer + "self_attn.k_proj.weight", {kWidth, kWidth}},
            {layer + "self_attn.v_proj.weight", {kWidth, kWidth}},
            {layer + "self_attn.o_proj.weight", {kWidth, kWidth}},
            {layer + "post_attention_layernorm.weight", {kWidth}},
            {layer + "mlp.gate_proj.weight", {kFeedForward, kWidth}},
            {layer + "mlp.up_proj.weight", {kFeedForward, kWidth}},
            {layer + "mlp.down_proj.weight", {kWidth, kFeedForward}},
            {"model.norm.weight", {kWidth}}};
}

std::string safetensors(const std::string& dtype) {
    Json header{{"__metadata__", {{"format", "pt"}}}};
    std::string data;
    for (const auto& [name, shape] : tensors()) {
        const std::size_t from = data.size();
        std::int64_t count = 1;
        for (const std::int64_t side : shape)
            count *= side;
        for (std::int64_t i = 0; i < count; ++i) {
            // Norms are 1; the rest is a pattern that no two rows share.
            const auto value = shape.size() == 1 ? 1.0F : 0.3F * std::sin(static_cast<float>(i * 7 + count));
            data.append(reinterpret_cast<const char*>(&value), sizeof value);
        }
        header[name] = {{"dtype", dtype}, {"shape", shape}, {"data_offsets", {from, data.size()}}};
    }
    const std::string text = header.dump();
    const auto length = static_cast<std::uint64_t>(text.size());
    std::string file(sizeof length, '\0');
    std::memcpy(file.data(), &length, sizeof length);
    return file + text + data;
}

std::string tokenizerJson() {
    Json added = Json::array();
    Json vocabulary = Json::object();
    for (std::size_t id = 0; id < kWords.size(); ++id) {
        vocabulary[kWords[id]] = id;
        if (id < 4)
            added.push_back({{"id", id},
                             {"content", kWords[id]},
                             {"single_word", false},
                             {"lstrip", false},
                             {"rstrip", false},
                             {"normalized", false},
                             {"special", true}});
    }
    return Json{{"version", "1.0"},
                {"truncation", nullptr},
                {"padding", nullptr},
                {"added_tokens", added},
                {"normalizer", nullptr},
                {"pre_tokenizer", {{"type", "WhitespaceSplit"}}},
                {"post_processor", nullptr},
                {"decoder", nullptr},
                {"model", {{"type", "WordLevel"}, {"unk_token", "<unk>"}, {"vocab", vocabulary}}}}
        .dump();
}

std::string configJson(const std::string& modelType) {
    return Json{{"architectures", {"LlamaForCausalLM"}},
                {"model_type", modelType},
                {"vocab_size", kWords.size()},
                {"hidden_size", kWidth},
                {"intermediate_size", kFeedForward},
                {"num_hidden_layers", 1},
                {"num_attention_heads", 2},
                {"num_key_value_heads", 2},
                {"hidden_act", "silu"},
                {"max_position_embeddings", 64},
                {"rms_norm_eps", 1e-5},
                {"rope_theta", 10000.0},
                {"tie_word_embeddings", true},
                {"torch_dtype", "float32"},
                {"bos_token_id", 1},
                {"eos_token_id", 2},
                {"pad_token_id", 0}}
        .dump();
}

} // namespace

std::filesystem::path writeTinyModel(const TempFolder& folder, const std::string& name,
                                     const TinyModelOptions& options) {
    std::string weights = safetensors(options.dtype);
    weights.resize(weights.size() - options.missingBytes);
    folder.write(name + "/config.json", configJson(options.modelType));
    folder.write(name + "/model.safetensors", weights);
    folder.write(name + "/tokenizer.json", tokenizerJson());
    folder.write(name + "/tokenizer_config.json",
                 R"({"bos_token":"<s>","eos_token":"</s>","pad_token":"<pad>","unk_token":"<unk>"})");
    return folder / name;
}

std::filesystem::path writeTinyRows(const TempFolder& folder, const std::string& name, int count) {
    std::string lines;
    for (int i = 0; i < count; ++i)
        lines += Json{{"instruction", std::string("what did the ") + (i % 2 == 0 ? "cat" : "dog")},
                      {"input", i % 3 == 0 ? "the red" : "the blue"},
                      {"output", i % 2 == 0 ? "sat" : "ran"}}
                     .dump() +
                 "\n";
    return folder.write(name, lines);
}

} // namespace lathe::test
