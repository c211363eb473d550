#include "core/train/scores.h"

#include "core/kernels/parts_on_threads.h"
#include "core/train/head_loss.h"
#include "core/train/threads.h"
#include "core/train/training_step.h"

#include <ATen/ThreadLocalState.h>
#include <algorithm>
#include <numeric>

namespace lathe {

namespace {

/// Whether the scores of all words that they give are as few as a training step has in memory at once.
bool fitTogether(const LanguageModel& model, const std::vector<Batch>& batches) {
    std::int64_t labelled = 0;
    for (const Batch& batch : batches)
        labelled += static_cast<std::int64_t>(batch.labelledTokens);
    return labelled * model.summary().vocabularySize <= kLogitsAtOnce;
}

/// Each on a thread of its own where they may be computed together, else one after the other with whatever
/// threads there are. Nothing of those that a stop came before.
std::vector<std::vector<ExampleScore>> scoreBatches(LanguageModel& model, const std::vector<Batch>& batches,
                                                    const std::stop_token& stop, PrefixCache* prefix) {
    std::vector<std::vector<ExampleScore>> scores(batches.size());
    const auto score = [&](std::size_t batch) {
        if (!stop.stop_requested())
            scores[batch] = scoreBatch(model, batches[batch], prefix);
    };
    if (batches.size() == 1 || !fitTogether(model, batches)) {
        for (std::size_t batch = 0; batch < batches.size(); ++batch)
            score(batch);
        return scores;
    }
    const auto count = static_cast<std::int64_t>(batches.size());
    const MoreThreads threads(count);
    const at::ThreadLocalState state;
    partsOnThreads(count, [&](std::int64_t batch) {
        const at::ThreadLocalStateGuard asCaller(state); // time is recorded there too
        score(static_cast<std::size_t>(batch));
    });
    return scores;
}

} // namespace

std::vector<std::vector<std::size_t>> scoringBatches(const ExampleList& examples, std::int64_t batchSize) {
    std::vector<std::size_t> order(examples.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&examples](auto a, auto b) { return examples.length(a) < examples.length(b); });
    std::vector<std::vector<std::size_t>> batches;
    const auto atOnce = static_cast<std::size_t>(batchSize);
    for (std::size_t begin = 0; begin < order.size(); begin += atOnce)
        batches.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(begin),
                             order.begin() +
                                 static_cast<std::ptrdiff_t>(std::min(begin + atOnce, order.size())));
    return batches;
}

std::optional<std::vector<ExampleScore>> scoreExamples(LanguageModel& model, const ExampleList& examples,
                                                       std::int64_t batchSize, std::int32_t padId,
                                                       const std::stop_token& stop, PrefixCache* prefix,
                                                       std::int64_t threads) {
    const auto batches = scoringBatches(examples, batchSize);
    const std::size_t atOnce =
        prefix != nullptr ? 1 : static_cast<std::size_t>(std::max<std::int64_t>(threads, 1));
    std::vector<ExampleScore> scores;
    for (std::size_t begin = 0; begin < batches.size(); begin += atOnce) {
        std::vector<Batch> group;
        for (std::size_t i = begin; i < std::min(begin + atOnce, batches.size()); ++i)
            group.push_back(batchOf(examples, batches[i], padId));
        for (const auto& part : scoreBatches(model, group, stop, prefix)) {
            if (part.empty())
                return std::nullopt;
            scores.insert(scores.end(), part.begin(), part.end());
        }
    }
    return scores;
}

} // namespace lathe
