#pragma once

#include "core/base/random.h"

#include <cstdint>
#include <span>
#include <vector>

namespace lathe {

/// The steps from logits to the next token, each in place on the scores of one row [V], in the order and with
/// the meaning of transformers' processors: repetition penalty, n-grams, temperature, top-k, top-p, min-p.
/// What a step rules out becomes -infinity.

/// Keskar et al. 2019 (arXiv:1909.05858): the score of each token in `seen` is divided by the penalty where
/// positive, multiplied by it where negative. `seen`: each id once; ids outside of the vocabulary are
/// skipped.
void penalizeRepetition(std::span<double> scores, std::span<const std::int64_t> seen, double penalty);
/// Rules out each token that would make an n-gram of `size` tokens occur again in `text`. size: at least 1.
void banRepeatedNgrams(std::span<double> scores, std::span<const std::int64_t> text, std::int64_t size);
/// temperature: above 0.
void divideByTemperature(std::span<double> scores, double temperature);
/// Keeps the `count` largest scores, and those equal to the least of them. count: at least 1.
void keepTopK(std::span<double> scores, std::int64_t count);
/// Keeps the fewest most likely tokens whose probability is at least `share` together, at least one.
void keepTopP(std::span<double> scores, double share);
/// Keeps the tokens at least `share` times as likely as the likeliest.
void keepMinP(std::span<double> scores, double share);

/// Softmax, [V].
[[nodiscard]] std::vector<double> probabilities(std::span<const double> scores);
/// A token drawn by softmax; one number is taken from `rng`. 0 where every token is ruled out.
[[nodiscard]] std::int64_t drawToken(std::span<const double> scores, Rng& rng);
/// The first of the largest.
[[nodiscard]] std::int64_t likeliestToken(std::span<const float> scores);
[[nodiscard]] std::int64_t likeliestToken(std::span<const double> scores);

/// How the next token is chosen. The defaults are greedy and change nothing.
struct Sampling {
    double temperature = 0;         ///< 0: greedy; the filters below it are for drawing
    std::int64_t topK = 0;          ///< 0: off
    double topP = 1;                ///< 1: off
    double minP = 0;                ///< 0: off
    double repetitionPenalty = 1;   ///< 1: off
    std::int64_t noRepeatNgram = 0; ///< 0: off

    /// Whether a row's text so far matters.
    [[nodiscard]] bool readsHistory() const { return repetitionPenalty != 1 || noRepeatNgram > 0; }
};

/// The tokens of one row, as far as the choice of the next one reads them.
class TokenHistory {
public:
    /// Where `sampling` reads no history, none is kept.
    TokenHistory(const Sampling& sampling, std::span<const std::int64_t> prompt, std::int64_t vocabulary);

    void add(std::int64_t id);
    /// Repetition penalty and n-grams on the scores [V].
    void process(std::span<double> scores) const;

private:
    double m_penalty;
    std::int64_t m_ngram;
    std::vector<std::int64_t> m_text;   // empty where no n-grams are banned
    std::vector<std::int64_t> m_unique; // each id once; empty where nothing is penalized
    std::vector<bool> m_isSeen;         // [V]
};

/// Chooses one row's tokens. Draws in double precision, from a stream of random numbers of its own.
class TokenSampler {
public:
    /// prompt: the row's tokens without padding.
    TokenSampler(const Sampling& sampling, std::span<const std::int64_t> prompt, std::int64_t vocabulary,
                 std::uint64_t seed);
    /// logits: [V].
    [[nodiscard]] std::int64_t next(std::span<const float> logits);

private:
    Sampling m_sampling;
    TokenHistory m_history;
    Rng m_rng;
    std::vector<double> m_scores; // [V]; kept so that no step allocates
};

} // namespace lathe
