#include "bench/measuring.h"
#include "bench/printing.h"
#include "core/adapter/adapter_method.h"
#include "core/data/examples.h"
#include "core/model/cuda.h"
#include "core/model/load_model.h"
#include "core/train/base_precision.h"
#include "core/train/batch_parts.h"
#include "core/train/flat_adamw.h"
#include "core/train/threads.h"
#include "core/train/training_step.h"

#include <ATen/Parallel.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <c10/core/CachingDeviceAllocator.h>
#include <chrono>
#include <nlohmann/json.hpp>

namespace {

using namespace lathe;
using nlohmann::json;
namespace fs = std::filesystem;

struct Options {
    fs::path model;
    std::string device = "auto";
    std::string precision = "float32";
    std::size_t batch = 4;
    std::size_t length = 128;
    std::int64_t rank = 8;
    double dropout = 0;
    int threads = 2;
    std::size_t steps = 20;
    std::size_t warmup = 5;
};

/// Most that tensors held on the GPU at once, in MB of 10^6 bytes; 0 on the CPU.
double peakMemory(at::Device device) {
    if (!device.is_cuda())
        return 0;
    constexpr auto kAll = static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE);
    const auto stats = c10::getDeviceAllocator(at::kCUDA)->getDeviceStats(device.index());
    return static_cast<double>(stats.allocated_bytes[kAll].peak) / 1e6;
}

Result<json> measure(const Options& options) {
    useThreads(options.threads);
    LoadOptions load;
    LATHE_ASSIGN(load.device, deviceFrom(options.device));
    ParamValues precision;
    precision.set("precision", options.precision);
    LATHE_ASSIGN(load.dtype, weightPrecision(precision));
    LATHE_ASSIGN(const auto model, randomModel(options.model, 0, load));
    const auto lora = makeLoraMethod();
    ParamValues values = defaults(lora->options());
    values.set("rank", options.rank);
    values.set("alpha", 16.0);
    values.set("dropout", options.dropout);
    values.set("target_modules", std::string("all-linear"));
    const auto adapter = lora->attach(*model, values, 0);
    LATHE_TRY(setPrecision(*model, precision));
    FlatAdamW optimizer(adapter->parameters(), {});
    Rng rng(0);
    std::vector<double> losses, milliseconds;
    for (std::size_t i = 0; i < options.warmup + options.steps; ++i) {
        const Batch batch =
            bench::randomBatch(options.batch, options.length, model->summary().vocabularySize, rng);
        const auto begin = std::chrono::steady_clock::now();
        StepTurn turn{adapter.get(), &optimizer, std::span(&batch, 1), static_cast<std::int64_t>(i), 1e-3, 0};
        turn.threads = lora->readsPartsApart(values) && readsPartsAlike(*model) ? at::get_num_threads() : 1;
        losses.push_back(trainingStep(*model, turn).loss); // read from the device: all before it is done
        const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
        if (i >= options.warmup)
            milliseconds.push_back(took.count());
    }
    const double middle = bench::median(milliseconds);
    return json{{"benchmark", "lora_step"},
                {"device", load.device.str()},
                {"precision", options.precision},
                {"threads", at::get_num_threads()},
                {"batch", {options.batch, options.length}},
                {"dropout", options.dropout},
                {"timed_steps", milliseconds.size()},
                {"ms_per_step_median", middle},
                {"ms_per_step_min", *std::ranges::min_element(milliseconds)},
                {"tokens_per_s", 1e3 * static_cast<double>(options.batch * options.length) / middle},
                {"first_loss", losses.front()},
                {"final_loss", losses.back()},
                {"peak_gpu_mb", peakMemory(load.device)}};
}

} // namespace

/// Prints one JSON object.
int main(int argc, char** argv) {
    Options options;
    CLI::App app("LoRA training steps on a model with random weights, on every linear projection");
    app.add_option("--model", options.model, "Folder of config.json; its weights are not read")->required();
    app.add_option("--device", options.device, "auto, cpu, cuda");
    app.add_option("--precision", options.precision, "float32, bfloat16 or mixed, as a recipe's");
    app.add_option("--batch", options.batch, "Sequences a step")->check(CLI::Range(1, 100000));
    app.add_option("--length", options.length, "Tokens a sequence")->check(CLI::Range(2, 1000000));
    app.add_option("--rank", options.rank, "Rank of the adapter")->check(CLI::Range(1, 4096));
    app.add_option("--dropout", options.dropout, "Of the adapter's inputs")->check(CLI::Range(0.0, 0.9));
    app.add_option("--threads", options.threads, "Threads of the tensor library")->check(CLI::Range(1, 256));
    app.add_option("--steps", options.steps, "Timed steps")->check(CLI::Range(1, 100000));
    app.add_option("--warmup", options.warmup, "Steps before the timed ones");
    CLI11_PARSE(app, argc, argv);
    return bench::printed(measure(options));
}
