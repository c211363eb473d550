#pragma once

#include "core/store/evaluation_record.h"
#include "core/store/study_reader.h"

#include <QString>

#include <vector>

namespace lathe {

/// A figure of two evaluations on the same rows.
struct FigureDifference {
    EvaluationFigure first, second; ///< on the rows that both have
    double difference = 0;          ///< second - first
    double low = 0, high = 0;       ///< its 95 % interval, over the rows in pairs
};

/// What changes from one evaluation to another on the same data.
struct EvaluationComparison {
    EvaluationId first, second;
    QString firstName, secondName;
    std::int64_t rows = 0; ///< that both have
    std::int64_t gained = 0, lost = 0, bothRight = 0, bothWrong = 0;
    std::vector<FigureDifference> figures;
};

/// Compares row by row. Blocks. Input error where they were made of different data or by different tasks.
[[nodiscard]] Result<EvaluationComparison> compareEvaluations(const StudyReader& reader, EvaluationId first,
                                                              EvaluationId second);

/// "B is better by 2.1 points (95 %: from 0.4 to 3.9)", or that the difference is within the noise; in the
/// user's language.
[[nodiscard]] QString verdictText(const EvaluationComparison& comparison);
[[nodiscard]] QString differenceText(const FigureDifference& figure); ///< "+2.1 points (0.4 to 3.9)"

} // namespace lathe
