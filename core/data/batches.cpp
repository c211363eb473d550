#include "core/data/examples.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lathe {

namespace {

/// Keeps the split's stream apart from those other parts draw from the same seed.
constexpr std::uint64_t kSplitStream = 0x73706c6974; // "split"

} // namespace

Split splitExamples(std::vector<Example> examples, double fraction, std::uint64_t seed) {
    const std::size_t count = examples.size();
    if (count < 2)
        return {std::move(examples), {}};
    const auto wanted = static_cast<std::size_t>(std::llround(fraction * static_cast<double>(count)));
    const std::size_t heldCount = std::clamp<std::size_t>(wanted, 1, count - 1);
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    Rng rng(mixSeed(seed, kSplitStream));
    rng.shuffle(std::span(order));
    std::vector<bool> isHeld(count, false);
    for (std::size_t i = 0; i < heldCount; ++i)
        isHeld[order[i]] = true;
    Split split;
    for (std::size_t i = 0; i < count; ++i)
        (isHeld[i] ? split.held : split.train).push_back(std::move(examples[i]));
    return split;
}

Batch makeBatch(std::span<const Example* const> examples, std::int32_t padId) {
    Batch batch;
    batch.rows = examples.size();
    for (const Example* example : examples) {
        LATHE_EXPECT(example->ids.size() == example->labels.size());
        batch.length = std::max(batch.length, example->ids.size());
    }
    batch.ids.assign(batch.rows * batch.length, padId);
    batch.labels.assign(batch.rows * batch.length, kIgnoreLabel);
    batch.mask.assign(batch.rows * batch.length, 0);
    for (std::size_t row = 0; row < batch.rows; ++row) {
        const Example& example = *examples[row];
        const auto begin = static_cast<std::ptrdiff_t>(row * batch.length);
        std::copy(example.ids.begin(), example.ids.end(), batch.ids.begin() + begin);
        std::copy(example.labels.begin(), example.labels.end(), batch.labels.begin() + begin);
        std::fill_n(batch.mask.begin() + begin, example.ids.size(), std::uint8_t{1});
        if (example.textLabel)
            batch.textLabels.push_back(*example.textLabel);
        if (example.textNumber)
            batch.textNumbers.push_back(*example.textNumber);
        if (!example.typeIds.empty()) {
            batch.typeIds.resize(batch.rows * batch.length);
            std::copy(example.typeIds.begin(), example.typeIds.end(), batch.typeIds.begin() + begin);
        }
        batch.realTokens += example.ids.size();
        for (std::size_t i = 1; i < example.labels.size(); ++i)
            batch.labelledTokens += example.labels[i] != kIgnoreLabel ? 1 : 0;
    }
    LATHE_EXPECT(batch.textLabels.empty() || batch.textLabels.size() == batch.rows);
    LATHE_EXPECT(batch.textNumbers.empty() || batch.textNumbers.size() == batch.rows);
    return batch;
}

BatchCursor::BatchCursor(std::size_t exampleCount, std::size_t batchSize, std::uint64_t seed)
    : m_exampleCount(exampleCount), m_batchSize(batchSize), m_seed(seed), m_order(exampleCount) {
    LATHE_EXPECT(exampleCount > 0);
    LATHE_EXPECT(batchSize > 0);
}

std::size_t BatchCursor::batchesPerEpoch() const { return (m_exampleCount + m_batchSize - 1) / m_batchSize; }

std::vector<std::size_t> BatchCursor::next() {
    const auto perEpoch = static_cast<std::int64_t>(batchesPerEpoch());
    shuffleEpoch(m_batchesDone / perEpoch);
    const std::size_t from = static_cast<std::size_t>(m_batchesDone % perEpoch) * m_batchSize;
    const std::size_t count = std::min(m_batchSize, m_exampleCount - from);
    ++m_batchesDone;
    const auto begin = m_order.begin() + static_cast<std::ptrdiff_t>(from);
    return {begin, begin + static_cast<std::ptrdiff_t>(count)};
}

void BatchCursor::seek(std::int64_t batchesDone) {
    LATHE_EXPECT(batchesDone >= 0);
    m_batchesDone = batchesDone;
}

void BatchCursor::shuffleEpoch(std::int64_t epoch) {
    if (epoch == m_shuffledEpoch)
        return;
    std::iota(m_order.begin(), m_order.end(), std::size_t{0});
    Rng rng(mixSeed(m_seed, static_cast<std::uint64_t>(epoch)));
    rng.shuffle(std::span(m_order));
    m_shuffledEpoch = epoch;
}

} // namespace lathe
