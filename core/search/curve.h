#pragma once

#include "core/search/pruner.h"

namespace lathe {

/// Whether `a` is better than `b`; not with a NaN on either side.
[[nodiscard]] bool isBetter(double a, double b, bool isHigherBetter);

/// The best value of the points, NaN ones passed over; NaN if nothing is left.
[[nodiscard]] double bestValue(std::span<const CurvePoint> points, bool isHigherBetter);

/// The value at exactly this step.
[[nodiscard]] std::optional<double> valueAt(const TrialCurve& trial, std::int64_t step);

/// Whether the newest point is the first at or behind warm-up plus a whole number of intervals.
[[nodiscard]] bool isDueForPruning(const TrialCurve& trial, std::int64_t warmup, std::int64_t interval);

/// The last step of the longest complete trial, or nothing while none is complete.
[[nodiscard]] std::optional<std::int64_t> longestComplete(std::span<const TrialCurve> trials);

/// Four digits: "0.7103".
[[nodiscard]] std::string figure(double value);

/// Options that several pruners have.
[[nodiscard]] ParamSpec prunerOption(std::string key, std::string label, std::string unit, std::string help,
                                     Domain domain, ParamValue fallback);
[[nodiscard]] ParamSpec warmupOption();
[[nodiscard]] ParamSpec intervalOption();

} // namespace lathe
