#pragma once

#include "core/base/random.h"
#include "core/data/examples.h"
#include "core/model/model_summary.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <numeric>
#include <string>
#include <vector>

namespace lathe::bench {

/// Of an even number of values the higher one in the middle. Contract: there is one.
inline double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

/// Most resident memory since the program started, in MB of 10^6 bytes; 0 where the system does not say.
inline double peakMegabytes() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;)
        if (double kibibytes = 0; word == "VmHWM:" && status >> kibibytes)
            return kibibytes * 1024 / 1e6;
    return 0;
}

/// Losses of all steps and times of those after the warm-up.
struct TimedSteps {
    std::vector<double> losses;
    std::vector<double> milliseconds;

    [[nodiscard]] double total() const {
        return std::accumulate(milliseconds.begin(), milliseconds.end(), 0.0);
    }
};

/// step: takes the number of a step, from 0, and returns its loss. between: called behind each that counts,
/// not timed.
template <typename Step, typename Between>
TimedSteps timeSteps(std::size_t warmup, std::size_t timed, Step step, Between between) {
    TimedSteps result;
    for (std::size_t i = 0; i < warmup + timed; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        result.losses.push_back(step(i));
        const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
        if (i < warmup)
            continue;
        result.milliseconds.push_back(took.count());
        between();
    }
    return result;
}
template <typename Step>
TimedSteps timeSteps(std::size_t warmup, std::size_t timed, Step step) {
    return timeSteps(warmup, timed, step, [] {});
}

/// Largest |ours - theirs| / |theirs| over the steps both have.
inline double largestDifference(const std::vector<double>& ours, const std::vector<double>& theirs) {
    double worst = 0;
    for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i) {
        const double difference = std::abs(ours[i] - theirs[i]) / std::abs(theirs[i]);
        worst = std::isnan(difference) ? difference : std::max(worst, difference);
    }
    return worst;
}

/// Weights in matrix products that every token goes through, the head over tokens included; without the token
/// table and what reads one position of a text (poolers, heads of labels).
inline std::int64_t matmulParameters(const ModelSummary& model) {
    std::int64_t count = model.head == HeadKind::CausalLm ? model.hiddenSize * model.vocabularySize : 0;
    for (const Site& site : model.sites)
        if (site.kind == SiteKind::Projection && site.layer >= 0)
            count += site.in * site.out;
    return count;
}

/// Model FLOPs of a LoRA step over a frozen base: (4 N + 6 P) tokens + 12 L d Σ length², the last term halved
/// where attention is causal. `adapter`: P, the adapter's parameters. Recomputation does not count.
inline double loraStepFlops(const ModelSummary& model, std::int64_t adapter, double tokens,
                            double squaredLengths) {
    const double attention = 12.0 * static_cast<double>(model.layers * model.hiddenSize) * squaredLengths;
    return static_cast<double>(4 * matmulParameters(model) + 6 * adapter) * tokens +
           (model.isCausal ? attention / 2 : attention);
}

/// Texts of one length whose tokens are drawn evenly and all labelled.
inline Batch randomBatch(std::size_t rows, std::size_t length, std::int64_t vocabulary, Rng& rng) {
    std::vector<Example> examples(rows);
    std::vector<const Example*> pointers;
    for (Example& example : examples) {
        for (std::size_t i = 0; i < length; ++i)
            example.ids.push_back(static_cast<std::int32_t>(rng.integer(0, vocabulary - 1)));
        example.labels = example.ids;
        pointers.push_back(&example);
    }
    return makeBatch(pointers, 0);
}

} // namespace lathe::bench
