#pragma once

#include "core/base/result.h"
#include "core/tasks/answer_score.h"

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lathe {

/// A number a task reports.
struct MetricInfo {
    std::string name;  ///< "eval_loss"
    std::string label; ///< "Evaluation loss"
    bool isHigherBetter = false;
};

/// What a task makes of a model's answer to one row. All that sumVerdicts() needs is in it, so that figures
/// can be had again from stored verdicts.
struct RowVerdict {
    std::string extracted;         ///< what was taken from the answer: "43", "B", "equivalent"; may be empty
    std::string expected;          ///< the right answer in the same form; empty where the row has none
    std::optional<bool> isCorrect; ///< nothing where the row has no right answer, or none is right or wrong
    std::map<std::string, double> scores; ///< of this row alone, by the name of the metric: "rouge1"
    /// What metrics of all rows together need, by name: "labels" {expected, given; -1: none}, "numbers"
    /// {expected, given}, "loss" {sum
    /// in nats, tokens}, "bleu" as bleuCounts().
    std::map<std::string, std::vector<double>> parts;
    bool operator==(const RowVerdict&) const = default;
};

/// A metric of all rows, with its confidence interval.
struct MetricValue {
    std::string name;
    double value = std::numeric_limits<double>::quiet_NaN(); ///< NaN where it cannot be told
    double low = std::numeric_limits<double>::quiet_NaN();
    double high = std::numeric_limits<double>::quiet_NaN();
    std::int64_t count = 0; ///< rows it was computed from: those that have what it needs
};

/// How sure an interval is to be, and how it is drawn.
struct IntervalOptions {
    double confidence = 0.95;
    std::int64_t resamples = 1000; ///< of a bootstrap
    std::uint64_t seed = 0;        ///< of a bootstrap; the same gives the same interval on every platform
};

/// The metrics of all rows, in the order asked for. Proportions ("accuracy", "accuracy_norm", "exact_match")
/// have Wilson intervals, all others bootstrap intervals (percentiles, Efron 1979). Contract: the names are
/// among answerMetricNames().
[[nodiscard]] std::vector<MetricValue> sumVerdicts(std::span<const RowVerdict> verdicts,
                                                   std::span<const MetricInfo> metrics,
                                                   const IntervalOptions& options = {});

/// How a metric differs between two answers to the same rows.
struct MetricDifference {
    std::string name;
    double first = std::numeric_limits<double>::quiet_NaN();
    double second = std::numeric_limits<double>::quiet_NaN();
    double difference = std::numeric_limits<double>::quiet_NaN(); ///< second - first
    double low = std::numeric_limits<double>::quiet_NaN();
    double high = std::numeric_limits<double>::quiet_NaN();
    std::int64_t count = 0; ///< rows
};

/// The paired bootstrap, Koehn 2004 (Statistical significance tests for machine translation evaluation): each
/// draw takes the same rows of both, so that what makes a row hard counts for neither. Rows of which one side
/// has no score are left out. Contract: as many verdicts, of the same rows in the same order.
[[nodiscard]] std::vector<MetricDifference> compareVerdicts(std::span<const RowVerdict> first,
                                                            std::span<const RowVerdict> second,
                                                            std::span<const MetricInfo> metrics,
                                                            const IntervalOptions& options = {});

/// Every metric that verdicts can be summed to.
[[nodiscard]] const std::vector<MetricInfo>& answerMetricNames();
/// Those of the given names, in their order. Contract: each is known.
[[nodiscard]] std::vector<MetricInfo> answerMetricsOf(const std::vector<std::string>& names);

/// One JSON object, and back. Input error naming what is wrong.
[[nodiscard]] std::string toJson(const RowVerdict& verdict);
[[nodiscard]] Result<RowVerdict> verdictFromJson(std::string_view json);

} // namespace lathe
