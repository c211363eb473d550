#include "bench/measuring.h"
#include "bench/printing.h"
#include "core/adapter/adapter_method.h"
#include "core/data/examples.h"
#include "core/model/load_model.h"
#include "core/train/flat_adamw.h"
#include "core/train/threads.h"
#include "core/train/training_step.h"

#include <ATen/ops/cross_entropy_loss.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

namespace {

using namespace lathe;
using nlohmann::json;

struct Options {
    std::filesystem::path model;
    std::size_t batch = 16;
    std::size_t length = 64;
    std::int64_t tokens = 10;
    int threads = 1;
    std::size_t steps = 30;
};

/// One way to train, with a model of its own: the same random weights as the others'.
struct Side {
    std::string name, method;
    std::int64_t vertices = 1;
    double dropout = 0;
    std::unique_ptr<LanguageModel> model;
    std::unique_ptr<Adapter> adapter; // after the model it is attached to
    std::unique_ptr<FlatAdamW> optimizer;
    std::vector<double> milliseconds;
};

Status prepare(Side& side, const Options& options) {
    LATHE_ASSIGN(side.model, randomModel(options.model, 0, {}));
    LATHE_ASSIGN(const auto method, adapterMethods().make(side.method));
    ParamValues values = defaults(method->options());
    values.set("virtual_tokens", options.tokens);
    if (side.method == "prefix_subspace") {
        values.set("vertices", side.vertices);
        values.set("simplex_dropout", side.dropout);
    }
    side.adapter = method->attach(*side.model, values, 0);
    if (!method->trainsHead())
        side.adapter->trainAlso(headWeights(side.model->summary()));
    side.optimizer = std::make_unique<FlatAdamW>(side.adapter->parameters(), FlatAdamW::Settings{});
    return ok();
}

/// Texts of unequal length with a label each, as few-shot sets have them.
Batch randomBatch(const Options& options, std::int64_t vocabulary, Rng& rng) {
    std::vector<Example> examples(options.batch);
    std::vector<const Example*> pointers;
    for (Example& example : examples) {
        const std::int64_t shortest = static_cast<std::int64_t>(options.length / 2);
        const std::int64_t length = rng.integer(shortest, static_cast<std::int64_t>(options.length));
        for (std::int64_t i = 0; i < length; ++i)
            example.ids.push_back(static_cast<std::int32_t>(rng.integer(5, vocabulary - 1)));
        example.labels.assign(example.ids.size(), kIgnoreLabel);
        example.textLabel = static_cast<std::int32_t>(rng.integer(0, 1));
        pointers.push_back(&example);
    }
    return makeBatch(pointers, 0);
}

double step(Side& side, const Batch& batch, std::int64_t number) {
    const auto begin = std::chrono::steady_clock::now();
    const DeviceBatch onDevice = toDevice(batch, side.model->device(), layoutFor(*side.model, batch));
    side.adapter->beginStep(number);
    side.optimizer->zeroGradients();
    const at::Tensor loss = at::cross_entropy_loss(labelledLogits(*side.model, onDevice), onDevice.due());
    loss.backward();
    side.optimizer->clipGradients(1);
    side.adapter->beforeUpdate(number);
    side.optimizer->step(1e-3);
    side.adapter->afterUpdate(number);
    side.adapter->endTraining();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    return took.count();
}

Result<json> measure(const Options& options) {
    useThreads(options.threads);
    std::vector<Side> sides;
    for (const auto& [name, method, vertices, dropout] :
         {std::tuple("prefix", "prefix", 1, 0.0), std::tuple("simplex of 1", "prefix_subspace", 1, 0.0),
          std::tuple("simplex of 3", "prefix_subspace", 3, 0.0),
          std::tuple("simplex of 3, dropout", "prefix_subspace", 3, 0.1)}) {
        Side& side = sides.emplace_back();
        side.name = name;
        side.method = method;
        side.vertices = vertices;
        side.dropout = dropout;
        LATHE_TRY(prepare(side, options));
    }
    Rng rng(0);
    constexpr std::size_t kWarmup = 3;
    for (std::size_t i = 0; i < options.steps + kWarmup; ++i) {
        const Batch batch = randomBatch(options, sides.front().model->summary().vocabularySize, rng);
        for (Side& side : sides) // in turns, so that other work on the machine slows all of them
            if (const double took = step(side, batch, static_cast<std::int64_t>(i)); i >= kWarmup)
                side.milliseconds.push_back(took);
    }
    json result;
    for (const Side& side : sides)
        result[side.name] = {
            {"ms_median", bench::median(side.milliseconds)},
            {"ms_min", *std::ranges::min_element(side.milliseconds)},
            {"over_prefix_by_median",
             bench::median(side.milliseconds) / bench::median(sides.front().milliseconds) - 1}};
    return result;
}

} // namespace

/// Prints one JSON object.
int main(int argc, char** argv) {
    Options options;
    CLI::App app("Training steps of prefixes and of a simplex of them, on a classifier with random weights");
    app.add_option("--model", options.model, "Folder of config.json with a head for labels")->required();
    app.add_option("--batch", options.batch, "Texts a step")->check(CLI::Range(1, 100000));
    app.add_option("--length", options.length, "Tokens of the longest")->check(CLI::Range(2, 1000000));
    app.add_option("--tokens", options.tokens, "Virtual tokens")->check(CLI::Range(1, 1024));
    app.add_option("--threads", options.threads, "Threads of the tensor library")->check(CLI::Range(1, 256));
    app.add_option("--steps", options.steps, "Timed steps")->check(CLI::Range(1, 100000));
    CLI11_PARSE(app, argc, argv);
    return bench::printed(measure(options), 2, 1);
}
