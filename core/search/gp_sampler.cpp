#include "core/base/domination.h"
#include "core/base/hypervolume.h"
#include "core/params/study_rules.h"
#include "core/search/acquisition.h"
#include "core/search/builtin_search.h"
#include "core/search/draw.h"
#include "core/search/gaussian_process.h"
#include "core/search/ranking.h"
#include "core/search/sobol.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lathe {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr Index kFantasies = 32;
constexpr double kSame = 1e-9; // inputs this near give the same value

std::vector<Axis> modelledAxes(const SearchSpace& space) {
    std::vector<Axis> modelled;
    for (const SearchDimension& dimension : space)
        if (dimension.activeIf.terms.empty())
            if (Axis axis(dimension); axis.count() != 1 && modelled.size() < kSobolDimensions)
                modelled.push_back(std::move(axis));
    return modelled;
}

/// A choice counts by its number, everything else by its place between the ends.
double inputOf(const Axis& axis, const ParamValue& value) {
    return axis.kind() == Axis::Kind::Choice ? axis.coordinate(value) : axis.unit(value);
}

ParamValue valueOfInput(const Axis& axis, double input) {
    return axis.kind() == Axis::Kind::Choice ? axis.value(input) : axis.valueAtUnit(input);
}

struct Observations {
    MatrixXd x;           ///< [axes, n]
    MatrixXd losses;      ///< [n, objectives]
    MatrixXd constraints; ///< [constraints, n]
    MatrixXd pending;     ///< [axes, p]
};

void standardise(Eigen::Ref<VectorXd> values) {
    const double mean = values.mean();
    const double spread = std::sqrt((values.array() - mean).square().mean());
    values = (values.array() - mean) / std::max(spread, 1e-10);
}

/// Bayesian optimisation with a Gaussian process and the logarithm of the expected improvement. Of several
/// objectives each has a process, and it is the front's hypervolume that is to improve: unlike random weights
/// of the objectives (ParEGO), this sees the whole front, needs no scales but the losses' own, and is exact.
/// Running trials are then taken to bring what the processes expect, without guesses around it.
class GpSampler final : public Sampler {
public:
    ParamSchema options() const override {
        return {{"startup_trials",
                 "search",
                 "Design first",
                 "trials",
                 "Evenly spread points before the method learns from them.",
                 IntDomain{1, 10000, 1, false},
                 std::int64_t{10},
                 {},
                 true,
                 false}};
    }

    bool knowsSeveralObjectives() const override { return true; }

    Result<ParamValues> ask(const StudyView& study, Rng& rng) override {
        LATHE_TRY(checkObjectives(study.spec, *this));
        const std::vector<Axis> axes = modelledAxes(study.spec.space);
        const ParamValues chosen = withDefaults(options(), study.spec.samplerOptions);
        const Observations seen = observations(study, axes);
        const std::int64_t number = nextNumber(study);
        VectorXd inputs;
        if (!axes.empty() && seen.x.cols() >= chosen.integer("startup_trials"))
            inputs = propose(seen, axes, forbiddenIn(study, axes), rng);
        return drawActive(study.spec, [&](const SearchDimension& dimension) -> Result<ParamValue> {
            LATHE_ASSIGN(ParamValue any, drawUniform(dimension, rng)); // names a domain without values
            const auto axis = std::ranges::find(axes, dimension.key, &Axis::key);
            if (axis == axes.end())
                return any;
            const auto place = axis - axes.begin();
            if (inputs.size() == 0)
                return axis->valueAtUnit(sobol(static_cast<std::uint32_t>(number),
                                               static_cast<std::size_t>(place),
                                               mixSeed(study.spec.seed, 0x6770))); // "gp"
            return valueOfInput(*axis, inputs[place]);
        });
    }

private:
    using IsForbidden = std::function<bool(const VectorXd&)>;

    /// What the study's rules say no to, as far as the modelled dimensions tell. Within a part of a study not
    /// all that a rule speaks of is known; then none is looked at here.
    static IsForbidden forbiddenIn(const StudyView& study, const std::vector<Axis>& axes) {
        const auto rules = StudyRules::make(study.spec);
        if (!rules.has_value() || !rules->canObject())
            return [](const VectorXd&) { return false; };
        return [rules = rules.value(), &axes](const VectorXd& inputs) {
            ParamValues point;
            for (std::size_t a = 0; a < axes.size(); ++a)
                point.set(axes[a].key(), valueOfInput(axes[a], inputs[static_cast<Index>(a)]));
            return rules.objection(point).has_value();
        };
    }

