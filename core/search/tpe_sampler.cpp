#include "core/search/brackets.h"
#include "core/search/builtin_search.h"
#include "core/search/draw.h"
#include "core/search/parzen.h"
#include "core/search/ranking.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace lathe {

namespace {

using Keys = std::set<std::string>;
using Trials = std::vector<const ObservedTrial*>;

/// Optuna's rule for the size of the better part; a front needs more points than a peak.
std::size_t tenth(std::size_t count, bool isFront) {
    return std::min<std::size_t>((count + 9) / 10, isFront ? count : 25);
}

/// The older rule of Bergstra et al. 2011 in hyperopt and NNI.
std::size_t quarterOfRoot(std::size_t count) {
    return std::min<std::size_t>(
        static_cast<std::size_t>(std::ceil(0.25 * std::sqrt(static_cast<double>(count)))), 25);
}

/// Keys that are always there together: the observed sets of keys, cut along each other's borders.
std::vector<Keys> groupsOf(const StudyView& study) {
    std::vector<Keys> groups;
    const auto keyOf = [](const auto& entry) -> const std::string& { return entry.first; };
    const ParamValues* last = nullptr;
    for (const ObservedTrial& trial : study.trials) {
        const bool isKnown =
            last != nullptr && std::ranges::equal(last->map(), trial.values.map(), {}, keyOf, keyOf);
        last = &trial.values;
        if (isKnown)
            continue; // cuts nothing anew, and is what nearly all trials are
        Keys rest;
        for (const auto& [key, value] : trial.values.map())
            rest.insert(key);
        std::vector<Keys> cut;
        for (const Keys& group : groups) {
            Keys inside;
            Keys outside;
            for (const std::string& key : group)
                (rest.contains(key) ? inside : outside).insert(key);
            for (const std::string& key : inside)
                rest.erase(key);
            for (Keys* part : {&inside, &outside})
                if (!part->empty())
                    cut.push_back(std::move(*part));
        }
        if (!rest.empty())
            cut.push_back(std::move(rest));
        groups = std::move(cut);
    }
    return groups;
}

struct Parts {
    Trials below;
    Trials above;
};

void sortByNumber(Trials& trials) {
    std::ranges::sort(trials, {}, [](const ObservedTrial* trial) { return trial->number; });
}

std::vector<ParzenMixture::Point> pointsOf(const Trials& trials, std::span<const Axis> axes) {
    std::vector<ParzenMixture::Point> points;
    for (const ObservedTrial* trial : trials) {
        ParzenMixture::Point point;
        for (const Axis& axis : axes)
            if (const ParamValue* value = trial->values.find(axis.key()))
                point.push_back(axis.coordinate(*value));
        if (point.size() == axes.size())
            points.push_back(std::move(point));
    }
    return points;
}

/// Tree-structured Parzen estimator, Bergstra et al. 2011 (NeurIPS 24): draws from the density of the better
/// trials and keeps the candidate whose density among the others is lowest beside it. Joint over the keys
/// that occur together (Falkner et al. 2018, arXiv:1807.01774; groups as in Optuna), so that conditional
/// spaces are modelled too. A running trial counts among the others, which keeps parallel slots apart. Of
/// several objectives the better trials are those of the foremost fronts (MOTPE, Ozaki et al. 2020, GECCO),
/// and none of them counts less for its age.
class TpeSampler final : public Sampler {
public:
    ParamSchema options() const override {
        return {{"startup_trials",
                 "search",
                 "Random trials first",
                 "trials",
                 "Points drawn at random before the method learns from them.",
                 IntDomain{1, 10000, 1, false},
                 std::int64_t{10},
                 {},
                 true,
                 false},
                {"candidates",
                 "search",
                 "Candidates",
                 "",
                 "Points drawn from the density of the better trials, the best of which is tried.",
                 IntDomain{1, 10000, 1, false},
                 std::int64_t{24},
                 {},
                 true,
                 false},
                {"joint",
                 "search",
                 "Joint densities",
                 "",
                 "Models parameters together; without it each one is modelled alone.",
                 BoolDomain{},
                 true,
                 {},
                 true,
                 false},
                {"better_part",
                 "search",
                 "Better part",
                 "",
                 "How many of n trials count as the better ones.",
                 ChoiceDomain{
                     {"tenth", "root"}, {"A tenth, at most 25", "A quarter of the root, at most 25"}, false},
                 std::string("tenth"),
                 {},
                 true,
                 false}};
    }

