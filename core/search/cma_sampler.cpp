#include "core/search/axis.h"
#include "core/search/builtin_search.h"
#include "core/search/cma.h"
#include "core/search/draw.h"
#include "core/search/ranking.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace lathe {

namespace {

/// Dimensions the strategy can move along: always there, with an order, and more than one value.
std::vector<Axis> movableAxes(const SearchSpace& space) {
    std::vector<Axis> movable;
    for (const SearchDimension& dimension : space)
        if (dimension.activeIf.terms.empty())
            if (Axis axis(dimension); axis.kind() != Axis::Kind::Choice && axis.count() != 1)
                movable.push_back(std::move(axis));
    return movable;
}

/// CMA-ES over a study's history. Which generation a trial was drawn for is all that it keeps; everything
/// else is worked out again from the trials, a generation being closed by its first finished members. Slots
/// that ask while it is open get further members of it.
class CmaSampler final : public Sampler {
public:
    ParamSchema options() const override {
        return {{"sigma",
                 "search",
                 "First step size",
                 "of the range",
                 "How far the first points lie from the middle.",
                 RealDomain{0, 1, false, true},
                 1.0 / 6,
                 {},
                 true,
                 false},
                {"population",
                 "search",
                 "Population",
                 "trials",
                 "Trials of one generation; 0 takes 4 + 3 ln(number of parameters).",
                 IntDomain{0, 10000, 1, false},
                 std::int64_t{0},
                 {},
                 true,
                 false},
                {"adapt_learning_rate",
                 "search",
                 "Slower under noise",
                 "",
                 "Adapts the learning rate to how much a generation tells: for noisy scores.",
                 BoolDomain{},
                 false,
                 {},
                 true,
                 false}};
    }

    Result<ParamValues> ask(const StudyView& study, Rng& rng) override {
        LATHE_TRY(checkObjectives(study.spec, *this));
        const std::vector<Axis> axes = movableAxes(study.spec.space);
        const auto number = static_cast<std::size_t>(nextNumber(study));
        m_generations.resize(number, kNone); // a trial the study never got is forgotten
        std::optional<Eigen::VectorXd> point;
        if (!axes.empty()) {
            const Evolution& evolution = replay(study, axes);
            Rng own = streamOf(study.spec, number);
            point = evolution.strategy.sample(own);
            m_generations.push_back(evolution.generation);
        }
        return drawActive(study.spec, [&](const SearchDimension& dimension) -> Result<ParamValue> {
            LATHE_ASSIGN(ParamValue any, drawUniform(dimension, rng)); // names a domain without values
            const auto axis = std::ranges::find(axes, dimension.key, &Axis::key);
            if (axis == axes.end())
                return any;
            return axis->valueAtUnit((*point)[axis - axes.begin()]);
        });
    }

    /// "0 0 0 1 - 1": the generation of each trial.
    std::string state() const override {
        std::string text;
        for (const std::int64_t generation : m_generations)
            text += (text.empty() ? "" : " ") + (generation == kNone ? "-" : std::to_string(generation));
        return text;
    }

    Status restore(std::string_view text) override {
        std::vector<std::int64_t> generations;
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = std::min(text.find(' ', at), text.size());
            const std::string_view word = text.substr(at, end - at);
            std::int64_t generation = kNone;
            if (word != "-")
                if (const auto read = std::from_chars(word.begin(), word.end(), generation);
                    read.ec != std::errc() || read.ptr != word.end() || generation < 0)
                    return inputError({}, "\"" + std::string(word) + "\" is no generation of CMA-ES");
            generations.push_back(generation);
            at = end + 1;
        }
        m_generations = std::move(generations);
        m_evolution.reset();
        return ok();
    }

private:
    static constexpr std::int64_t kNone = -1;

    struct Evolution {
        CmaEs strategy;
        std::int64_t generation = 0;
        std::int64_t restarts = 0;
    };

    static Rng streamOf(const StudySpec& spec, std::size_t number) {
        return Rng(mixSeed(mixSeed(spec.seed, 0x636d61), number)); // "cma"
    }

    /// A restart begins anywhere, with twice the population: Auger and Hansen 2005 (CEC, IPOP-CMA-ES).
    static CmaEs strategyFor(const StudySpec& spec, const std::vector<Axis>& axes, std::int64_t restarts) {
        const ParamValues chosen = withDefaults(CmaSampler().options(), spec.samplerOptions);
        std::vector<std::int64_t> cells;
        for (const Axis& axis : axes)
            cells.push_back(axis.count());
        CmaSettings settings{
            chosen.real("sigma"), chosen.integer("population"), {}, chosen.flag("adapt_learning_rate")};
        if (restarts > 0) {
            settings.population = CmaEs(cells, settings).population() << std::min<std::int64_t>(restarts, 20);
            Rng rng(mixSeed(mixSeed(spec.seed, 0x636d6172), static_cast<std::uint64_t>(restarts))); // "cmar"
            for (std::size_t i = 0; i < axes.size(); ++i)
                settings.mean.push_back(rng.uniform());
        }
        return {std::move(cells), settings};
    }

