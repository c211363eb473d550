#include "bench/measuring.h"
#include "core/base/cores.h"
#include "core/base/files.h"
#include "core/model/load_model.h"
#include "core/train/threads.h"
#include "core/train/trial_pack.h"

#include <ATen/Parallel.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <barrier>
#include <chrono>
#include <cmath>
#include <ctime>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>
#include <torch/version.h>

namespace {

using namespace lathe;
using nlohmann::json;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct Options {
    std::size_t trials = 8;
    std::vector<std::size_t> rows{1, 8}; ///< sequences of a trial's step, in turn 32 and 64 tokens long
    std::vector<std::size_t> lengths{32, 64};
    int threads = 0; ///< 0: all cores
    int steps = 30;
    int repeats = 5;
    int warmup = 2;
};

/// The sizes of stories260K (llama2.c), with untrained weights: what a step costs does not depend on them.
constexpr const char* kConfig =
    R"({"architectures":["LlamaForCausalLM"],"model_type":"llama","hidden_size":64,
    "intermediate_size":172,"num_hidden_layers":5,"num_attention_heads":8,"num_key_value_heads":4,
    "vocab_size":512,"max_position_embeddings":512,"tie_word_embeddings":true,"rms_norm_eps":1e-05})";

/// One trial with its own adapter, optimiser and tokens, over the shared base.
struct Trial {
    Trial(const fs::path& folder, const LanguageModel& base, std::uint64_t seed, std::size_t rows,
          std::size_t length)
        : model(sharedModel(folder, base).value()) {
        const auto lora = makeLoraMethod();
        ParamValues values = defaults(lora->options());
        values.set("rank", std::int64_t{8});
        values.set("alpha", 16.0);
        values.set("target_modules", std::string("all-linear"));
        adapter = lora->attach(*model, values, seed);
        FlatAdamW::Settings settings;
        settings.weightDecay = 0.01;
        optimizer = std::make_unique<FlatAdamW>(adapter->groups(), settings);
        std::vector<Example> examples(rows);
        std::vector<const Example*> pointers;
        std::uint64_t drawn = 0;
        for (Example& example : examples) {
            for (std::size_t i = 0; i < length; ++i)
                example.ids.push_back(static_cast<std::int32_t>(3 + mixSeed(seed, drawn++) % 500));
            example.labels = example.ids;
            pointers.push_back(&example);
        }
        batches.push_back(makeBatch(pointers, 0));
    }
    /// As a run takes its step by itself: a part of the rows on each of its threads.
    StepTurn turn(int threads) {
        StepTurn turn{adapter.get(), optimizer.get(), batches, step++, 1e-3, 0};
        turn.threads = threads;
        return turn;
    }

    std::unique_ptr<LanguageModel> model;
    std::unique_ptr<Adapter> adapter;
    std::unique_ptr<FlatAdamW> optimizer;
    std::vector<Batch> batches;
    std::int64_t step = 0;
    double loss = 0; ///< of the latest step
};

/// Trials over a pack of their own, so that all ways see the same numbers.
struct Field {
    Field(const fs::path& folder, const Options& options, std::size_t size, Packing mode, int threadsEach)
        : pack(randomModel(folder, 7).value(), mode, threadsEach,
               [folder](const LanguageModel& base) { return sharedModel(folder, base); }),
          threads(threadsEach) {
        for (std::size_t i = 0; i < options.trials; ++i)
            trials.push_back(std::make_unique<Trial>(folder, pack.base(), i + 1, options.rows[size],
                                                     options.lengths[size]));
    }
    TrialPack pack;
    int threads;
    std::vector<std::unique_ptr<Trial>> trials; // after the pack whose base they share
};

/// Milliseconds of a round, in which each trial steps once.
struct Taken {
    double wall = 0;
    double cpu = 0; ///< of the whole process: what other programs on the machine disturb least
};

class Stopwatch {
public:
    [[nodiscard]] Taken perRound(int rounds) const {
        const double wall = std::chrono::duration<double, std::milli>(Clock::now() - m_begin).count();
        const double cpu = 1e3 * static_cast<double>(std::clock() - m_cpu) / CLOCKS_PER_SEC;
        return {wall / rounds, cpu / rounds};
    }

private:
    Clock::time_point m_begin = Clock::now();
    std::clock_t m_cpu = std::clock();
};

Taken oneAfterTheOther(Field& field, int steps) {
    useThreads(field.threads);
    const Stopwatch watch;
    for (const auto& trial : field.trials) // as a study does: a trial to its end, then the next
        for (int step = 0; step < steps; ++step)
            trial->loss = trainingStep(*trial->model, trial->turn(field.threads)).loss;
    return watch.perRound(steps);
}

