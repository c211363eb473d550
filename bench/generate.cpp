#include "bench/printing.h"
#include "core/model/generate.h"
#include "core/base/random.h"
#include "core/model/load_model.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/ones.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <ctime>
#include <nlohmann/json.hpp>

namespace {

using namespace lathe;
using nlohmann::json;

struct Options {
    std::string model;
    std::string precision = "float32";
    std::int64_t batch = 1;
    std::int64_t promptTokens = 8;
    std::int64_t newTokens = 256;
    int repeats = 3;
    int threads = 1;
};

/// The same ids as the Python side: 3 + (31 i + 17 row) mod (V - 3).
at::Tensor prompts(const Options& options, std::int64_t vocabulary) {
    at::Tensor ids = at::empty({options.batch, options.promptTokens}, at::kLong);
    for (std::int64_t row = 0; row < options.batch; ++row)
        for (std::int64_t i = 0; i < options.promptTokens; ++i)
            ids.data_ptr<std::int64_t>()[row * options.promptTokens + i] =
                3 + (31 * i + 17 * row) % (vocabulary - 3);
    return ids;
}

Result<json> measure(const Options& options) {
    at::set_num_threads(options.threads);
    LoadOptions load;
    LATHE_ASSIGN(load.dtype, scalarTypeFrom(options.precision));
    LATHE_ASSIGN(const auto model, loadModel(options.model, load));
    const at::Tensor ids = prompts(options, model->summary().vocabularySize);
    Decoding decoding;
    decoding.maxNewTokens = 8;
    static_cast<void>(generate(*model, ids, at::ones(ids.sizes(), at::kBool), decoding)); // warm-up
    decoding.maxNewTokens = options.newTokens;
    std::vector<double> seconds;
    std::vector<double> processorSeconds;
    at::Tensor made;
    for (int i = 0; i < options.repeats; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        const std::clock_t processorBegin = std::clock();
        made = generate(*model, ids, at::ones(ids.sizes(), at::kBool), decoding);
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
        seconds.push_back(took.count());
        processorSeconds.push_back(static_cast<double>(std::clock() - processorBegin) / CLOCKS_PER_SEC);
    }
    const double best = *std::min_element(seconds.begin(), seconds.end());
    const auto tokens = static_cast<double>(options.batch * options.newTokens);
    const auto* first = made.const_data_ptr<std::int64_t>();
    return json{{"benchmark", "generate"},
                {"batch", options.batch},
                {"threads", at::get_num_threads()},
                {"seconds", seconds},
                {"tokens_per_s", tokens / best},
                {"processor_seconds", processorSeconds},
                {"ids", std::vector<std::int64_t>(first, first + made.numel())}};
}

} // namespace

/// Greedy generation with a key-value cache; prints one JSON object, as the Python side does.
int main(int argc, char** argv) {
    Options options;
    CLI::App app("Tokens per second of greedy generation");
    app.add_option("--model", options.model, "Model folder")->required();
    app.add_option("--precision", options.precision, "Of weights and arithmetic");
    app.add_option("--batch", options.batch, "Rows")->check(CLI::Range(1, 1024));
    app.add_option("--tokens", options.newTokens, "New tokens a row")->check(CLI::Range(1, 100000));
    app.add_option("--repeats", options.repeats, "Timed runs; the best counts")->check(CLI::Range(1, 1000));
    app.add_option("--threads", options.threads, "Threads of the tensor library")->check(CLI::Range(1, 256));
    CLI11_PARSE(app, argc, argv);
    return bench::printed(measure(options));
}