    /// What a told generation was made of; while it is the same, what was learnt from it stays.
    struct Told {
        std::int64_t number = 0;
        double loss = 0;
        bool operator==(const Told&) const = default;
    };

    /// Plays through the generations, from where the earlier ask left it if the trials until there are the
    /// same.
    const Evolution& replay(const StudyView& study, const std::vector<Axis>& axes) {
        std::vector<std::vector<const ObservedTrial*>> members;
        for (const ObservedTrial& trial : study.trials) {
            const std::int64_t generation = m_generations[static_cast<std::size_t>(trial.number)];
            if (generation == kNone || isPending(trial.state))
                continue;
            members.resize(std::max(members.size(), static_cast<std::size_t>(generation) + 1));
            members[static_cast<std::size_t>(generation)].push_back(&trial);
        }
        if (!m_evolution || !isPlayed(study.spec, members)) {
            m_evolution = Evolution{strategyFor(study.spec, axes, 0)};
            m_told.clear();
            m_playedSpec = study.spec;
        }
        Evolution& evolution = *m_evolution;
        for (auto at = static_cast<std::size_t>(evolution.generation); at < members.size(); ++at) {
            const auto wanted = static_cast<std::size_t>(evolution.strategy.population());
            if (members[at].size() < wanted)
                break;
            std::vector<CmaEs::Solution> solutions;
            m_told.emplace_back();
            for (const ObservedTrial* trial : std::span(members[at]).first(wanted)) {
                const double loss = rankedLoss(*trial, study.spec.objective);
                solutions.push_back({pointOf(*trial, study.spec, axes, evolution.strategy), loss});
                m_told.back().push_back({trial->number, loss});
            }
            evolution.strategy.tell(std::move(solutions));
            ++evolution.generation;
            if (evolution.strategy.isExhausted())
                evolution.strategy = strategyFor(study.spec, axes, ++evolution.restarts);
        }
        return evolution;
    }

    [[nodiscard]] bool isPlayed(const StudySpec& spec,
                                const std::vector<std::vector<const ObservedTrial*>>& members) const {
        if (spec.seed != m_playedSpec.seed || !(spec.space == m_playedSpec.space) ||
            !(spec.samplerOptions == m_playedSpec.samplerOptions) || members.size() < m_told.size())
            return false;
        for (std::size_t g = 0; g < m_told.size(); ++g)
            for (std::size_t k = 0; k < m_told[g].size(); ++k)
                if (k >= members[g].size() ||
                    m_told[g][k] != Told{members[g][k]->number, rankedLoss(*members[g][k], spec.objective)})
                    return false;
        return true;
    }

    /// The point as it was drawn, which a grid value does not tell; its middle if something else was tried.
    static Eigen::VectorXd pointOf(const ObservedTrial& trial, const StudySpec& spec,
                                   const std::vector<Axis>& axes, const CmaEs& strategy) {
        Rng own = streamOf(spec, static_cast<std::size_t>(trial.number));
        Eigen::VectorXd point = strategy.sample(own);
        for (Eigen::Index i = 0; i < point.size(); ++i) {
            const Axis& axis = axes[static_cast<std::size_t>(i)];
            const ParamValue* value = trial.values.find(axis.key());
            if (value != nullptr && axis.valueAtUnit(point[i]) != *value)
                point[i] = axis.unit(*value);
        }
        return point;
    }

    /// Pruned, infeasible and failed trials come behind complete ones, in this order.
    static double rankedLoss(const ObservedTrial& trial, const Objective& objective) {
        constexpr double kHuge = std::numeric_limits<double>::max();
        if (!hasOutcome(trial))
            return std::numeric_limits<double>::infinity();
        if (const double violation = violationOf(trial); violation > 0)
            return kHuge * (0.75 + 0.25 * violation / (1 + violation));
        const double loss = lossOf(trial, objective);
        return trial.state == TrialState::Pruned ? kHuge * (0.5 + 0.2 * std::atan(loss) / 1.6) : loss;
    }

    std::vector<std::int64_t> m_generations; // by trial number
    // Worked out again where it is missing:
    std::optional<Evolution> m_evolution;
    std::vector<std::vector<Told>> m_told; // by generation
    StudySpec m_playedSpec;                // seed, space and options it was played with
};

} // namespace

std::unique_ptr<Sampler> makeCmaSampler() { return std::make_unique<CmaSampler>(); }

} // namespace lathe
