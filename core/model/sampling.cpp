#include "core/model/sampling.h"

#include "core/base/contract.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

namespace lathe {

namespace {

constexpr double kRuledOut = -std::numeric_limits<double>::infinity();

double largest(std::span<const double> scores) { return *std::max_element(scores.begin(), scores.end()); }

/// Calls `visit(id, weight)` with exp(score - largest) of each token that is not ruled out; returns the sum.
template <typename Visit>
double forEachWeight(std::span<const double> scores, Visit&& visit) {
    const double top = largest(scores);
    double sum = 0;
    for (std::size_t id = 0; id < scores.size(); ++id)
        if (scores[id] != kRuledOut) {
            const double weight = std::exp(scores[id] - top);
            visit(id, weight);
            sum += weight;
        }
    return sum;
}

template <typename T>
std::int64_t firstLargest(std::span<const T> scores) {
    return std::max_element(scores.begin(), scores.end()) - scores.begin();
}

} // namespace

void penalizeRepetition(std::span<double> scores, std::span<const std::int64_t> seen, double penalty) {
    for (const std::int64_t id : seen)
        if (id >= 0 && id < static_cast<std::int64_t>(scores.size())) {
            double& score = scores[static_cast<std::size_t>(id)];
            score = score < 0 ? score * penalty : score / penalty;
        }
}

void banRepeatedNgrams(std::span<double> scores, std::span<const std::int64_t> text, std::int64_t size) {
    LATHE_EXPECT(size >= 1);
    const auto length = static_cast<std::int64_t>(text.size());
    const auto tail = text.end() - std::min(length, size - 1);
    for (std::int64_t begin = 0; begin + size <= length; ++begin)
        if (std::equal(tail, text.end(), text.begin() + begin)) {
            const std::int64_t next = text[static_cast<std::size_t>(begin + size - 1)];
            if (next >= 0 && next < static_cast<std::int64_t>(scores.size()))
                scores[static_cast<std::size_t>(next)] = kRuledOut;
        }
}

void divideByTemperature(std::span<double> scores, double temperature) {
    LATHE_EXPECT(temperature > 0);
    for (double& score : scores)
        score /= temperature;
}

void keepTopK(std::span<double> scores, std::int64_t count) {
    LATHE_EXPECT(count >= 1);
    if (count >= static_cast<std::int64_t>(scores.size()))
        return;
    std::vector<double> order(scores.begin(), scores.end());
    const auto last = order.begin() + (count - 1);
    std::nth_element(order.begin(), last, order.end(), std::greater<>());
    for (double& score : scores)
        if (score < *last)
            score = kRuledOut;
}

void keepTopP(std::span<double> scores, double share) {
    std::vector<std::pair<double, std::size_t>> heap; // the likeliest on top: few are taken off as a rule
    const double sum =
        forEachWeight(scores, [&heap](std::size_t id, double weight) { heap.emplace_back(weight, id); });
    if (heap.empty())
        return;
    std::make_heap(heap.begin(), heap.end());
    auto end = heap.end();
    double kept = 0;
    do {
        std::pop_heap(heap.begin(), end--);
        kept += end->first;
    } while (end != heap.begin() && kept < share * sum);
    for (auto it = heap.begin(); it != end; ++it)
        scores[it->second] = kRuledOut;
}

void keepMinP(std::span<double> scores, double share) {
    const double least = largest(scores) + std::log(share);
    for (double& score : scores)
        if (score < least)
            score = kRuledOut;
}

std::vector<double> probabilities(std::span<const double> scores) {
    std::vector<double> result(scores.size(), 0);
    const double sum =
        forEachWeight(scores, [&result](std::size_t id, double weight) { result[id] = weight; });
    for (double& probability : result)
        probability /= sum;
    return result;
}

std::int64_t drawToken(std::span<const double> scores, Rng& rng) {
    std::vector<std::pair<double, std::size_t>> sums; // of the weights up to and with this token
    double sum = 0;
    forEachWeight(scores, [&](std::size_t id, double weight) { sums.emplace_back(sum += weight, id); });
    const double place = rng.uniform() * sum;
    if (sums.empty())
        return 0;
    const auto chosen = std::partition_point(sums.begin(), sums.end(),
                                             [place](const auto& entry) { return entry.first <= place; });
    return static_cast<std::int64_t>(chosen == sums.end() ? sums.back().second : chosen->second);
}

std::int64_t likeliestToken(std::span<const float> scores) { return firstLargest(scores); }
std::int64_t likeliestToken(std::span<const double> scores) { return firstLargest(scores); }

TokenHistory::TokenHistory(const Sampling& sampling, std::span<const std::int64_t> prompt,
                           std::int64_t vocabulary)
    : m_penalty(sampling.repetitionPenalty), m_ngram(sampling.noRepeatNgram) {
    if (m_penalty != 1)
        m_isSeen.resize(static_cast<std::size_t>(vocabulary));
    for (const std::int64_t id : prompt)
        add(id);
}

void TokenHistory::add(std::int64_t id) {
    if (m_ngram > 0)
        m_text.push_back(id);
    const auto place = static_cast<std::size_t>(id);
    if (place < m_isSeen.size() && !m_isSeen[place]) {
        m_isSeen[place] = true;
        m_unique.push_back(id);
    }
}

void TokenHistory::process(std::span<double> scores) const {
    if (m_penalty != 1)
        penalizeRepetition(scores, m_unique, m_penalty);
    if (m_ngram > 0)
        banRepeatedNgrams(scores, m_text, m_ngram);
}

TokenSampler::TokenSampler(const Sampling& sampling, std::span<const std::int64_t> prompt,
                           std::int64_t vocabulary, std::uint64_t seed)
    : m_sampling(sampling), m_history(sampling, prompt, vocabulary), m_rng(seed) {}

std::int64_t TokenSampler::next(std::span<const float> logits) {
    if (m_sampling.temperature <= 0 && !m_sampling.readsHistory())
        return likeliestToken(logits);
    m_scores.assign(logits.begin(), logits.end());
    m_history.process(m_scores);
    std::int64_t id = 0;
    if (m_sampling.temperature <= 0) {
        id = likeliestToken(std::span<const double>(m_scores));
    } else {
        divideByTemperature(m_scores, m_sampling.temperature);
        if (m_sampling.topK > 0)
            keepTopK(m_scores, m_sampling.topK);
        if (m_sampling.topP < 1)
            keepTopP(m_scores, m_sampling.topP);
        if (m_sampling.minP > 0)
            keepMinP(m_scores, m_sampling.minP);
        id = drawToken(m_scores, m_rng);
    }
    m_history.add(id);
    return id;
}

} // namespace lathe
