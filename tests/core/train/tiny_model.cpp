#include "tests/core/train/tiny_model.h"

#include "core/model/load_model.h"
#include "core/model/save_model.h"
#include "core/text/tokenizer.h"

#include <array>
#include <nlohmann/json.hpp>

namespace lathe::test {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr std::int64_t kVocabulary = 300;

template <typename T>
T need(Result<T> result) {
    if (!result.has_value())
        throw std::runtime_error(result.error().text());
    return std::move(result).value();
}

std::string rows(int first, int count) {
    static const std::array<std::pair<const char*, const char*>, 4> animals{
        {{"dog", "woof"}, {"cat", "meow"}, {"cow", "moo"}, {"duck", "quack"}}};
    static const std::array<const char*, 6> words{"small", "big", "old", "young", "brown", "white"};
    std::string text;
    for (int i = first; i < first + count; ++i) {
        const auto& [animal, sound] = animals[static_cast<std::size_t>(i) % animals.size()];
        const char* word = words[static_cast<std::size_t>(i / 4) % words.size()];
        text += json{{"instruction", "What does it say?"},
                     {"input", std::string("the ") + word + " " + animal},
                     {"output", sound}}
                    .dump() +
                "\n";
    }
    return text;
}

json config(const TinySizes& sizes) {
    return {{"architectures", {"LlamaForCausalLM"}},
            {"model_type", "llama"},
            {"hidden_size", sizes.width},
            {"intermediate_size", 2 * sizes.width},
            {"num_hidden_layers", sizes.layers},
            {"num_attention_heads", 2},
            {"num_key_value_heads", 1},
            {"vocab_size", kVocabulary},
            {"max_position_embeddings", sizes.maxPositions},
            {"initializer_range", 0.2}, // wide enough for random features to be of use
            {"tie_word_embeddings", false},
            {"bos_token_id", 0},
            {"eos_token_id", 1}};
}

} // namespace

void writeTinyProject(const TempFolder& folder, const TinySizes& sizes) {
    const fs::path data = folder.write("train.jsonl", rows(0, 24));
    folder.write("eval.jsonl", rows(1, 8));
    BpeTraining training;
    training.vocabularySize = kVocabulary;
    training.specialTokens = {"<s>", "</s>", "<pad>"};
    training.threads = 1;
    folder.write("model/tokenizer.json", need(trainByteLevelBpe(std::array{data}, training)));
    folder.write("model/tokenizer_config.json",
                 json{{"bos_token", "<s>"}, {"eos_token", "</s>"}, {"pad_token", "<pad>"}}.dump());
    folder.write("model/config.json", config(sizes).dump());
    const auto model = need(randomModel(folder / "model", 7));
    need(saveModel(*model, folder / "model", folder / "model", at::kFloat));
}

void writeTinyLabels(const TempFolder& folder, int rounds) {
    std::string rows;
    const std::vector<std::pair<std::string, std::string>> texts{
        {"cow", "farm"}, {"cat", "house"}, {"dog", "house"}, {"pig", "farm"}};
    for (int i = 0; i < rounds; ++i)
        for (const auto& [animal, place] : texts)
            rows += nlohmann::json{{"text", "the " + animal + std::string(static_cast<std::size_t>(i), '!')},
                                   {"label", place}}
                        .dump() +
                    "\n";
    folder.write("labels.jsonl", rows);
}

ParamValues tinyRecipe(const fs::path& folder) {
    return {{"model", (folder / "model").string()},
            {"train_file", (folder / "train.jsonl").string()},
            {"eval_file", (folder / "eval.jsonl").string()},
            {"device", std::string("cpu")},
            {"threads", std::int64_t{1}},
            {"rank", std::int64_t{4}},
            {"learning_rate", 0.02},
            {"batch_size", std::int64_t{4}},
            {"max_length", std::int64_t{48}},
            {"max_steps", std::int64_t{20}},
            {"warmup_steps", std::int64_t{2}},
            {"eval_every", std::int64_t{4}},
            {"sample_every", std::int64_t{0}},
            {"checkpoint_every", std::int64_t{5}}};
}

} // namespace lathe::test
