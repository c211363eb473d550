#pragma once

#include "core/params/param_schema.h"
#include "core/params/study_spec.h"

#include <span>
#include <string>
#include <vector>

namespace lathe {

/// What a rule of a study is about.
enum class RuleKind {
    Derived,    ///< "alpha = 2 * rank": the field follows from others
    Bound,      ///< "warmup_steps <= max_steps / 2": narrows a range that is searched
    Forbidden,  ///< "rank > 64 and batch_size > 16": holds in no point that is tried
    Constraint, ///< "seconds <= 600": what a trial must keep to
};

/// A rule as a person writes it.
struct RuleLine {
    RuleKind kind = RuleKind::Derived;
    std::string text;
    bool operator==(const RuleLine&) const = default;
};

/// Adds the lines to a study that has its recipe and its space, and answers what is wrong with each, a
/// sentence in English; empty: it was added, or has no text. metrics: what trials report by their end.
[[nodiscard]] std::vector<std::string> addRuleLines(StudySpec& spec, std::span<const RuleLine> lines,
                                                    const ParamSchema& schema,
                                                    std::span<const std::string> metrics);

} // namespace lathe
