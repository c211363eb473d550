#include "core/search/builtin_search.h"
#include "core/search/draw.h"
#include "core/search/latin_hypercube.h"
#include "core/search/mads_iteration.h"
#include "core/search/mads_state.h"
#include "core/search/ranking.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace lathe {

namespace {

using Eigen::Index;
using Eigen::VectorXd;

/// Mesh-adaptive direct search over a study. Begins with a Latin hypercube, or with the trials there are.
class MadsSampler final : public Sampler {
public:
    ParamSchema options() const override {
        return {{"design",
                 "search",
                 "Design first",
                 "of the trials",
                 "Share of the planned trials that is spread evenly before the search proper.",
                 RealDomain{0, 1},
                 0.1,
                 {},
                 true,
                 false},
                {"poll",
                 "search",
                 "Poll",
                 "",
                 "Directions around the best point: as many as parameters and one more, or twice as many.",
                 ChoiceDomain{{"n_plus_1", "2n"}, {"n + 1, the last by a model", "2 n"}, false},
                 std::string("n_plus_1"),
                 {},
                 true,
                 false},
                {"model_search",
                 "search",
                 "Model search",
                 "",
                 "Tries the best points of quadratic models.",
                 BoolDomain{},
                 true,
                 {},
                 true,
                 false},
                {"nelder_mead",
                 "search",
                 "Nelder–Mead search",
                 "",
                 "Tries the steps of a simplex.",
                 BoolDomain{},
                 true,
                 {},
                 true,
                 false},
                {"speculative",
                 "search",
                 "Speculative search",
                 "",
                 "Tries farther steps in directions that helped.",
                 BoolDomain{},
                 true,
                 {},
                 true,
                 false}};
    }

    Result<ParamValues> ask(const StudyView& study, Rng& rng) override {
        LATHE_TRY(checkObjectives(study.spec, *this));
        const MadsSpace space(study.spec);
        const std::int64_t number = nextNumber(study);
        LATHE_TRY(
            drawActive(study.spec, [&rng](const auto& dimension) { return drawUniform(dimension, rng); }));
        if (space.dimensions() == 0)
            return ParamValues();
        const ParamValues chosen = withDefaults(options(), study.spec.samplerOptions);
        if (number < designSize(study.spec, space, chosen) || !hasResult(study))
            return space.values(designPoint(study.spec, space, number));
        LATHE_ASSIGN(const MadsPoint point, search(study, space, chosen, number, rng));
        return space.values(point);
    }

    std::string state() const override { return m_begin.firstTrial < 0 ? std::string() : toText(m_begin); }

    Status restore(std::string_view text) override {
        m_iteration.reset();
        m_begin = {};
        if (text.empty())
            return ok();
        LATHE_ASSIGN(m_begin, madsBeginningFrom(text));
        return ok();
    }

private:
    static constexpr int kMostIdle = 60;

    static std::int64_t designSize(const StudySpec& spec, const MadsSpace& space, const ParamValues& chosen) {
        const double share = chosen.real("design") * static_cast<double>(spec.trialCount);
        const auto least = static_cast<std::int64_t>(space.dimensions()) + 1;
        if (chosen.real("design") == 0)
            return 1;
        return std::clamp<std::int64_t>(std::llround(share), std::min(least, spec.trialCount / 4 + 1), 1000);
    }

    /// The recipe's own values first, then a Latin hypercube.
    static MadsPoint designPoint(const StudySpec& spec, const MadsSpace& space, std::int64_t number) {
        if (number == 0 && std::ranges::all_of(spec.space, [&spec](const SearchDimension& dimension) {
                const ParamValue* value = spec.fixed.find(dimension.key);
                return value != nullptr && !problemWith(dimension.domain, *value);
            }))
            return space.point(spec.fixed);
        const auto strata = static_cast<std::uint64_t>(std::max<std::int64_t>(
            1, designSize(spec, space, withDefaults(MadsSampler().options(), spec.samplerOptions))));
        std::vector<double> unit;
        Rng inside(mixSeed(mixSeed(spec.seed, 0x6d616473), static_cast<std::uint64_t>(number))); // "mads"
        for (std::size_t d = 0; d < space.dimensions(); ++d) {
            unit.push_back(latinHypercube(mixSeed(spec.seed, 0x6d61646c), strata, // "madl"
                                          static_cast<std::uint64_t>(number), d, inside));
        }
        return space.atUnit(unit);
    }