    static Observations observations(const StudyView& study, const std::vector<Axis>& axes) {
        std::vector<const ObservedTrial*> done;
        std::vector<const ObservedTrial*> pending;
        for (const ObservedTrial& trial : study.trials) {
            const bool hasAll = std::ranges::all_of(
                axes, [&trial](const Axis& axis) { return trial.values.contains(axis.key()); });
            if (hasAll && trial.state == TrialState::Complete && trial.objective)
                done.push_back(&trial);
            else if (hasAll && isPending(trial.state))
                pending.push_back(&trial);
        }
        Observations seen;
        const auto pointsOf = [&axes](const std::vector<const ObservedTrial*>& trials) {
            MatrixXd x(static_cast<Index>(axes.size()), static_cast<Index>(trials.size()));
            for (Index p = 0; p < x.cols(); ++p)
                for (Index i = 0; i < x.rows(); ++i) {
                    const Axis& axis = axes[static_cast<std::size_t>(i)];
                    x(i, p) = inputOf(axis, *trials[static_cast<std::size_t>(p)]->values.find(axis.key()));
                }
            return x;
        };
        seen.x = pointsOf(done);
        seen.pending = pointsOf(pending);
        const auto objectives = static_cast<Index>(1 + study.spec.furtherObjectives.size());
        seen.losses.resize(seen.x.cols(), objectives);
        std::size_t constraints = 0;
        for (const ObservedTrial* trial : done)
            constraints = std::max(constraints, trial->constraints.size());
        seen.constraints = MatrixXd::Zero(static_cast<Index>(constraints), seen.x.cols());
        for (Index p = 0; p < seen.x.cols(); ++p) {
            const ObservedTrial& trial = *done[static_cast<std::size_t>(p)];
            const std::vector<double> losses = lossesOf(trial, study.spec);
            for (Index j = 0; j < objectives; ++j)
                seen.losses(p, j) = losses[static_cast<std::size_t>(j)];
            for (std::size_t c = 0; c < trial.constraints.size(); ++c)
                seen.constraints(static_cast<Index>(c), p) = trial.constraints[c];
        }
        for (auto loss : seen.losses.colwise())
            clip(loss);
        return seen;
    }

    /// What is not finite becomes the worst that is.
    static void clip(Eigen::Ref<VectorXd> values) {
        double low = std::numeric_limits<double>::infinity();
        double high = -low;
        for (const double value : values)
            if (std::isfinite(value)) {
                low = std::min(low, value);
                high = std::max(high, value);
            }
        for (double& value : values)
            value = std::isnan(value) ? (high < low ? 0 : high)
                    : high < low      ? 0
                                      : std::clamp(value, low, high);
    }

    static VectorXd propose(Observations seen, const std::vector<Axis>& axes, const IsForbidden& isForbidden,
                            Rng& rng) {
        std::vector<bool> isChoice;
        for (const Axis& axis : axes)
            isChoice.push_back(axis.kind() == Axis::Kind::Choice);
        std::vector<GaussianProcess> processes;
        for (auto loss : seen.losses.colwise()) {
            standardise(loss);
            processes.emplace_back(seen.x, loss, isChoice, GaussianProcess::fit(seen.x, loss, isChoice));
        }
        Aim aim = processes.size() == 1 ? ofOne(seen, std::move(processes[0]), rng)
                                        : ofSeveral(seen, std::move(processes), rng);
        std::vector<GaussianProcess> constraints;
        std::vector<double> limits;
        for (Index c = 0; c < seen.constraints.rows(); ++c) {
            VectorXd values = seen.constraints.row(c).transpose();
            const double mean = values.mean();
            const double spread = std::max(std::sqrt((values.array() - mean).square().mean()), 1e-10);
            standardise(values);
            constraints.emplace_back(seen.x, values, isChoice,
                                     GaussianProcess::fit(seen.x, values, isChoice));
            limits.push_back(-mean / spread);
        }
        const Acquisition acquisition(std::move(aim.improvement), std::move(constraints), limits);
        const auto isTaken = [&](const VectorXd& point) {
            for (const MatrixXd* tried : {&seen.x, &seen.pending})
                for (Index p = 0; p < tried->cols(); ++p)
                    if ((tried->col(p) - point).cwiseAbs().maxCoeff() < kSame)
                        return true;
            return isForbidden(point);
        };
        const VectorXd start = aim.incumbent >= 0 ? VectorXd(seen.x.col(aim.incumbent)) : VectorXd();
        return bestPoint(acquisition, axes, start, isTaken, rng);
    }

