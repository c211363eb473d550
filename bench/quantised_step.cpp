#include "bench/measuring.h"
#include "bench/printing.h"
#include "core/adapter/adapter_method.h"
#include "core/data/examples.h"
#include "core/kernels/packed_weight.h"
#include "core/model/quantised_files.h"
#include "core/model/quantised_model.h"
#include "core/model/transformer.h"
#include "core/train/flat_adamw.h"
#include "core/train/threads.h"
#include "core/train/training_step.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

namespace {

using namespace lathe;
using nlohmann::json;
using Clock = std::chrono::steady_clock;

struct Options {
    std::filesystem::path model;
    std::size_t batch = 4;
    std::size_t length = 128;
    std::int64_t rank = 8;
    std::vector<std::string> bases{"none", "nf4", "nf4+tokens", "int8", "int8+tokens"};
    std::vector<std::string> precisions{"float32", "bfloat16"};
    int threads = 2;
    std::size_t rounds = 3;
};

/// One way to keep the base, with a LoRA adapter on every projection.
struct Way {
    std::string base, precision;
    std::unique_ptr<LanguageModel> model;
    std::unique_ptr<Adapter> adapter; // after the model it is attached to
    std::unique_ptr<FlatAdamW> optimizer;
    std::vector<double> milliseconds;
    double loss = 0;
};

double since(Clock::time_point begin) {
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

/// "nf4", or "nf4+tokens": with the table of tokens in int8.
BaseQuantisation quantisationOf(const std::string& base) {
    const std::size_t plus = base.find('+');
    return {quantisationNamed(base.substr(0, plus)),
            plus == std::string::npos ? Quantisation::None : Quantisation::Int8};
}

Result<Way> open(const Options& options, const std::string& base, const std::string& precision) {
    LoadOptions load;
    load.dtype = precision == "float32" ? at::kFloat : at::kBFloat16;
    Way way{base, precision, {}, {}, {}, {}, 0};
    LATHE_ASSIGN(way.model, randomModel(options.model, 0, load, quantisationOf(base)));
    const auto lora = makeLoraMethod();
    ParamValues values = defaults(lora->options());
    values.set("rank", options.rank);
    values.set("target_modules", std::string("all-linear"));
    way.adapter = lora->attach(*way.model, values, 0);
    if (auto* transformer = dynamic_cast<TransformerModel*>(way.model.get()); precision == "mixed") {
        if (transformer == nullptr || !transformer->mixedObstacle().empty())
            return inputError(options.model.string(), "cannot train in mixed precision; leave it out");
        transformer->setMixed(true);
    }
    way.optimizer = std::make_unique<FlatAdamW>(way.adapter->parameters(), FlatAdamW::Settings{});
    return way;
}

/// What the weights take, those of projections that can be packed, and how long unpacking all that is packed
/// takes.
json weightsOf(const Way& way) {
    double all = 0, projections = 0, unpacking = 0;
    for (const auto& [name, weight] : way.model->weights()) {
        const PackedWeight* packed = packedIn(weight);
        const bool isProjection = name.ends_with("_proj.weight");
        const auto bytes = static_cast<double>(
            packed != nullptr ? packed->bytes()
                              : weight.numel() * static_cast<std::int64_t>(weight.dtype().itemsize()));
        all += bytes;
        projections += isProjection ? bytes : 0;
        if (packed == nullptr)
            continue;
        const auto begin = Clock::now();
        for (const RowRange& rows : unpackedTogether(weight))
            const DenseWeight dense(weight, rows);
        unpacking += since(begin);
    }
    return {{"weight_mb", all / 1e6}, {"projection_mb", projections / 1e6}, {"unpack_ms", unpacking}};
}

Result<std::vector<Way>> openAll(const Options& options) {
    std::vector<Way> ways;
    for (const std::string& base : options.bases)
        for (const std::string& precision : options.precisions) {
            LATHE_ASSIGN(Way way, open(options, base, precision));
            ways.push_back(std::move(way));
        }
    return ways;
}

/// The ways take their steps in turn, so that a busy machine slows all of them.
Result<json> measure(const Options& options) {
    useThreads(options.threads);
    LATHE_ASSIGN(std::vector<Way> ways, openAll(options));
    Rng rng(0);
    for (std::size_t round = 0; round <= options.rounds; ++round) { // the first warms up
        const Batch batch = bench::randomBatch(options.batch, options.length,
                                               ways.front().model->summary().vocabularySize, rng);
        for (Way& way : ways) {
            const auto begin = Clock::now();
            way.loss = trainingStep(*way.model, *way.adapter, *way.optimizer, std::span(&batch, 1),
                                    static_cast<std::int64_t>(round), 1e-3, 0)
                           .loss;
            if (round > 0)
                way.milliseconds.push_back(since(begin));
        }
    }
    json rows = json::array();
    for (const Way& way : ways) {
        json row = weightsOf(way);
        row["base"] = way.base;
        row["precision"] = way.precision;
        row["ms_per_step_median"] = bench::median(way.milliseconds);
        row["ms_per_step_min"] = *std::ranges::min_element(way.milliseconds);
        row["last_loss"] = way.loss;
        rows.push_back(std::move(row));
    }
    return json{{"benchmark", "quantised_step"},
                {"batch", {options.batch, options.length}},
                {"threads", options.threads},
                {"rounds", options.rounds},
                {"rows", rows}};
}

} // namespace

/// Prints one JSON object.
int main(int argc, char** argv) {
    Options options;
    CLI::App app("LoRA training steps over a base of random weights: whole, NF4 and int8, with the table "
                 "of tokens as it is and in int8, in turn");
    app.add_option("--model", options.model, "Folder of config.json; its weights are not read")->required();
    app.add_option("--batch", options.batch, "Sequences a step")->check(CLI::Range(1, 100000));
    app.add_option("--length", options.length, "Tokens a sequence")->check(CLI::Range(2, 1000000));
    app.add_option("--rank", options.rank, "Rank of the adapter")->check(CLI::Range(1, 4096));
    app.add_option("--bases", options.bases,
                   "How they are kept: some of none, nf4, int8, nf4+tokens, int8+tokens")
        ->delimiter(',')
        ->check(CLI::IsMember(Options().bases));
    app.add_option("--precision", options.precisions, "Of the bases: some of float32, bfloat16 and mixed")
        ->delimiter(',')
        ->check(CLI::IsMember({"float32", "bfloat16", "mixed"}));
    app.add_option("--threads", options.threads, "Threads of the tensor library")->check(CLI::Range(1, 256));
    app.add_option("--rounds", options.rounds, "Timed steps of each")->check(CLI::Range(1, 100000));
    CLI11_PARSE(app, argc, argv);
    return bench::printed(measure(options), 2);
}
