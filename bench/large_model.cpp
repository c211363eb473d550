#include "bench/printing.h"
#include "core/data/examples.h"
#include "core/model/load_model.h"
#include "core/model/tensor_file.h"
#include "core/train/flat_adamw.h"
#include "core/train/make_task.h"
#include "core/train/threads.h"
#include "core/train/training_step.h"

#include <ATen/ops/empty.h>
#include <CLI/CLI.hpp>
#include <chrono>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

namespace {

using namespace lathe;
using nlohmann::json;
namespace fs = std::filesystem;

struct Options {
    fs::path folder;
    bool shouldWrite = false;
    std::int64_t rows = 1;
    std::int64_t length = 512;
    std::int64_t steps = 1;
    std::int64_t rank = 8;
    int threads = 0;
    bool isPlain = false;
};

/// The shape of TinyLlama-1.1B (arXiv:2401.02385).
json shape() {
    return {{"architectures", {"LlamaForCausalLM"}},
            {"model_type", "llama"},
            {"hidden_size", 2048},
            {"intermediate_size", 5632},
            {"num_hidden_layers", 22},
            {"num_attention_heads", 32},
            {"num_key_value_heads", 4},
            {"vocab_size", 32000},
            {"max_position_embeddings", 2048},
            {"rms_norm_eps", 1e-5},
            {"initializer_range", 0.02},
            {"tie_word_embeddings", false}};
}

/// Random weights in bf16, a tensor at a time.
Status write(const Options& options) {
    std::error_code problem;
    fs::create_directories(options.folder, problem);
    std::ofstream(options.folder / "config.json") << shape().dump(2);
    LATHE_ASSIGN(const ModelSummary summary, readModelSummary(options.folder));
    std::vector<PlannedTensor> plan;
    std::map<std::string, TensorSpec::Init> starts;
    for (const TensorSpec& spec : summary.tensors) {
        plan.push_back({spec.name, at::kBFloat16, spec.shape});
        starts[spec.name] = spec.init;
    }
    std::map<std::string, std::vector<std::int64_t>> shapes;
    for (const PlannedTensor& each : plan)
        shapes[each.name] = each.shape;
    const auto source = [&](const std::string& name) -> Result<at::Tensor> {
        at::Tensor made = at::empty(shapes.at(name), at::kFloat);
        return (starts.at(name) == TensorSpec::Init::Normal ? made.normal_(0, 0.02) : made.fill_(1))
            .to(at::kBFloat16);
    };
    return writeTensorFile(options.folder / "model.safetensors", std::move(plan), source, {});
}

ParamValues recipeOf(const Options& options) {
    return {{"model", options.folder.string()},
            {"method", std::string("lora")},
            {"rank", options.rank},
            {"target_modules", std::string("all-linear")},
            {"precision", std::string("bfloat16")},
            {"batch_size", options.rows},
            {"max_length", options.length},
            {"recompute", !options.isPlain}};
}

Batch randomBatch(const Options& options, std::int64_t vocabulary, Rng& rng) {
    std::vector<Example> examples(static_cast<std::size_t>(options.rows));
    std::vector<const Example*> pointers;
    for (Example& example : examples) {
        for (std::int64_t i = 0; i < options.length; ++i)
            example.ids.push_back(static_cast<std::int32_t>(rng.integer(5, vocabulary - 1)));
        example.labels = example.ids;
        pointers.push_back(&example);
    }
    return makeBatch(pointers, 0);
}

/// A line of /proc/self/status in bytes.
double statusBytes(const std::string& key) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(key + ":"))
            return 1024 * std::stod(line.substr(key.size() + 1));
    return 0;
}

Result<json> measure(const Options& options) {
    useThreads(options.threads);
    const double atStart = statusBytes("VmRSS");
    const ParamValues recipe = withDefaults(recipeSchema(), recipeOf(options));
    LATHE_ASSIGN(const RecipeForecast cost, forecast(recipe));
    LATHE_ASSIGN(const auto model, loadModel(options.folder, {at::kBFloat16, at::kCPU}));
    LATHE_ASSIGN(const auto method, adapterMethods().make("lora"));
    const auto adapter = method->attach(*model, recipe, 0);
    adapter->beginTraining(options.steps);
    FlatAdamW optimizer(adapter->groups(), {});
    const double afterLoading = statusBytes("VmHWM");
    Rng rng(0);
    json seconds = json::array(), losses = json::array();
    for (std::int64_t step = 0; step < options.steps; ++step) {
        const std::vector<Batch> batches{randomBatch(options, model->summary().vocabularySize, rng)};
        StepTurn turn{adapter.get(), &optimizer, batches, step, 1e-4, 1.0};
        turn.isRecomputed = !options.isPlain;
        const auto begin = std::chrono::steady_clock::now();
        losses.push_back(trainingStep(*model, turn).loss);
        seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    }
    const double peak = statusBytes("VmHWM");
    return json{{"parameters", model->summary().parameters},
                {"trainable", cost.trainableParameters},
                {"tokens", options.rows * options.length},
                {"recompute", !options.isPlain},
                {"seconds", seconds},
                {"loss", losses},
                {"rss_at_start_gb", atStart / 1e9},
                {"rss_after_loading_gb", afterLoading / 1e9},
                {"peak_gb", peak / 1e9},
                {"forecast_gb", cost.memoryBytes / 1e9},
                {"forecast_over_peak", cost.memoryBytes / peak}};
}

} // namespace

/// Prints one JSON object: the peak is that of the whole process (VmHWM).
int main(int argc, char** argv) {
    Options options;
    CLI::App app("Steps of LoRA on a LLaMA of 1.1 billion parameters with random weights in bf16");
    app.add_option("folder", options.folder, "Folder of the model")->required();
    app.add_flag("--write", options.shouldWrite, "Write the model (2.2 GB) and end");
    app.add_option("--rows", options.rows, "Rows a step")->check(CLI::Range(1, 1000));
    app.add_option("--length", options.length, "Tokens of each")->check(CLI::Range(2, 2048));
    app.add_option("--steps", options.steps, "Steps")->check(CLI::Range(1, 1000));
    app.add_option("--rank", options.rank, "Rank of LoRA, on all projections")->check(CLI::Range(1, 1024));
    app.add_option("--threads", options.threads, "Threads; 0: one for each core")->check(CLI::Range(0, 256));
    app.add_flag("--plain", options.isPlain, "Keep all activations");
    CLI11_PARSE(app, argc, argv);
    if (options.shouldWrite) {
        const Status written = write(options);
        if (!written.has_value())
            std::cerr << written.error().text() << "\n";
        return written.has_value() ? 0 : 1;
    }
    return bench::printed(measure(options), 2, 1);
}
