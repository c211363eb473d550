#include "bench/measuring.h"
#include "bench/printing.h"
#include "bench/token_workload.h"
#include "core/model/load_model.h"
#include "core/train/threads.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>

namespace {

using namespace lathe;
using nlohmann::json;
namespace fs = std::filesystem;

struct Options {
    fs::path peers;
    fs::path model;
    int length = 64;
    int threads = 2;
    std::string device = "cpu";
    std::size_t steps = 100;
    std::size_t warmup = 20;
};

/// Of all steps to the reference curves.
Result<json> compareLosses(const std::vector<double>& losses, const Options& options) {
    json differences;
    for (const std::string dtype : {"float32", "float64"}) {
        LATHE_ASSIGN(const auto reference, bench::readW1Losses(options.peers / "w1", options.length, dtype));
        differences[dtype] = bench::largestDifference(losses, reference);
    }
    return differences;
}

Result<json> measure(const Options& options) {
    const KeptMemory memory; // as a run of the program has it
    useThreads(options.threads);
    auto settings = bench::w1Settings(options.model, options.peers / "w1", options.length);
    LATHE_ASSIGN(settings.device, deviceFrom(options.device));
    LATHE_ASSIGN(auto workload, bench::TokenWorkload::open(settings));
    if (options.warmup + options.steps > workload.batchCount())
        return inputError("steps", "there are " + std::to_string(workload.batchCount()) + " batches, " +
                                       std::to_string(options.warmup + options.steps) + " are asked for");
    const bench::TimedSteps measured =
        bench::timeSteps(options.warmup, options.steps, [&](std::size_t) { return workload.step(); });
    json lossAtStep = json::object();
    for (const std::size_t step : {1, 20, 100})
        if (step <= measured.losses.size())
            lossAtStep[std::to_string(step)] = measured.losses[step - 1];
    LATHE_ASSIGN(const json differences, compareLosses(measured.losses, options));
    const double middle = bench::median(measured.milliseconds);
    return json{
        {"benchmark", "w1_tiny"},
        {"device", settings.device.str()},
        {"threads", at::get_num_threads()},
        {"batch", {8, options.length}},
        {"timed_steps", measured.milliseconds.size()},
        {"ms_per_step_min", *std::min_element(measured.milliseconds.begin(), measured.milliseconds.end())},
        {"ms_per_step_median_all", middle},
        {"tokens_per_s", 1e3 * static_cast<double>(workload.tokensPerStep()) / middle},
        {"gflop_per_step", workload.flopsPerStep() / 1e9},
        {"instruction_set", at::get_cpu_capability()},
        {"loss_at_step", lossAtStep},
        {"final_loss", measured.losses.back()},
        {"max_relative_difference", differences},
        {"peak_rss_mb", bench::peakMegabytes()}};
}

} // namespace

/// Prints one JSON object, as the Python side does.
int main(int argc, char** argv) {
    Options options;
    CLI::App app("W1: LoRA training steps on a 260K-parameter LLaMA; the cost is nearly all overhead");
    app.add_option("--peers", options.peers, "Folder of the Python side, which holds w1/")->required();
    app.add_option("--model", options.model, "Folder of stories260K (default: beside the peers folder)");
    app.add_option("--length", options.length, "Tokens a sequence")->check(CLI::IsMember({64, 256}));
    app.add_option("--threads", options.threads, "Threads of the tensor library")->check(CLI::Range(1, 256));
    app.add_option("--device", options.device, "cpu, cuda or auto");
    app.add_option("--steps", options.steps, "Timed steps")->check(CLI::Range(1, 10000));
    app.add_option("--warmup", options.warmup, "Steps before the timed ones");
    CLI11_PARSE(app, argc, argv);
    if (options.model.empty())
        options.model = fs::absolute(options.peers).lexically_normal() / ".." / "models/stories260K";
    return bench::printed(measure(options));
}
