#include "core/search/ask_tell.h"

#include "core/base/text.h"
#include "core/params/study_rules.h"
#include "core/search/allowed_sampler.h"
#include "core/search/draw.h"
#include "core/search/point.h"
#include "core/search/ranking.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

std::string trialWord(std::int64_t number) { return "trial " + std::to_string(number); }

/// What in the report makes the trial a failed one, or nothing.
std::optional<std::string> failureOf(const TrialReport& report) {
    if (report.isFailed)
        return report.reason;
    std::vector<double> values = report.furtherValues;
    if (report.value)
        values.insert(values.begin(), *report.value);
    for (const double value : values)
        if (!std::isfinite(value))
            return "its value " + toText(value) + " is not a finite number";
    for (const double constraint : report.constraints)
        if (!std::isfinite(constraint))
            return "its constraint " + toText(constraint) + " is not a finite number";
    return std::nullopt;
}

bool isViolated(const std::vector<double>& constraints) {
    return std::ranges::any_of(constraints, [](double constraint) { return constraint > 0; });
}

Status checkSearch(const StudySpec& spec, const Sampler& sampler) {
    if (spec.trialCount < 1)
        return inputError("budget", std::to_string(spec.trialCount) + " is below 1; choose 1 or more");
    LATHE_TRY(check(sampler.options(), spec.samplerOptions));
    LATHE_TRY(checkObjectives(spec, sampler));
    if (const auto rules = StudyRules::make(spec); !rules.has_value())
        return rules.error();
    Rng rng(0); // names what no sampler could draw
    const auto point =
        drawActive(spec, [&rng](const SearchDimension& dimension) { return drawUniform(dimension, rng); });
    return point.has_value() ? ok() : Status(point.error());
}

/// Of all objectives or of none.
Status checkValueCount(const StudySpec& spec, bool hasValue, std::size_t further) {
    const std::size_t count = (hasValue ? 1 : 0) + further;
    const std::size_t wanted = 1 + spec.furtherObjectives.size();
    if (count == 0 || count == wanted)
        return ok();
    return inputError({}, "has " + std::to_string(count) + (count == 1 ? " value" : " values") +
                              ", the search " + std::to_string(wanted) +
                              (wanted == 1 ? " objective" : " objectives") + "; tell a value for each");
}

Status checkSaved(const StudySpec& spec, const SavedSearch& saved) {
    LATHE_EXPECT(saved.trials.size() == saved.details.size());
    for (std::size_t i = 0; i < saved.trials.size(); ++i) {
        const ObservedTrial& trial = saved.trials[i];
        if (trial.number != static_cast<std::int64_t>(i))
            return inputError(trialWord(trial.number),
                              "stands where trial " + std::to_string(i) + " is needed; none may be missing");
        if (const Status point = checkPoint(spec, trial.values); !point.has_value())
            return inputError(trialWord(trial.number), point.error().text());
        if (const Status values =
                checkValueCount(spec, trial.objective.has_value(), trial.furtherObjectives.size());
            !values.has_value())
            return inputError(trialWord(trial.number), values.error().text());
    }
    return ok();
}

} // namespace

Rng askStream(std::uint64_t studySeed, std::int64_t number) {
    constexpr std::uint64_t kAskStream = 0x61736b; // "ask"
    return Rng(mixSeed(mixSeed(studySeed, static_cast<std::uint64_t>(number)), kAskStream));
}

AskTell::AskTell(StudySpec spec, std::unique_ptr<Sampler> sampler)
    : m_spec(std::move(spec)), m_sampler(makeAllowedSampler(std::move(sampler))) {}

Result<AskTell> AskTell::make(StudySpec spec, std::unique_ptr<Sampler> sampler) {
    LATHE_EXPECT(sampler != nullptr);
    LATHE_TRY(checkSearch(spec, *sampler));
    return AskTell(std::move(spec), std::move(sampler));
}

Result<AskTell> AskTell::resume(StudySpec spec, std::unique_ptr<Sampler> sampler, SavedSearch saved) {
    LATHE_ASSIGN(AskTell search, make(std::move(spec), std::move(sampler)));
    LATHE_TRY(checkSaved(search.m_spec, saved));
    if (!saved.samplerState.empty())
        LATHE_TRY(search.m_sampler->restore(saved.samplerState));
    search.m_trials = std::move(saved.trials);
    search.m_details = std::move(saved.details);
    return search;
}

std::int64_t AskTell::left() const {
    return std::max<std::int64_t>(0, m_spec.trialCount - static_cast<std::int64_t>(m_trials.size()));
}

const TrialDetails& AskTell::details(std::int64_t number) const {
    LATHE_EXPECT(number >= 0 && number < static_cast<std::int64_t>(m_details.size()));
    return m_details[static_cast<std::size_t>(number)];
}

