#include "core/model/load_model.h"

#include <CLI/CLI.hpp>

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <chrono>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

// Loads a model once and reads each of its weights once, and prints both times, the bytes and the memory as
// one line of JSON. See bench/README.md.

using namespace lathe;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kPart = 1 << 20;

double secondsSince(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// A line of /proc/self/status in bytes: "VmHWM" is the most memory ever resident, file mappings included.
std::uint64_t memoryOf(const std::string& key) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(key + ":"))
            return std::stoull(line.substr(key.size() + 1)) * 1024;
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app("Loads a model and prints how long that took");
    std::string folder;
    std::string precision = "bfloat16";
    int threads = 2;
    app.add_option("--model", folder, "Model folder")->required();
    app.add_option("--precision", precision, "Of the loaded weights");
    app.add_option("--threads", threads, "For reading the weights once");
    CLI11_PARSE(app, argc, argv);
    at::set_num_threads(threads);
    const auto dtype = scalarTypeFrom(precision);
    if (!dtype.has_value()) {
        std::cerr << dtype.error().text() << "\n";
        return 2;
    }
    const std::uint64_t before = memoryOf("VmRSS");
    const auto begin = Clock::now();
    const auto model = loadModel(folder, {dtype.value(), at::kCPU, {}});
    if (!model.has_value()) {
        std::cerr << model.error().text() << "\n";
        return 2;
    }
    const double loaded = secondsSince(begin);
    const at::NoGradGuard noGrad;
    double sum = 0;
    std::uint64_t bytes = 0;
    for (const auto& [name, weight] : model.value()->weights()) {
        for (const at::Tensor& part :
             weight.flatten().split(kPart)) // a whole sum would take memory of its own
            sum += part.sum(at::kFloat).item<double>();
        bytes += weight.nbytes();
    }
    std::cout << nlohmann::json{{"load_s", loaded},
                                {"load_and_read_s", secondsSince(begin)},
                                {"weight_bytes", bytes},
                                {"before_bytes", before},
                                {"peak_bytes", memoryOf("VmHWM")},
                                {"sum", sum}}
              << "\n";
    return 0;
}
