#include "core/model/model_summary.h"
#include "tests/fuzz/fuzz_driver.h"
#include "tests/support/shared_files.h"

#include <cstdlib>

using namespace lathe;

namespace {

void readConfig(std::span<const std::byte> bytes) {
    const auto summary = parseModelSummary(fuzz::textOf(bytes), "fuzz");
    if (!summary.has_value() && summary.error().message.empty())
        std::abort();
    fuzz::outcome(summary.has_value() ? summary->architecture : summary.error().message);
}

/// One for each architecture: what its config.json holds, made small.
std::vector<std::string> seeds() {
    std::vector<std::string> all;
    for (const std::string& type : supportedArchitectures())
        all.push_back(
            R"({"model_type": ")" + type +
            R"(", "vocab_size": 32, "hidden_size": 16, "n_embd": 16, "dim": 16, "num_hidden_layers": 2,
  "n_layer": 2, "n_layers": 2, "num_layers": 2, "num_attention_heads": 4, "n_head": 4, "n_heads": 4, "num_heads": 4,
  "num_key_value_heads": 2, "head_dim": 4, "intermediate_size": 32, "ffn_dim": 32, "n_inner": null, "rotary_dim": 4,
  "max_position_embeddings": 64, "rms_norm_eps": 1e-05, "layer_norm_eps": 1e-05, "hidden_act": "silu",
  "rope_theta": 10000.0, "rope_scaling": {"rope_type": "linear", "factor": 2.0}, "tie_word_embeddings": true,
  "eos_token_id": [1, 2], "torch_dtype": "bfloat16", "id2label": {"0": "a", "1": "b"}})");
    all.push_back(
        R"({"architectures": ["LlamaForCausalLM"], "rope_parameters": {"rope_theta": 1e6, "rope_type": "yarn",
  "factor": 4.0, "original_max_position_embeddings": 32}, "layer_types": ["full_attention", "sliding_attention"]})");
    return all;
}

} // namespace

int main(int argc, char** argv) {
    return fuzz::runFuzzer(argc, argv,
                           {{"config",
                             readConfig,
                             seeds(),
                             {"\"quantization_config\": {\"quant_method\": \"gptq\"},", "\"auto_map\": {},",
                              "1000000000", "\"sliding_window\": 8,", "\"text_config\":",
                              "\"partial_rotary_factor\": 0.5,", "\"model_type\": \"gpt2\",", "\xef\xbb\xbf"},
                             {},
                             true}});
}
