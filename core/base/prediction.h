#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace lathe {

/// What became of one row of a data file in an evaluation.
struct PredictionRecord {
    std::int64_t row = 0;  ///< of the data file, from 0
    std::int64_t line = 0; ///< where it begins in the file, from 1
    std::string prompt;
    std::string expected;          ///< as the row has it
    std::string answer;            ///< as the model gave it
    std::string extracted;         ///< what of the answer was compared
    std::optional<bool> isCorrect; ///< nothing: such rows are neither right nor wrong
    std::string problem;           ///< why the row could not be asked; else empty
    std::string verdict;           ///< JSON: all that the figures are computed from
    bool operator==(const PredictionRecord&) const = default;
};

/// A figure of a whole evaluation, with its interval where one is known.
struct EvaluationFigure {
    std::string name;  ///< "accuracy"
    std::string label; ///< "Accuracy"
    double value = 0;  ///< not a number: it cannot be told
    std::optional<double> low, high;
    bool isHigherBetter = true;
    std::int64_t count = 0; ///< rows it was computed from
    bool operator==(const EvaluationFigure&) const = default;
};

} // namespace lathe