    static bool hasResult(const StudyView& study) {
        return std::ranges::any_of(study.trials, [](const ObservedTrial& trial) { return isUsable(trial); });
    }

    /// A pruned trial counts as one that brought nothing: its value is that of a shorter training.
    static bool isUsable(const ObservedTrial& trial) {
        return trial.state == TrialState::Complete && trial.objective && std::isfinite(*trial.objective);
    }

    static MadsResult resultOf(const ObservedTrial& trial, const StudyView& study, const MadsSpace& space) {
        MadsResult result{space.point(trial.values),
                          VectorXd(1 + static_cast<Index>(trial.constraints.size()))};
        result.outputs[0] = lossOf(trial, study.spec.objective);
        for (std::size_t i = 0; i < trial.constraints.size(); ++i)
            result.outputs[static_cast<Index>(i) + 1] = trial.constraints[i];
        return result;
    }

    Result<MadsPoint> search(const StudyView& study, const MadsSpace& space, const ParamValues& chosen,
                             std::int64_t number, Rng& rng) {
        if (m_begin.firstTrial < 0)
            beginFirst(study, space, number);
        remember(study, space);
        const auto lookUp = [&](const MadsPoint& point) { return seen(study, space, point); };
        for (int round = 0; round < kMostIdle; ++round) {
            if (!m_iteration || m_iterationNumber != m_begin.iteration)
                prepare(study, space, chosen);
            const MadsIteration::Answer answer = m_iteration->next(lookUp);
            if (answer.point) {
                return *answer.point;
            }
            if (!answer.outcome)
                break; // everything is being tried already
            finish(*answer.outcome, study, space, number);
        }
        return elsewhere(study, space, rng);
    }

    /// A point nobody tried, where the neighbourhood has nothing left: the search goes on from wherever it
    /// turns out well.
    Result<MadsPoint> elsewhere(const StudyView& study, const MadsSpace& space, Rng& rng) {
        MadsPoint point;
        for (int attempt = 0; attempt < 100; ++attempt) {
            LATHE_ASSIGN(const ParamValues values, drawActive(study.spec, [&rng](const auto& dimension) {
                             return drawUniform(dimension, rng);
                         }));
            point = space.point(values);
            if (seen(study, space, point).state == MadsSeen::State::Unknown)
                break;
        }
        return point;
    }

    void beginFirst(const StudyView& study, const MadsSpace& space, std::int64_t number) {
        m_begin.sizes = MadsMesh(space.variables()).sizes();
        beginAt(study, number);
    }

    void beginAt(const StudyView& study, std::int64_t number) {
        m_begin.firstTrial = number;
        m_begin.missing.clear();
        for (const ObservedTrial& trial : study.trials)
            if (isPending(trial.state))
                m_begin.missing.push_back(trial.number);
    }

    [[nodiscard]] bool wasKnown(const ObservedTrial& trial) const {
        return trial.number < m_begin.firstTrial &&
               std::ranges::find(m_begin.missing, trial.number) == m_begin.missing.end() && isUsable(trial);
    }

    /// The incumbents and results as they were when the iteration began.
    MadsStart startOf(const StudyView& study, const MadsSpace& space) const {
        MadsMesh mesh(space.variables());
        mesh.setSizes(m_begin.sizes);
        MadsStart start{std::move(mesh), {}, {}, {}, m_begin.barrier, {}, {}, 0, {}};
        for (const ObservedTrial& trial : study.trials) {
            if (trial.number == m_begin.originTrial)
                start.origin = space.point(trial.values);
            if (wasKnown(trial))
                start.known.push_back(resultOf(trial, study, space));
        }
        chooseIncumbents(start);
        start.lastDirection = Eigen::Map<const VectorXd>(m_begin.lastDirection.data(),
                                                         static_cast<Index>(m_begin.lastDirection.size()));
        start.seed = mixSeed(mixSeed(study.spec.seed, 0x6d616469), // "madi"
                             static_cast<std::uint64_t>(m_begin.iteration));
        return start;
    }

