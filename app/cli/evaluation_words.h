#pragma once

#include "core/session/evaluation_comparison.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace lathe {

/// "87.5 %" of a share, "1.234" of another figure.
[[nodiscard]] std::string figureWords(const std::string& name, double value);
/// A table of the figures with their intervals.
[[nodiscard]] std::string figureTable(const std::vector<EvaluationFigure>& figures);
/// "3 of 20 rows: 2 right, 1 wrong".
[[nodiscard]] std::string countWords(const EvaluationRecord& record);
/// The verdict, the changes and a table of differences.
[[nodiscard]] std::string comparisonWords(const EvaluationComparison& comparison);
/// A row that was answered wrongly, for people to read.
[[nodiscard]] std::string predictionWords(const PredictionRecord& row);

[[nodiscard]] nlohmann::ordered_json toJson(const EvaluationRecord& record);
[[nodiscard]] nlohmann::ordered_json toJson(const EvaluationComparison& comparison);

} // namespace lathe
