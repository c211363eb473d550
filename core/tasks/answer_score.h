#pragma once

#include <cstdint>
#include <span>

namespace lathe {

/// What the model made of one held-out example, reading it with the right answer before its eyes (teacher
/// forcing): at how many of the labelled tokens its most likely token was the right one, and the sum of their
/// negative log likelihoods, in nats.
struct ExampleScore {
    std::int64_t correctTokens = 0;
    std::int64_t labelledTokens = 0;
    double lossSum = 0;
    /// Of a labelled text: the right label and the one the model gives. Such a text counts as one token.
    std::int32_t expectedLabel = -1;
    std::int32_t givenLabel = -1;
    /// Of a text with a number: the right one and the one the model gives. Its loss is their squared
    /// distance.
    double expectedNumber = 0;
    double givenNumber = 0;
};

struct Interval {
    double low = 0;
    double high = 1;
};

/// Confidence interval of a proportion, Wilson 1927 (score interval without continuity correction): unlike
/// the textbook interval it stays inside [0, 1] and does not shrink to a point at 0 or all hits. `z`: 1.96
/// for 95 %. [0, 1] where nothing was tried.
[[nodiscard]] Interval wilsonInterval(std::int64_t hits, std::int64_t tried, double z = 1.959963984540054);

/// The sums behind the metrics of an evaluation. Examples without a labelled token are left out.
struct AnswerScore {
    std::int64_t examples = 0;
    std::int64_t exactExamples = 0; ///< every labelled token right: greedy decoding gives this very answer
    std::int64_t correctTokens = 0;
    std::int64_t labelledTokens = 0;
    double lossSum = 0;

    /// The averages are NaN where there is nothing to average.
    [[nodiscard]] double accuracy() const;
    [[nodiscard]] Interval accuracyInterval() const { return wilsonInterval(exactExamples, examples); }
    [[nodiscard]] double tokenAccuracy() const;
    [[nodiscard]] double meanLoss() const; ///< nats a token
    [[nodiscard]] double perplexity() const;
};

[[nodiscard]] AnswerScore sumUp(std::span<const ExampleScore> scores);

} // namespace lathe