    static void chooseIncumbents(MadsStart& start) {
        for (const MadsResult& result : start.known)
            if (const ModelValue value = result.value(); value.violation == 0) {
                if (!start.feasible || value.objective < start.feasible->value().objective)
                    start.feasible = result;
            }
        const MadsResult* chosen = nullptr;
        for (const MadsResult& result : start.known) {
            const ModelValue value = result.value();
            if (value.violation == 0 || value.violation > start.barrier)
                continue;
            const bool isDominated = std::ranges::any_of(start.known, [&value](const MadsResult& other) {
                const ModelValue o = other.value();
                return o.violation > 0 && o.objective <= value.objective && o.violation <= value.violation &&
                       (o.objective < value.objective || o.violation < value.violation);
            });
            if (!isDominated && (chosen == nullptr || value.objective < chosen->value().objective))
                chosen = &result;
        }
        if (chosen != nullptr)
            start.infeasible = *chosen;
        else if (!start.feasible && !start.known.empty()) // all behind the barrier: the least violation
            start.infeasible = *std::ranges::min_element(
                start.known, {}, [](const MadsResult& result) { return result.value().violation; });
    }

    void prepare(const StudyView& study, const MadsSpace& space, const ParamValues& chosen) {
        MadsStart start = startOf(study, space);
        start.parts = {chosen.flag("speculative"), chosen.flag("model_search"), chosen.flag("nelder_mead"),
                       chosen.text("poll") == "n_plus_1"};
        m_space = std::make_unique<MadsSpace>(space);
        m_iteration = std::make_unique<MadsIteration>(*m_space, std::move(start));
        m_iterationNumber = m_begin.iteration;
    }

    /// The mesh follows what the iteration brought, and the next one begins with all that is known by now.
    void finish(MadsIteration::Outcome outcome, const StudyView& study, const MadsSpace& space,
                std::int64_t number) {
        const MadsStart before = m_iteration->start();
        const MadsResult centre = m_iteration->centre();
        beginAt(study, number);
        ++m_begin.iteration;
        const MadsStart after = startOf(study, space);
        MadsMesh mesh = before.mesh;
        if (outcome == MadsIteration::Outcome::Success) {
            const auto& incumbent = after.feasible ? after.feasible : after.infeasible;
            const VectorXd direction = incumbent->point.x - centre.point.x;
            mesh.enlarge(direction);
            m_begin.lastDirection.assign(direction.begin(), direction.end());
            m_begin.originTrial = trialAt(study, space, centre.point);
        } else if (outcome == MadsIteration::Outcome::Failure) {
            mesh.refine();
        }
        m_begin.sizes = mesh.sizes();
        if (before.infeasible)
            lowerBarrier(outcome, before);
    }

    void lowerBarrier(MadsIteration::Outcome outcome, const MadsStart& before) {
        double next = before.infeasible->value().violation;
        if (outcome == MadsIteration::Outcome::Partial) {
            double below = 0;
            for (const MadsResult& result : before.known)
                if (result.value().violation < next)
                    below = std::max(below, result.value().violation);
            next = below > 0 ? below : next;
        }
        m_begin.barrier = std::min(m_begin.barrier, next);
    }

    std::int64_t trialAt(const StudyView& study, const MadsSpace& space, const MadsPoint& point) {
        const auto found = m_trials.find(space.key(point));
        return found == m_trials.end() ? -1 : study.trials[found->second].number;
    }

    /// Keeps the places of the trials' points; their values never change, so new ones are added only.
    void remember(const StudyView& study, const MadsSpace& space) {
        if (m_remembered > study.trials.size()) {
            m_trials.clear();
            m_remembered = 0;
        }
        for (; m_remembered < study.trials.size(); ++m_remembered)
            m_trials[space.key(space.point(study.trials[m_remembered].values))] = m_remembered;
    }

    MadsSeen seen(const StudyView& study, const MadsSpace& space, const MadsPoint& point) const {
        const auto found = m_trials.find(space.key(point));
        if (found == m_trials.end())
            return {};
        const ObservedTrial& trial = study.trials[found->second];
        if (isUsable(trial))
            return {MadsSeen::State::Known, resultOf(trial, study, space).outputs};
        return {isPending(trial.state) ? MadsSeen::State::Pending : MadsSeen::State::Failed, {}};
    }

    MadsBeginning m_begin;
    // Worked out again where it is missing:
    std::unique_ptr<MadsSpace> m_space;
    std::unique_ptr<MadsIteration> m_iteration; // refers to m_space
    std::int64_t m_iterationNumber = -1;
    std::unordered_map<std::string, std::size_t> m_trials; // by the key of their point
    std::size_t m_remembered = 0;
};

} // namespace

std::unique_ptr<Sampler> makeMadsSampler() { return std::make_unique<MadsSampler>(); }

} // namespace lathe
