#pragma once

#include "app/cli/terminal.h"
#include "core/store/study_reader.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>

namespace lathe {

/// A trial as the rows tell it, and the first value of each metric (before training, where it was measured
/// then).
struct TrialSummary {
    TrialRecord record;
    std::map<std::string, double> firstValues;
};

[[nodiscard]] Result<TrialSummary> summarise(const StudyReader& reader, TrialId trial);

/// {"trial": 7, "state": "complete", "first": {…}, "last": {…}, "best": {…}, "values": {…}, …}
[[nodiscard]] nlohmann::ordered_json toJson(const TrialSummary& summary);
/// A few lines: steps and time, accuracy and loss before → after, where the adapter is.
[[nodiscard]] std::string inWords(const TrialSummary& summary);

/// "12.0 % → 93.8 %" or "2.31 → 0.21"; nothing where the metric was not measured.
[[nodiscard]] std::optional<std::string> change(const TrialSummary& summary, const std::string& metric);

/// The value as people read this metric: shares in percent.
[[nodiscard]] std::string metricText(const std::string& metric, double value);

} // namespace lathe
