#include "bench/measuring.h"
#include "core/adapter/adapter_method.h"
#include "core/base/files.h"
#include "core/model/load_model.h"
#include "core/train/threads.h"
#include "core/train/training_step.h"

#include <ATen/ops/cross_entropy_loss.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <vector>

/// Rows of unlike length, padded and side by side: a LoRA step (forward and backward) on untrained LLaMA
/// models, in turns on the same batches. Prints the medians and their ratio.

namespace {

using namespace lathe;
namespace fs = std::filesystem;

struct Options {
    std::int64_t width = 256;
    std::int64_t layers = 6;
    std::int64_t rows = 8;
    std::int64_t longest = 256;
    std::int64_t shortest = 16;
    int threads = 2;
    int rounds = 20;
    std::string device = "cpu";
};

std::string configOf(const Options& options) {
    const std::string width = std::to_string(options.width);
    return R"({"model_type":"llama","architectures":["LlamaForCausalLM"],"vocab_size":4096,"hidden_size":)" +
           width + R"(,"intermediate_size":)" + std::to_string(options.width * 8 / 3) +
           R"(,"num_hidden_layers":)" + std::to_string(options.layers) +
           R"(,"num_attention_heads":8,"num_key_value_heads":4,)" +
           R"("max_position_embeddings":4096,"rms_norm_eps":1e-5,"rope_theta":10000.0})";
}

Batch randomBatch(const Options& options, Rng& rng) {
    std::vector<Example> examples(static_cast<std::size_t>(options.rows));
    std::vector<const Example*> rows;
    for (Example& example : examples) {
        const std::int64_t length = rng.integer(options.shortest, options.longest);
        for (std::int64_t i = 0; i < length; ++i)
            example.ids.push_back(static_cast<std::int32_t>(rng.integer(3, 4000)));
        example.labels = example.ids;
        rows.push_back(&example);
    }
    return makeBatch(rows, 0);
}

double step(LanguageModel& model, const Batch& batch, BatchLayout layout) {
    const auto begin = std::chrono::steady_clock::now();
    const DeviceBatch onDevice = toDevice(batch, model.device(), layout);
    const at::Tensor loss =
        at::cross_entropy_loss(labelledLogits(model, onDevice), onDevice.due(), {}, at::Reduction::Mean);
    loss.backward();
    (void)loss.item<double>(); // waits for the device
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

Status run(const Options& options) {
    const fs::path folder = fs::temp_directory_path() / "lathe_bench_side_by_side";
    LATHE_TRY(ensureWritableFolder(folder));
    LATHE_TRY(writeFileAtomically(folder / "config.json", configOf(options)));
    LoadOptions load;
    LATHE_ASSIGN(load.device, deviceFrom(options.device));
    LATHE_ASSIGN(const auto model, randomModel(folder, 1, load));
    LATHE_ASSIGN(const auto method, adapterMethods().make("lora"));
    const auto adapter = method->attach(*model, defaults(method->options()), 1);
    Rng rng(3);
    std::vector<double> padded;
    std::vector<double> sideBySide;
    std::size_t real = 0;
    std::size_t all = 0;
    for (int round = 0; round < options.rounds; ++round) {
        const Batch batch = randomBatch(options, rng);
        real += batch.realTokens;
        all += batch.rows * batch.length;
        padded.push_back(step(*model, batch, BatchLayout::Padded));
        sideBySide.push_back(step(*model, batch, BatchLayout::SideBySide));
    }
    std::cout << "rows " << options.rows << ", " << options.shortest << " to " << options.longest
              << " tokens, real share " << static_cast<double>(real) / static_cast<double>(all) << ": padded "
              << bench::median(padded) << " ms, side by side " << bench::median(sideBySide) << " ms, ratio "
              << bench::median(padded) / bench::median(sideBySide) << '\n';
    return ok();
}

} // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app("Padded batches against rows side by side");
    app.add_option("--width", options.width);
    app.add_option("--layers", options.layers);
    app.add_option("--rows", options.rows);
    app.add_option("--longest", options.longest);
    app.add_option("--shortest", options.shortest);
    app.add_option("--threads", options.threads);
    app.add_option("--rounds", options.rounds);
    app.add_option("--device", options.device);
    CLI11_PARSE(app, argc, argv);
    lathe::useThreads(options.threads);
    const Status done = run(options);
    if (!done.has_value())
        std::cerr << done.error().text() << '\n';
    return done.has_value() ? 0 : 1;
}
