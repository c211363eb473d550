#pragma once

#include "core/adapter/simplex.h"
#include "core/train/scores.h"

namespace lathe {

/// Rows to be read by a model. A view: nothing of it is kept.
struct RowsToScore {
    LanguageModel& model;
    const Task& task;
    const ExampleList& examples;
    std::int64_t batchSize = 1;
    std::int32_t padId = 0;
    std::stop_token stop;
    std::int64_t threads = 1; ///< as of scoreExamples(); not where points are drawn
};

/// Where in a simplex rows are read.
struct SimplexReading {
    /// "midpoint"; "stochastic": several passes, each with points drawn anew, all answers of which count;
    /// "ensemble": the mean of the probabilities (or numbers) of such passes; "vertex"; "random": one pass.
    std::string mode = "midpoint";
    std::int64_t passes = 1;
    std::uint64_t stream = 0; ///< the same one gives the same points
    std::int64_t vertex = 0;
};

/// What rows came to.
struct RowScores {
    std::map<std::string, double> metrics; ///< Task::score(); of all answers, where there are more
    std::vector<std::map<std::string, double>> passes; ///< Task::score() of each pass; "stochastic" alone
    /// Of each metric over several passes: "eval_accuracy_pass_mean", and "…_pass_sd", with n − 1.
    std::map<std::string, double> spread;
};

/// Reads the rows so; the simplex is then read at its midpoint again. With one vertex there is but one point,
/// and one pass over it. Nothing where it was stopped.
[[nodiscard]] std::optional<RowScores> scoreSimplex(const RowsToScore& rows, SimplexAdapter& simplex,
                                                    const SimplexReading& reading);

/// How fine a map of the loss is, and of how many rows.
struct LossMapSize {
    std::int64_t steps = 9; ///< from one vertex to the next
    std::int64_t rows = 0;  ///< the first of them; 0: all
};

/// The mean loss at the points of a grid over a simplex of three vertices (none of others), and along all
/// edges, of training and evaluation rows, as the text of a JSON file: "vertices", "grid" ("alpha", "train",
/// "validation"), "edges" ("from", "to", "t", "train", "validation"). Nothing where it was stopped.
[[nodiscard]] std::optional<std::string> mapSimplexLoss(const RowsToScore& train,
                                                        const RowsToScore& validation,
                                                        SimplexAdapter& simplex, const LossMapSize& size);

} // namespace lathe