    /// What to improve on, and the observation to climb from; -1 and null as long as nothing is feasible.
    struct Aim {
        Index incumbent = -1;
        std::unique_ptr<Improvement> improvement;
    };

    static std::vector<Index> feasibleOf(const Observations& seen) {
        std::vector<Index> feasible;
        for (Index p = 0; p < seen.x.cols(); ++p)
            if ((seen.constraints.col(p).array() <= 0).all())
                feasible.push_back(p);
        return feasible;
    }

    static Aim ofOne(const Observations& seen, GaussianProcess process, Rng& rng) {
        const auto loss = seen.losses.col(0);
        Aim aim;
        for (const Index p : feasibleOf(seen))
            if (aim.incumbent < 0 || loss[p] < loss[aim.incumbent])
                aim.incumbent = p;
        if (aim.incumbent < 0)
            return aim;
        VectorXd bests = VectorXd::Constant(1, loss[aim.incumbent]);
        if (seen.pending.cols() > 0)
            imagine(process, bests, seen.pending, rng);
        aim.improvement = expectedImprovement(std::move(process), bests);
        return aim;
    }

    static Aim ofSeveral(const Observations& seen, std::vector<GaussianProcess> processes, Rng& rng) {
        const std::vector<Index> feasible = feasibleOf(seen);
        std::vector<Losses> points;
        for (const Index p : feasible)
            points.emplace_back(seen.losses.row(p).begin(), seen.losses.row(p).end());
        if (points.empty())
            return {};
        const Losses reference = referencePoint(points);
        const std::vector<int> ranks = dominationRanks(points);
        std::vector<Index> front;
        for (std::size_t i = 0; i < feasible.size(); ++i)
            if (ranks[i] == 0)
                front.push_back(feasible[i]);
        const auto place = rng.integer(0, static_cast<std::int64_t>(front.size()) - 1);
        if (seen.pending.cols() > 0)
            expect(processes, points, seen.pending);
        return {front[static_cast<std::size_t>(place)],
                expectedVolumeImprovement(std::move(processes), std::move(points), reference)};
    }

    /// Takes the running trials as if they had brought what is expected of them.
    static void expect(std::vector<GaussianProcess>& processes, std::vector<Losses>& points,
                       const MatrixXd& pending) {
        MatrixXd means(pending.cols(), static_cast<Index>(processes.size()));
        for (std::size_t j = 0; j < processes.size(); ++j) {
            const auto column = static_cast<Index>(j);
            means.col(column) = processes[j].marginals(pending).means.row(0).transpose();
            processes[j] = processes[j].with(pending, means.col(column));
        }
        for (Index p = 0; p < pending.cols(); ++p)
            points.emplace_back(means.row(p).begin(), means.row(p).end());
    }

    /// Draws what the running trials may bring, and lets the process learn each guess.
    static void imagine(GaussianProcess& process, VectorXd& bests, const MatrixXd& pending, Rng& rng) {
        auto [mean, covariance] = process.at(pending);
        covariance.diagonal().array() += process.parameters().noise + 1e-9;
        const MatrixXd root = covariance.llt().matrixL();
        MatrixXd guesses(pending.cols(), kFantasies);
        for (Index m = 0; m < kFantasies; ++m) {
            VectorXd normal(pending.cols());
            for (double& value : normal)
                value = rng.normal();
            guesses.col(m) = mean + root * normal;
        }
        process = process.with(pending, guesses);
        const double best = bests[0];
        bests = guesses.colwise().minCoeff().transpose().cwiseMin(best);
    }
};

} // namespace

std::unique_ptr<Sampler> makeGpSampler() { return std::make_unique<GpSampler>(); }

} // namespace lathe
