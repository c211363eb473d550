#include "core/search/auto_view.h"

#include "core/search/axis.h"
#include "core/search/ranking.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace lathe {

namespace {

constexpr double kWidening = 1.5;
constexpr int kMostWidenings = 40;
constexpr std::size_t kSpareTrials = 2; // above the dimensions, to learn from

void number(std::vector<ObservedTrial>& trials) {
    for (std::size_t i = 0; i < trials.size(); ++i)
        trials[i].number = static_cast<std::int64_t>(i);
}

bool isFinished(const ObservedTrial& trial) {
    return trial.state == TrialState::Complete && trial.objective && std::isfinite(*trial.objective);
}

std::set<std::string> gatesOf(const SearchSpace& space) {
    std::set<std::string> gates;
    for (const SearchDimension& dimension : space)
        for (const Condition::Term& term : dimension.activeIf.terms)
            gates.insert(term.key);
    return gates;
}

bool isCategory(const SearchDimension& dimension) { return Axis(dimension).kind() == Axis::Kind::Choice; }

bool liesIn(const SearchSpace& space, const ObservedTrial& trial) {
    return std::ranges::all_of(space, [&trial](const SearchDimension& dimension) {
        const ParamValue* value = trial.values.find(dimension.key);
        return value != nullptr && !problemWith(dimension.domain, *value);
    });
}

RealDomain cut(const RealDomain& domain, const Axis& axis, double place, double half) {
    RealDomain part = domain;
    if (place - half > 0) {
        part.low = std::get<double>(axis.valueAtUnit(place - half));
        part.lowOpen = false;
    }
    if (place + half < 1)
        part.high = std::max(part.low, std::get<double>(axis.valueAtUnit(place + half)));
    return part;
}

/// At least one step to either side.
IntDomain cut(const IntDomain& domain, const Axis& axis, double place, double half) {
    const auto at = std::get<std::int64_t>(axis.valueAtUnit(place));
    const auto last = domain.low + (domain.high - domain.low) / domain.step * domain.step;
    IntDomain part = domain;
    part.low = std::get<std::int64_t>(axis.valueAtUnit(std::max(0.0, place - half)));
    part.low = std::max(domain.low, std::min(part.low, at - domain.step));
    part.high = std::get<std::int64_t>(axis.valueAtUnit(std::min(1.0, place + half)));
    part.high = std::min(last, std::max(part.high, at + domain.step));
    return part;
}

SearchSpace cut(SearchSpace space, const ParamValues& point, double length) {
    for (SearchDimension& dimension : space) {
        const ParamValue* value = point.find(dimension.key);
        if (value == nullptr || problemWith(dimension.domain, *value))
            continue;
        const Axis axis(dimension);
        if (const auto* real = std::get_if<RealDomain>(&dimension.domain))
            dimension.domain = cut(*real, axis, axis.unit(*value), length / 2);
        else if (const auto* whole = std::get_if<IntDomain>(&dimension.domain))
            dimension.domain = cut(*whole, axis, axis.unit(*value), length / 2);
    }
    return space;
}

} // namespace

bool hasConditions(const SearchSpace& space) { return !gatesOf(space).empty(); }

PartialStudy branchAt(const StudyView& study, const ParamValues& point) {
    PartialStudy part{study.spec, {}};
    part.spec.space.clear();
    const std::set<std::string> gates = gatesOf(study.spec.space);
    SearchSpace held;
    for (SearchDimension dimension : study.spec.space) {
        const ParamValue* value = point.find(dimension.key);
        dimension.activeIf = {};
        if (value == nullptr)
            continue;
        if (gates.contains(dimension.key) && isCategory(dimension)) {
            part.spec.fixed.set(dimension.key, *value);
            held.push_back(std::move(dimension));
        } else {
            part.spec.space.push_back(std::move(dimension));
        }
    }
    const std::size_t active = part.spec.space.size() + held.size();
    for (const ObservedTrial& trial : study.trials) {
        const bool isAlike = std::ranges::all_of(held, [&](const SearchDimension& dimension) {
            const ParamValue* value = trial.values.find(dimension.key);
            return value != nullptr && *value == *point.find(dimension.key);
        });
        if (isAlike && trial.values.map().size() == active && liesIn(part.spec.space, trial))
            part.trials.push_back(trial);
    }
    number(part.trials);
    return part;
}

std::vector<Branch> branchesOf(const StudyView& study) {
    const std::set<std::string> gates = gatesOf(study.spec.space);
    std::vector<std::string> names;
    std::vector<Branch> branches;
    for (const ObservedTrial* trial : rankedTrials(study)) {
        std::string name;
        Branch branch{trial, 1, 0};
        for (const SearchDimension& dimension : study.spec.space) {
            const ParamValue* value = trial->values.find(dimension.key);
            if (value == nullptr)
                continue;
            const bool isHeld = gates.contains(dimension.key) && isCategory(dimension);
            name += dimension.key + '=' + (isHeld ? toText(*value) : "") + ' ';
            branch.dimensions += isHeld ? 0 : 1;
        }
        const auto known = std::ranges::find(names, name);
        if (known != names.end()) {
            ++branches[static_cast<std::size_t>(known - names.begin())].trials;
            continue;
        }
        names.push_back(std::move(name));
        branches.push_back(branch);
    }
    return branches;
}

PartialStudy boxAround(const PartialStudy& study, const ParamValues& point, double length) {
    PartialStudy part{study.spec, {}};
    const std::size_t wanted = study.spec.space.size() + kSpareTrials;
    for (int widening = 0; widening < kMostWidenings; ++widening, length *= kWidening) {
        part.spec.space = cut(study.spec.space, point, length);
        part.trials.clear();
        std::ranges::copy_if(study.trials, std::back_inserter(part.trials),
                             [&part](const ObservedTrial& trial) { return liesIn(part.spec.space, trial); });
        const auto finished = std::ranges::count_if(part.trials, &isFinished);
        if (static_cast<std::size_t>(finished) >= wanted || length > 2)
            break;
    }
    number(part.trials);
    return part;
}

void limitTrials(PartialStudy& study, std::size_t most) {
    std::vector<std::int64_t> finished;
    for (const ObservedTrial& trial : study.trials)
        if (isFinished(trial))
            finished.push_back(trial.number);
    if (finished.size() <= most)
        return;
    std::set<std::int64_t> kept;
    for (const ObservedTrial* trial : rankedTrials(study.view()))
        if (kept.size() < most / 2 && isFinished(*trial))
            kept.insert(trial->number);
    for (auto latest = finished.rbegin(); latest != finished.rend() && kept.size() < most; ++latest)
        kept.insert(*latest);
    std::erase_if(study.trials, [&kept](const ObservedTrial& trial) {
        return isFinished(trial) && !kept.contains(trial.number);
    });
    number(study.trials);
}

void levelLosses(PartialStudy& study) {
    std::vector<double> losses;
    for (const ObservedTrial& trial : study.trials)
        if (isFinished(trial))
            losses.push_back(lossOf(trial, study.spec.objective));
    if (losses.empty())
        return;
    std::ranges::sort(losses);
    const double best = losses.front();
    const double spread = losses[(losses.size() - 1) / 2] - best;
    if (!(spread > 0) || !std::isfinite(spread))
        return;
    for (ObservedTrial& trial : study.trials)
        if (isFinished(trial)) {
            const double level = std::log1p((lossOf(trial, study.spec.objective) - best) / spread);
            trial.objective = study.spec.objective.maximize ? -level : level;
        }
}

} // namespace lathe