/// The same with a thread for each trial, as a study with that many slots has.
Taken atTheSameTime(Field& field, int steps) {
    std::barrier ready(static_cast<std::ptrdiff_t>(field.trials.size()) + 1);
    std::vector<std::jthread> threads;
    for (const auto& each : field.trials)
        threads.emplace_back([&, trial = each.get()] {
            useThreads(field.threads);
            const auto seat = field.pack.join(*trial->model, *trial->adapter);
            LATHE_EXPECT(seat != nullptr);
            ready.arrive_and_wait();
            for (int step = 0; step < steps; ++step)
                trial->loss = seat->step(trial->turn(field.threads)).loss;
        });
    ready.arrive_and_wait();
    const Stopwatch watch;
    threads.clear();
    return watch.perRound(steps);
}

json measure(const fs::path& folder, const Options& options, std::size_t size) {
    const int cores = options.threads > 0 ? options.threads : availableCores();
    const int shared = std::max(1, cores / static_cast<int>(options.trials));
    Field sequential(folder, options, size, Packing::Never, cores);
    Field apart(folder, options, size, Packing::Never, shared);
    Field together(folder, options, size, Packing::Always, shared);
    Field automatic(folder, options, size, Packing::Auto, shared);
    const std::vector<std::pair<std::string, std::function<Taken(int)>>> ways{
        {"one_after_the_other", [&](int steps) { return oneAfterTheOther(sequential, steps); }},
        {"a_thread_each", [&](int steps) { return atTheSameTime(apart, steps); }},
        {"packed", [&](int steps) { return atTheSameTime(together, steps); }},
        {"automatic", [&](int steps) { return atTheSameTime(automatic, steps); }}};
    std::map<std::string, std::vector<double>> times, cpuTimes;
    for (int repeat = -options.warmup; repeat < options.repeats; ++repeat) // A/B/C/D/A/B/C/D …
        for (const auto& [name, run] : ways)
            if (const Taken taken = run(options.steps); repeat >= 0) {
                times[name].push_back(taken.wall);
                cpuTimes[name].push_back(taken.cpu);
            }
    double worst = 0; // between the losses of a trial by itself and in the pack, after all steps
    for (std::size_t i = 0; i < options.trials; ++i)
        worst = std::max(worst, std::abs(together.trials[i]->loss - sequential.trials[i]->loss) /
                                    sequential.trials[i]->loss);
    json result{{"tokens_per_trial_step", options.rows[size] * options.lengths[size]},
                {"loss_difference", worst},
                {"loss", sequential.trials.front()->loss}};
    for (const auto& [name, all] : times) {
        result["ms_per_round"][name] = {{"min", *std::ranges::min_element(all)},
                                        {"median", bench::median(all)}};
        result["times_sequential"][name] = bench::median(times["one_after_the_other"]) / bench::median(all);
        result["cpu_ms_per_round"][name] = bench::median(cpuTimes[name]);
        result["times_sequential_cpu"][name] =
            bench::median(cpuTimes["one_after_the_other"]) / bench::median(cpuTimes[name]);
    }
    return result;
}

} // namespace

/// Prints one JSON object.
int main(int argc, char** argv) {
    Options options;
    CLI::App app(
        "Trials of a study one after the other, at the same time, and packed, on stories260K's sizes");
    app.add_option("--trials", options.trials, "Trials")->check(CLI::Range(2, 64));
    app.add_option("--threads", options.threads, "Threads all trials may use; 0: all cores");
    app.add_option("--warmup", options.warmup, "Repeats before those that count")->check(CLI::Range(0, 1000));
    app.add_option("--steps", options.steps, "Steps of each trial in a repeat")->check(CLI::Range(1, 10000));
    app.add_option("--repeats", options.repeats, "Repeats, interleaved")->check(CLI::Range(1, 1000));
    app.add_option("--rows", options.rows, "Sequences of a trial's step, of each size to measure");
    app.add_option("--lengths", options.lengths, "Tokens of each of them")->check(CLI::Range(2, 512));
    CLI11_PARSE(app, argc, argv);
    if (options.rows.size() != options.lengths.size()) {
        std::cerr << "--rows and --lengths: " << options.rows.size() << " and " << options.lengths.size()
                  << " numbers; give as many of the one as of the other\n";
        return 2;
    }
    const fs::path folder =
        fs::temp_directory_path() / ("packed_trials_" + std::to_string(std::random_device()()));
    if (const Status made = ensureWritableFolder(folder); !made.has_value()) {
        std::cerr << made.error().text() << '\n';
        return 2;
    }
    if (const Status written = writeFileAtomically(folder / "config.json", kConfig); !written.has_value()) {
        std::cerr << written.error().text() << '\n';
        return 2;
    }
    json result{{"benchmark", "packed_trials"},
                {"trials", options.trials},
                {"cores", options.threads > 0 ? options.threads : availableCores()},
                {"torch", TORCH_VERSION}};
    for (std::size_t size = 0; size < options.rows.size(); ++size)
        result["sizes"].push_back(measure(folder, options, size));
    std::error_code ignored;
    fs::remove_all(folder, ignored);
    std::cout << result.dump(2) << '\n';
    return 0;
}
