#include "core/train/scores.h"

#include "core/train/training_step.h"

#include <algorithm>
#include <numeric>

namespace lathe {

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
                                                       const std::stop_token& stop, PrefixCache* prefix) {
    std::vector<ExampleScore> scores;
    for (const auto& indices : scoringBatches(examples, batchSize)) {
        if (stop.stop_requested())
            return std::nullopt;
        const auto part = scoreBatch(model, batchOf(examples, indices, padId), prefix);
        scores.insert(scores.end(), part.begin(), part.end());
    }
    return scores;
}

} // namespace lathe
