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
    VectorXd loss;        ///< [n]
    MatrixXd constraints; ///< [constraints, n]
    MatrixXd pending;     ///< [axes, p]
};

void standardise(VectorXd& values) {
    const double mean = values.mean();
    const double spread = std::sqrt((values.array() - mean).square().mean());
    values = (values.array() - mean) / std::max(spread, 1e-10);
}

/// Bayesian optimisation with a Gaussian process and the logarithm of the expected improvement.
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

    Result<ParamValues> ask(const StudyView& study, Rng& rng) override {
        LATHE_TRY(checkObjectives(study.spec, *this));
        const std::vector<Axis> axes = modelledAxes(study.spec.space);
        const ParamValues chosen = withDefaults(options(), study.spec.samplerOptions);
        const Observations seen = observations(study, axes);
        const std::int64_t number = nextNumber(study);
        VectorXd inputs;
        if (!axes.empty() && seen.x.cols() >= chosen.integer("startup_trials"))
            inputs = propose(seen, axes, rng);
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
        seen.loss.resize(seen.x.cols());
        std::size_t constraints = 0;
        for (const ObservedTrial* trial : done)
            constraints = std::max(constraints, trial->constraints.size());
        seen.constraints = MatrixXd::Zero(static_cast<Index>(constraints), seen.x.cols());
        for (Index p = 0; p < seen.x.cols(); ++p) {
            const ObservedTrial& trial = *done[static_cast<std::size_t>(p)];
            seen.loss[p] = lossOf(trial, study.spec.objective);
            for (std::size_t c = 0; c < trial.constraints.size(); ++c)
                seen.constraints(static_cast<Index>(c), p) = trial.constraints[c];
        }
        clip(seen.loss);
        return seen;
    }

    /// What is not finite becomes the worst that is.
    static void clip(VectorXd& values) {
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

    static VectorXd propose(const Observations& seen, const std::vector<Axis>& axes, Rng& rng) {
        std::vector<bool> isChoice;
        for (const Axis& axis : axes)
            isChoice.push_back(axis.kind() == Axis::Kind::Choice);
        VectorXd loss = seen.loss;
        standardise(loss);
        const std::size_t processes = 1 + static_cast<std::size_t>(seen.constraints.rows());
        GaussianProcess process(seen.x, loss, isChoice, GaussianProcess::fit(seen.x, loss, isChoice));
        Index incumbent = -1;
        for (Index p = 0; p < loss.size(); ++p)
            if ((seen.constraints.col(p).array() <= 0).all() && (incumbent < 0 || loss[p] < loss[incumbent]))
                incumbent = p;
        const bool hasBest = incumbent >= 0;
        VectorXd bests = VectorXd::Constant(1, hasBest ? loss[incumbent] : 0);
        if (seen.pending.cols() > 0 && hasBest)
            imagine(process, bests, seen.pending, rng);
        std::vector<GaussianProcess> constraints;
        std::vector<double> limits;
        for (std::size_t c = 1; c < processes; ++c) {
            VectorXd values = seen.constraints.row(static_cast<Index>(c) - 1).transpose();
            const double mean = values.mean();
            const double spread = std::max(std::sqrt((values.array() - mean).square().mean()), 1e-10);
            standardise(values);
            constraints.emplace_back(seen.x, values, isChoice,
                                     GaussianProcess::fit(seen.x, values, isChoice));
            limits.push_back(-mean / spread);
        }
        const Acquisition acquisition(std::move(process), bests, std::move(constraints), limits, hasBest);
        const auto isTaken = [&](const VectorXd& point) {
            for (const MatrixXd* tried : {&seen.x, &seen.pending})
                for (Index p = 0; p < tried->cols(); ++p)
                    if ((tried->col(p) - point).cwiseAbs().maxCoeff() < kSame)
                        return true;
            return false;
        };
        return bestPoint(acquisition, axes, hasBest ? VectorXd(seen.x.col(incumbent)) : VectorXd(), isTaken,
                         rng);
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