    bool knowsSeveralObjectives() const override { return true; }
    bool drawsAnew() const override { return true; }

    Result<ParamValues> ask(const StudyView& whole, Rng& rng) override {
        LATHE_TRY(checkObjectives(whole.spec, *this));
        const std::vector<ObservedTrial> trials = comparableTrials(whole);
        const StudyView study{whole.spec, trials};
        const ParamValues chosen = withDefaults(options(), study.spec.samplerOptions);
        const Parts parts = split(study, chosen);
        std::map<std::string, double> drawn;
        return drawActive(study.spec, [&](const SearchDimension& dimension) -> Result<ParamValue> {
            if (parts.below.empty())
                return drawUniform(dimension, rng);
            if (!drawn.contains(dimension.key))
                drawGroup(groupOf(dimension.key, study, chosen), study, parts, chosen, rng, drawn);
            const auto value = drawn.find(dimension.key);
            return value == drawn.end() ? drawUniform(dimension, rng) : Axis(dimension).value(value->second);
        });
    }

private:
    /// `below` is empty while too little is known.
    static Parts split(const StudyView& study, const ParamValues& chosen) {
        Parts parts;
        const auto over = static_cast<std::size_t>(std::ranges::count_if(study.trials, &hasOutcome));
        if (over < static_cast<std::size_t>(chosen.integer("startup_trials")))
            return parts;
        const bool isFront = !study.spec.furtherObjectives.empty();
        parts.below = bestTrials(study, chosen.text("better_part") == "tenth" ? tenth(over, isFront)
                                                                              : quarterOfRoot(over));
        sortByNumber(parts.below);
        for (const ObservedTrial& trial : study.trials) {
            const bool isBelow = std::ranges::binary_search(
                parts.below, trial.number, {}, [](const ObservedTrial* one) { return one->number; });
            if (!isBelow && (hasOutcome(trial) || isPending(trial.state)))
                parts.above.push_back(&trial);
        }
        return parts;
    }

    static Keys groupOf(const std::string& key, const StudyView& study, const ParamValues& chosen) {
        if (chosen.flag("joint"))
            for (const Keys& group : groupsOf(study))
                if (group.contains(key))
                    return group;
        return {key};
    }

    static void drawGroup(const Keys& keys, const StudyView& study, const Parts& parts,
                          const ParamValues& chosen, Rng& rng, std::map<std::string, double>& drawn) {
        std::vector<Axis> axes;
        for (const SearchDimension& dimension : study.spec.space)
            if (keys.contains(dimension.key))
                axes.emplace_back(dimension);
        const auto belowPoints = pointsOf(parts.below, axes);
        const auto abovePoints = pointsOf(parts.above, axes);
        if (belowPoints.empty() && abovePoints.empty())
            return; // nobody has tried these keys yet
        const bool isFront = !study.spec.furtherObjectives.empty();
        const ParzenMixture below(axes, belowPoints,
                                  isFront ? ParzenMixture::Weights::Equal : ParzenMixture::Weights::Recent);
        const ParzenMixture above(axes, abovePoints);
        ParzenMixture::Point best;
        double bestRatio = 0;
        for (std::int64_t i = 0; i < chosen.integer("candidates"); ++i) {
            ParzenMixture::Point candidate = below.sample(rng);
            const double ratio = below.logDensity(candidate) - above.logDensity(candidate);
            if (best.empty() || ratio > bestRatio) {
                best = std::move(candidate);
                bestRatio = ratio;
            }
        }
        for (std::size_t a = 0; a < axes.size(); ++a)
            drawn[axes[a].key()] = best[a];
    }
};

} // namespace

std::unique_ptr<Sampler> makeTpeSampler() { return std::make_unique<TpeSampler>(); }

} // namespace lathe