Result<std::vector<ObservedTrial>> AskTell::ask(std::int64_t count) {
    if (count < 1)
        return inputError("ask", std::to_string(count) + " is below 1; ask for 1 trial or more");
    if (count > left())
        return inputError("ask", "the budget of " + std::to_string(m_spec.trialCount) + " trials has " +
                                     (left() == 0 ? "none" : "only " + std::to_string(left())) + " left, " +
                                     std::to_string(count) + " were asked for" +
                                     (left() == 0 ? "; the search is over" : "; ask for fewer"));
    const std::size_t before = m_trials.size();
    for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t number = nextNumber({m_spec, m_trials});
        Result<ParamValues> point = nextPoint(*m_sampler, {m_spec, m_trials});
        if (!point.has_value() && i == 0)
            return point.error();
        if (!point.has_value())
            break; // the next ask says why
        m_trials.push_back({number, std::move(point).value(), TrialState::Running, std::nullopt});
        m_details.emplace_back();
    }
    return std::vector(m_trials.begin() + static_cast<std::ptrdiff_t>(before), m_trials.end());
}

Status AskTell::checkTold(std::int64_t number, const TrialReport& report) const {
    const auto count = static_cast<std::int64_t>(m_trials.size());
    if (number < 0 || number >= count)
        return inputError(
            trialWord(number),
            "was never asked for; " +
                (count == 0 ? "no trial was yet" : "there are trials 0 to " + std::to_string(count - 1)));
    const TrialState state = m_trials[static_cast<std::size_t>(number)].state;
    if (!isPending(state))
        return inputError(trialWord(number),
                          "is " + std::string(toString(state)) + " already; tell each trial's end once");
    if (failureOf(report))
        return ok();
    if (const Status values = checkValueCount(m_spec, report.value.has_value(), report.furtherValues.size());
        !values.has_value())
        return inputError(trialWord(number), values.error().message);
    const bool hasEnd = report.value || report.isPruned || isViolated(report.constraints);
    if (!hasEnd && !report.constraints.empty())
        return inputError(trialWord(number), "meets its constraints but has no value; tell the value too");
    if (!hasEnd && report.intermediate.empty())
        return inputError(trialWord(number),
                          "is told nothing; tell a value, constraints, intermediate values, "
                          "or that it failed");
    for (const ObservedTrial& other : m_trials)
        if (other.state == TrialState::Complete && hasEnd && !report.isPruned &&
            other.constraints.size() != report.constraints.size())
            return inputError(trialWord(number), "tells " + std::to_string(report.constraints.size()) +
                                                     " constraints, trial " + std::to_string(other.number) +
                                                     " told " + std::to_string(other.constraints.size()) +
                                                     "; tell the same ones each time");
    return ok();
}

Result<TrialReport> AskTell::constrained(std::int64_t number, TrialReport report) const {
    const bool isEnd = report.value && !report.isPruned && !failureOf(report);
    if (m_spec.constraints.empty() || !isEnd || number < 0 ||
        number >= static_cast<std::int64_t>(m_trials.size()))
        return report;
    LATHE_ASSIGN(const StudyRules rules, StudyRules::make(m_spec));
    TrialMetrics metrics = report.metrics;
    metrics.emplace("value", *report.value);
    for (const std::string& name : rules.metrics())
        if (!metrics.contains(name))
            return inputError(trialWord(number), "tells no " + name +
                                                     ", which a constraint needs; tell it as "
                                                     "one of its metrics");
    std::vector<double> excesses;
    std::vector<std::string> reasons;
    const ObservedTrial& trial = m_trials[static_cast<std::size_t>(number)];
    for (const ConstraintResult& result : rules.constraints(trial.values, metrics)) {
        excesses.push_back(result.excess);
        if (!result.reason.empty())
            reasons.push_back(result.reason);
    }
    report.constraints.insert(report.constraints.begin(), excesses.begin(), excesses.end());
    report.reason = joined(reasons);
    return report;
}

Status AskTell::tell(std::int64_t number, const TrialReport& told) {
    LATHE_ASSIGN(TrialReport report, constrained(number, told));
    LATHE_TRY(checkTold(number, report));
    note(number, std::move(report));
    return ok();
}

void AskTell::note(std::int64_t number, TrialReport report) {
    ObservedTrial& trial = m_trials[static_cast<std::size_t>(number)];
    TrialDetails& details = m_details[static_cast<std::size_t>(number)];
    for (const auto& [step, value] : report.intermediate)
        details.intermediate.insert_or_assign(step, value);
    if (!details.intermediate.empty())
        trial.steps = details.intermediate.rbegin()->first;
    if (auto failure = failureOf(report)) {
        trial.state = TrialState::Failed;
        details.note = std::move(*failure);
        return;
    }
    const bool isOver = report.value || isViolated(report.constraints);
    if (!isOver && !report.isPruned)
        return;
    if (!m_spec.constraints.empty())
        details.note = std::move(report.reason);
    trial.state = report.isPruned ? TrialState::Pruned : TrialState::Complete;
    trial.objective = report.value;
    trial.furtherObjectives = report.furtherValues;
    trial.constraints = report.constraints;
    const bool isOneNumber = m_spec.furtherObjectives.empty();
    if (!trial.objective && report.isPruned && isOneNumber && !details.intermediate.empty())
        trial.objective = details.intermediate.rbegin()->second;
}

std::optional<std::int64_t> AskTell::best() const {
    const auto found = frontOf({m_spec, m_trials});
    return found.empty() ? std::nullopt : std::optional(m_trials[found.front()].number);
}

std::vector<std::int64_t> AskTell::front() const {
    std::vector<std::int64_t> numbers;
    for (const std::size_t place : frontOf({m_spec, m_trials}))
        numbers.push_back(m_trials[place].number);
    return numbers;
}

} // namespace lathe
