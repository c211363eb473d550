#include "bench/w1_workload.h"
#include "core/model/load_model.h"
#include "core/train/threads.h"

#include <ATen/Parallel.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iostream>
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

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/// Most resident memory since the program started, in MB of 10^6 bytes.
double peakMemory() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;)
        if (double kibibytes = 0; word == "VmHWM:" && status >> kibibytes)
            return kibibytes * 1024 / 1e6;
    return 0;
}

struct Measured {
    std::vector<double> losses;
    std::vector<double> milliseconds; ///< of the steps after the warm-up
};

Measured train(bench::W1Workload& workload, const Options& options) {
    Measured measured;
    for (std::size_t i = 0; i < options.warmup + options.steps; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        measured.losses.push_back(workload.step());
        const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
        if (i >= options.warmup)
            measured.milliseconds.push_back(took.count());
    }
    return measured;
}

/// Largest |ours - theirs| / |theirs| over the steps both have.
Result<double> compareLosses(const std::vector<double>& losses, const Options& options,
                             const std::string& dtype) {
    LATHE_ASSIGN(const auto reference, bench::readW1Losses(options.peers / "w1", options.length, dtype));
    double worst = 0;
    for (std::size_t i = 0; i < std::min(losses.size(), reference.size()); ++i)
        worst = std::max(worst, std::abs(losses[i] - reference[i]) / std::abs(reference[i]));
    return worst;
}

Result<json> measure(const Options& options) {
    useThreads(options.threads);
    LATHE_ASSIGN(const at::Device device, deviceFrom(options.device));
    LATHE_ASSIGN(auto workload, bench::W1Workload::open({options.model, options.peers / "w1"}, options.length,
                                                        at::kFloat, device));
    if (options.warmup + options.steps > workload.batchCount())
        return inputError("steps", "there are " + std::to_string(workload.batchCount()) + " batches, " +
                                       std::to_string(options.warmup + options.steps) + " are asked for");
    const Measured measured = train(workload, options);
    json lossAtStep = json::object();
    for (const std::size_t step : {1, 20, 100})
        if (step <= measured.losses.size())
            lossAtStep[std::to_string(step)] = measured.losses[step - 1];
    json differences;
    for (const std::string dtype : {"float32", "float64"}) {
        LATHE_ASSIGN(differences[dtype], compareLosses(measured.losses, options, dtype));
    }
    const double middle = median(measured.milliseconds);
    return json{
        {"benchmark", "w1_tiny"},
        {"device", device.str()},
        {"threads", at::get_num_threads()},
        {"batch", {8, options.length}},
        {"timed_steps", measured.milliseconds.size()},
        {"ms_per_step_min", *std::min_element(measured.milliseconds.begin(), measured.milliseconds.end())},
        {"ms_per_step_median_all", middle},
        {"tokens_per_s", 1e3 * static_cast<double>(workload.tokensPerStep()) / middle},
        {"loss_at_step", lossAtStep},
        {"final_loss", measured.losses.back()},
        {"max_relative_difference", differences},
        {"peak_rss_mb", peakMemory()}};
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
    const auto result = measure(options);
    if (!result.has_value()) {
        std::cerr << result.error().text() << '\n';
        return 2;
    }
    std::cout << result->dump() << '\n';
    return 0;
}
