#include "core/train/prefix_cache.h"
#include "bench/measuring.h"
#include "bench/printing.h"
#include "core/data/examples.h"
#include "core/model/load_model.h"
#include "core/train/flat_adamw.h"
#include "core/train/threads.h"
#include "core/train/training_step.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

namespace {

using namespace lathe;
using nlohmann::json;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct Options {
    fs::path folder;
    std::int64_t layers = 30;
    std::int64_t firstLayer = 15;
    std::size_t rows = 4;
    std::size_t length = 128;
    double labelled = 1; ///< share of a row's tokens, the last ones
    std::size_t batches = 4;
    std::int64_t epochs = 3;
    std::string precision = "float32";
    int threads = 1;
};

/// The shape of SmolLM-135M.
json shape(const Options& options) {
    return {{"architectures", {"LlamaForCausalLM"}},
            {"model_type", "llama"},
            {"hidden_size", 576},
            {"intermediate_size", 1536},
            {"num_hidden_layers", options.layers},
            {"num_attention_heads", 9},
            {"num_key_value_heads", 3},
            {"vocab_size", 49152},
            {"max_position_embeddings", 2048},
            {"initializer_range", 0.04},
            {"tie_word_embeddings", true}};
}

std::vector<Example> randomRows(const Options& options) {
    Rng rng(0);
    std::vector<Example> rows(options.rows * options.batches);
    for (Example& row : rows) {
        for (std::size_t i = 0; i < options.length; ++i)
            row.ids.push_back(static_cast<std::int32_t>(rng.integer(5, 49000)));
        row.labels = row.ids;
        const auto ignored = static_cast<std::ptrdiff_t>(
            std::lround((1 - options.labelled) * static_cast<double>(options.length)));
        std::fill_n(row.labels.begin(), ignored, kIgnoreLabel);
    }
    return rows;
}

/// One way to train, with weights of its own that are the same as the other's.
struct Side {
    std::unique_ptr<LanguageModel> model;
    std::unique_ptr<Adapter> adapter; // after the model it is attached to
    std::unique_ptr<FlatAdamW> optimizer;
    std::unique_ptr<PrefixCache> cache;
    std::vector<double> seconds, losses;
};

/// layers: those with adapters, as `target_layers` has them.
Status prepare(Side& side, const Options& options, const std::string& layers) {
    LoadOptions load;
    LATHE_ASSIGN(load.dtype, scalarTypeFrom(options.precision));
    LATHE_ASSIGN(side.model, randomModel(options.folder, 0, load));
    LATHE_ASSIGN(const auto method, adapterMethods().make("lora"));
    ParamValues values = defaults(method->options());
    values.set("target_modules", std::string("all-linear"));
    values.set("target_layers", layers);
    side.adapter = method->attach(*side.model, values, 0);
    side.optimizer = std::make_unique<FlatAdamW>(side.adapter->groups(), FlatAdamW::Settings{});
    return ok();
}

void step(Side& side, const Batch& batch, std::int64_t number) {
    const auto begin = Clock::now();
    StepTurn turn{side.adapter.get(), side.optimizer.get(), {&batch, 1}, number, 1e-3, 1.0};
    turn.prefix = side.cache.get();
    side.losses.push_back(trainingStep(*side.model, turn).loss);
    side.seconds.push_back(std::chrono::duration<double>(Clock::now() - begin).count());
}

Result<json> measure(const Options& options) {
    useThreads(options.threads);
    std::ofstream(options.folder / "config.json") << shape(options).dump(2);
    const std::string upper = std::to_string(options.firstLayer) + "-" + std::to_string(options.layers - 1);
    Side plain, cached, uncut;
    LATHE_TRY(prepare(plain, options, upper));
    LATHE_TRY(prepare(cached, options, upper));
    LATHE_TRY(prepare(uncut, options, "0," + upper)); // one adapter more: back through all layers
    TrainingData data;
    data.train = ExampleList(randomRows(options));
    PrefixCacheWish wish{data, options.folder};
    wish.epochs = static_cast<double>(options.epochs);
    wish.memoryBytes = std::uint64_t{1} << 34U;
    const auto begin = Clock::now();
    PrefixCacheAnswer answer = openPrefixCache(*cached.model, wish);
    const std::chrono::duration<double> opening = Clock::now() - begin;
    if (!answer.cache)
        return inputError("the cache", answer.note);
    cached.cache = std::move(answer.cache);
    BatchCursor cursor(data.train.size(), options.rows, 0);
    const auto perEpoch = static_cast<std::int64_t>(options.batches);
    for (std::int64_t number = 0; number < options.epochs * perEpoch; ++number) {
        const Batch batch = batchOf(data.train, cursor.next(), 0);
        for (Side* side : {&plain, &cached, &uncut}) // in turns, so that other work on the machine slows all
            step(*side, batch, number);
    }
    double worst = 0;
    for (std::size_t i = 0; i < plain.losses.size(); ++i)
        worst = std::max(worst, std::abs(cached.losses[i] / plain.losses[i] - 1));
    const auto later = [&](const Side& side) { // behind the epoch that fills the cache
        return bench::median({side.seconds.begin() + perEpoch, side.seconds.end()});
    };
    return json{
        {"layers", options.layers},
        {"first_adapted_layer", options.firstLayer},
        {"precision", options.precision},
        {"threads", options.threads},
        {"labelled", options.labelled},
        {"tokens_a_step", options.rows * options.length},
        {"seconds_plain", later(plain)},
        {"seconds_cached", later(cached)},
        {"cached_over_plain", later(cached) / later(plain)},
        {"seconds_uncut", later(uncut)},
        {"cached_over_uncut", later(cached) / later(uncut)},
        {"seconds_filling", bench::median({cached.seconds.begin(), cached.seconds.begin() + perEpoch})},
        {"seconds_opening", opening.count()},
        {"bytes", cached.cache->store().plan().bytes()},
        {"losses_equal", plain.losses == cached.losses},
        {"largest_relative_difference_of_losses", worst}};
}

} // namespace

/// Prints one JSON object.
int main(int argc, char** argv) {
    Options options;
    CLI::App app("Training steps with and without kept activations of frozen layers");
    app.add_option("folder", options.folder, "Folder for the configuration of a random model")
        ->required()
        ->check(CLI::ExistingDirectory);
    app.add_option("--layers", options.layers, "Layers")->check(CLI::Range(1, 1000));
    app.add_option("--first", options.firstLayer, "First layer with an adapter")->check(CLI::Range(1, 1000));
    app.add_option("--rows", options.rows, "Rows a step")->check(CLI::Range(1, 100000));
    app.add_option("--length", options.length, "Tokens of each")->check(CLI::Range(2, 2048));
    app.add_option("--labelled", options.labelled, "Share of the tokens with a loss, at the rows' ends")
        ->check(CLI::Range(0.01, 1.0));
    app.add_option("--batches", options.batches, "Steps an epoch")->check(CLI::Range(1, 100000));
    app.add_option("--epochs", options.epochs, "Epochs, the first of which fills the cache")
        ->check(CLI::Range(2, 1000));
    app.add_option("--precision", options.precision, "float32 or bfloat16");
    app.add_option("--threads", options.threads, "Threads")->check(CLI::Range(1, 256));
    CLI11_PARSE(app, argc, argv);
    return bench::printed(measure(options), 2, 1);
}
