#include "core/analysis/study_forecast.h"

#include "core/analysis/metric_charts.h"
#include "core/analysis/parameter_axis.h"
#include "core/analysis/student_t.h"
#include "core/base/contract.h"
#include "core/params/real_grid.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace lathe {

namespace {

constexpr double kMostCounted = 9007199254740992; // 2^53: beyond, doubles skip whole numbers
constexpr double kSecondsAnHour = 3600;
constexpr double kConfidence = 0.95;

/// The searched dimensions that conditions of others ask about come first, parents before children.
class ConfigurationCounter {
public:
    explicit ConfigurationCounter(const SearchSpace& space) : m_space(space) {
        for (std::size_t i = 0; i < space.size(); ++i)
            m_order.push_back(i);
        std::ranges::stable_sort(m_order, {}, [this](std::size_t i) {
            return std::pair(isAskedAbout(m_space[i].key) ? 0 : 1, depthOf(i, m_space.size()));
        });
    }

    double count() { return countFrom(0); }

private:
    bool isAskedAbout(const std::string& key) const {
        return std::ranges::any_of(m_space, [&](const SearchDimension& dimension) {
            return std::ranges::any_of(dimension.activeIf.terms,
                                       [&](const Condition::Term& term) { return term.key == key; });
        });
    }

    /// How many conditions stand above the dimension; `most` ends what asks about itself in a circle.
    std::size_t depthOf(std::size_t i, std::size_t most) const {
        std::size_t depth = 0;
        for (const Condition::Term& term : m_space[i].activeIf.terms)
            for (std::size_t j = 0; j < m_space.size() && most > 0; ++j)
                if (m_space[j].key == term.key)
                    depth = std::max(depth, 1 + depthOf(j, most - 1));
        return depth;
    }

    bool isActive(const Condition& condition) const {
        return std::ranges::all_of(condition.terms, [this](const Condition::Term& term) {
            const bool isSearched =
                std::ranges::find(m_space, term.key, &SearchDimension::key) != m_space.end();
            const auto chosen = m_chosen.find(term.key);
            return !isSearched || (chosen != m_chosen.end() &&
                                   std::ranges::find(term.anyOf, chosen->second) != term.anyOf.end());
        });
    }

    static std::string nameOf(const Domain& domain, std::int64_t index) {
        if (const auto* choice = std::get_if<ChoiceDomain>(&domain))
            return choice->values[static_cast<std::size_t>(index)];
        if (const auto* whole = std::get_if<IntDomain>(&domain))
            return toText(whole->low + index * whole->step);
        if (const auto* real = std::get_if<RealDomain>(&domain))
            return toText(real->step > 0 ? gridValue(*real, index) : real->low);
        return toText(index == 1);
    }

    // As deep as the space has dimensions; only those asked about branch.
    double countFrom(std::size_t place) {
        if (place == m_order.size())
            return 1;
        const SearchDimension& dimension = m_space[m_order[place]];
        if (!isActive(dimension.activeIf))
            return countFrom(place + 1);
        const std::int64_t values = ParameterAxis(dimension).count();
        if (!isAskedAbout(dimension.key))
            return static_cast<double>(values) * countFrom(place + 1);
        double sum = 0;
        for (std::int64_t i = 0; i < values && sum <= kMostCounted; ++i) {
            m_chosen[dimension.key] = nameOf(dimension.domain, i);
            sum += countFrom(place + 1);
        }
        m_chosen.erase(dimension.key);
        return sum;
    }

    const SearchSpace& m_space;
    std::vector<std::size_t> m_order;
    std::map<std::string, std::string> m_chosen;
};

bool hasEnded(const StudyTrial& trial) {
    return trial.state == TrialState::Complete || trial.state == TrialState::Pruned;
}

/// Steps and seconds of what has ended.
struct Experience {
    std::vector<double> steps, seconds;
    double secondsPerStep = 0;
};

Experience experienceOf(const StudyTrials& study) {
    Experience experience;
    double steps = 0;
    double seconds = 0;
    for (const StudyTrial& trial : study.trials) {
        if (!hasEnded(trial))
            continue;
        experience.steps.push_back(static_cast<double>(trial.steps));
        experience.seconds.push_back(trial.seconds);
        steps += experience.steps.back();
        seconds += trial.seconds;
    }
    experience.secondsPerStep = steps > 0 ? seconds / steps : 0;
    return experience;
}

/// Work left of running trials, which are to come as far as `expected` steps.
double runningSteps(const StudyTrials& study, double expected) {
    double left = 0;
    for (const StudyTrial& trial : study.trials)
        if (!isFinal(trial.state) && trial.steps > 0)
            left += std::max(0.0, expected - static_cast<double>(trial.steps));
    return left;
}

/// Trials of the budget that have taken no step yet: not begun, or still queued.
std::int64_t freshTrials(const StudyTrials& study, std::int64_t budget) {
    const auto begun = std::ranges::count_if(
        study.trials, [](const StudyTrial& trial) { return isFinal(trial.state) || trial.steps > 0; });
    return std::max<std::int64_t>(0, budget - begun);
}

/// The half width of the prediction interval of the sum of `left` more values.
double sumHalfWidth(std::span<const double> values, double left) {
    const Summary summary = summarize(values);
    const double count = static_cast<double>(summary.count);
    return twoSidedT(kConfidence, count - 1) * summary.deviation * std::sqrt(left + left * left / count);
}

} // namespace

std::optional<double> configurationCount(const SearchSpace& space) {
    if (std::ranges::any_of(space,
                            [](const auto& dimension) { return ParameterAxis(dimension).count() == 0; }))
        return std::nullopt;
    const double count = ConfigurationCounter(space).count();
    return count <= kMostCounted ? std::optional(count) : std::nullopt;
}

StudyForecast forecast(const StudyTrials& study, const ForecastPlan& plan) {
    LATHE_EXPECT(plan.slots >= 1);
    StudyForecast forecast;
    forecast.configurations = configurationCount(study.space);
    const auto final =
        std::ranges::count_if(study.trials, [](const StudyTrial& trial) { return isFinal(trial.state); });
    forecast.trialsLeft = std::max<std::int64_t>(0, plan.trials - final);
    const Experience experience = experienceOf(study);
    const double fullSteps = static_cast<double>(study.fullSteps);
    const double stepsATrial =
        experience.secondsPerStep > 0 ? summarize(experience.steps).mean : fullSteps * plan.plannedShare;
    const double secondsAStep =
        experience.secondsPerStep > 0 ? experience.secondsPerStep : plan.secondsPerStep;
    const double stepsLeft =
        runningSteps(study, stepsATrial) + static_cast<double>(freshTrials(study, plan.trials)) * stepsATrial;
    forecast.fullRunsLeft = fullSteps > 0 ? stepsLeft / fullSteps : static_cast<double>(forecast.trialsLeft);
    if (forecast.trialsLeft == 0) {
        forecast.fullRunsLeft = 0;
        forecast.hours = 0;
        return forecast;
    }
    if (!(secondsAStep > 0 && stepsATrial > 0))
        return forecast;
    const double busy = static_cast<double>(std::min(plan.slots, forecast.trialsLeft));
    forecast.hours = stepsLeft * secondsAStep / busy / kSecondsAnHour;
    if (experience.seconds.size() < 2 || !(experience.secondsPerStep > 0))
        return forecast;
    const double half = sumHalfWidth(experience.seconds, stepsLeft / stepsATrial) / busy / kSecondsAnHour;
    forecast.lowHours = std::max(0.0, *forecast.hours - half);
    forecast.highHours = *forecast.hours + half;
    return forecast;
}

} // namespace lathe
