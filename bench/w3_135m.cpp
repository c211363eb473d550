#include "bench/measuring.h"
#include "bench/printing.h"
#include "bench/product_peak.h"
#include "bench/token_workload.h"
#include "core/train/base_precision.h"
#include "core/train/threads.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace {

using namespace lathe;
using nlohmann::json;
namespace fs = std::filesystem;

struct Options {
    fs::path inputs;
    std::string precision = "float32";
    int threads = 2;
    std::size_t steps = 8;
    std::size_t warmup = 2;
};

Result<json> measure(const Options& options) {
    const KeptMemory memory; // as a run of the program has it
    useThreads(options.threads);
    bench::TokenWorkload::Settings settings;
    settings.model = options.inputs / "model";
    settings.inputs = options.inputs;
    settings.batches = "tokens_4x128";
    settings.weightDecay = 0;
    const ParamValues recipe{{"precision", options.precision}};
    LATHE_ASSIGN(settings.dtype, weightPrecision(recipe));
    settings.isMixed = wantsMixed(recipe);
    LATHE_ASSIGN(auto workload, bench::TokenWorkload::open(settings));
    if (options.warmup + options.steps > workload.batchCount())
        return inputError("steps", "there are " + std::to_string(workload.batchCount()) + " batches, " +
                                       std::to_string(options.warmup + options.steps) + " are asked for");
    const bool isNarrow = settings.isMixed || settings.dtype != at::kFloat;
    bench::ProductPeak peak(isNarrow ? at::kBFloat16 : at::kFloat);
    const bench::TimedSteps measured = bench::timeSteps(
        options.warmup, options.steps, [&](std::size_t) { return workload.step(); }, [&] { peak.sample(); });
    const double middle = bench::median(measured.milliseconds);
    const double flops = workload.flopsPerStep();
    return json{{"benchmark", "w3_135m"},
                {"dtype", options.precision},
                {"threads", at::get_num_threads()},
                {"instruction_set", at::get_cpu_capability()},
                {"timed_steps", measured.milliseconds.size()},
                {"ms_per_step_min", *std::ranges::min_element(measured.milliseconds)},
                {"ms_per_step_median_all", middle},
                {"tokens_per_s", 1e3 * static_cast<double>(workload.tokensPerStep()) / middle},
                {"gflop_per_step", flops / 1e9},
                {"gflop_per_s", flops / middle / 1e6},
                {"product_gflop_per_s", peak.gflopPerSecond()},
                {"losses", measured.losses},
                {"peak_rss_mb", bench::peakMegabytes()}};
}

} // namespace

/// Prints one JSON object, as the Python side does.
int main(int argc, char** argv) {
    Options options;
    CLI::App app("W3: LoRA training steps on a LLaMA of 135M parameters; the cost is nearly all arithmetic");
    app.add_option("--inputs", options.inputs, "Folder that bench/peers/write_inputs w3 has written")
        ->required();
    app.add_option("--precision", options.precision, "As a recipe's: float32, bfloat16 or mixed");
    app.add_option("--threads", options.threads, "Threads of the tensor library")->check(CLI::Range(1, 256));
    app.add_option("--steps", options.steps, "Timed steps")->check(CLI::Range(1, 10000));
    app.add_option("--warmup", options.warmup, "Steps before the timed ones");
    CLI11_PARSE(app, argc, argv);
    return bench::printed(measure(options));
}
