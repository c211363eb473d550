#include "app/cli/study_rule_flags.h"

#include "core/base/text.h"
#include "core/engine/space_change.h"
#include "core/params/study_rules.h"
#include "core/tasks/task_file.h"

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

/// What a training of this recipe reports by its end, and what is known of every trial.
Result<std::vector<std::string>> reportedMetrics(const ParamValues& recipe, const BuiltinParts& parts) {
    std::vector<std::string> known{"trainable_parameters", "seconds", "steps",    "loss",
                                   "tokens_per_second",    "lr",      "grad_norm"};
    LATHE_ASSIGN(const auto task, taskOf(parts.tasks, recipe));
    for (const MetricInfo& info : task->metrics())
        for (const char* prefix : {"", "best_"})
            known.push_back(prefix + info.name);
    return known;
}

Status checkRules(const StudySpec& spec, const BuiltinParts& parts) {
    LATHE_ASSIGN(const StudyRules rules, StudyRules::make(spec));
    if (spec.constraints.empty())
        return ok();
    LATHE_ASSIGN(const std::vector<std::string> known, reportedMetrics(spec.fixed, parts));
    for (const std::string& metric : rules.metrics())
        if (std::ranges::find(known, metric) == known.end())
            return inputError("--constraint", metric +
                                                  " is neither a field of the recipe nor reported by "
                                                  "these runs; choose one of " +
                                                  joined(known));
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
