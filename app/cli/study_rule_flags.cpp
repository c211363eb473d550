#include "app/cli/study_rule_flags.h"

#include "app/reported_metrics.h"
#include "core/base/text.h"
#include "core/engine/space_change.h"
#include "core/params/study_rules.h"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace lathe {

namespace {

void addRepeated(CLI::App& command, const std::string& name, std::vector<std::string>& texts,
                 const std::string& help, const std::string& type) {
    command.add_option(name, texts, help)
        ->type_name(type)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

Status checkRules(const StudySpec& spec, const BuiltinParts& parts) {
    LATHE_ASSIGN(const StudyRules rules, StudyRules::make(spec));
    if (spec.constraints.empty())
        return ok();
    LATHE_ASSIGN(const ReportedMetrics reported, reportedMetrics(parts.tasks, spec.fixed));
    for (const std::string& metric : rules.metrics())
        if (std::ranges::find(reported.limits, metric) == reported.limits.end())
            return inputError("--constraint", metric +
                                                  " is neither a field of the recipe nor reported by "
                                                  "these runs; choose one of " +
                                                  joined(reported.limits));
    return ok();
}

} // namespace

void StudyRuleFlags::addTo(CLI::App& command) {
    addRepeated(command, "--derive", m_derived,
                "A field that follows from others in each run, once for each: alpha=2*rank",
                "KEY=EXPRESSION");
    addRepeated(command, "--forbid", m_forbidden,
                "A combination that is never tried, once for each: \"rank > 64 and batch_size > 16\"",
                "EXPRESSION");
    addRepeated(command, "--constraint", m_constraints,
                "What the best run must keep to, once for each: \"trainable_parameters <= 100000\"", "LIMIT");
}

bool StudyRuleFlags::isAnyGiven() const {
    return !m_derived.empty() || !m_forbidden.empty() || !m_constraints.empty();
}

Result<std::vector<DerivedValue>> StudyRuleFlags::derived(const BuiltinParts& parts) const {
    std::vector<DerivedValue> values;
    for (const std::string& text : m_derived) {
        auto value = parseDerivedValue(parts.recipeSchema, text);
        if (!value.has_value())
            return inputError("--derive", value.error().text());
        values.push_back(std::move(value).value());
    }
    return values;
}

Status StudyRuleFlags::fill(StudySpec& spec, const BuiltinParts& parts) const {
    LATHE_ASSIGN(spec.derived, derived(parts));
    spec.forbidden = m_forbidden;
    spec.constraints = m_constraints;
    return checkRules(spec, parts);
}

Result<StudySpec> StudyRuleFlags::changed(const StudySpec& spec, const SearchSpace& searched,
                                          std::int64_t trials, const BuiltinParts& parts) const {
    LATHE_ASSIGN(const std::vector<DerivedValue> values, derived(parts));
    const SpaceChange change{searched, values, m_forbidden};
    const bool isOfSpace = !searched.empty() || !values.empty() || !m_forbidden.empty();
    StudySpec next = isOfSpace ? withChangedSpace(spec, change, trials) : spec;
    next.constraints.insert(next.constraints.end(), m_constraints.begin(), m_constraints.end());
    LATHE_TRY(checkSearchSpace(parts.recipeSchema, next.space));
    LATHE_TRY(checkRules(next, parts));
    return next;
}

} // namespace lathe
