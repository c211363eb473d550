#include "core/search/auto_additive.h"
#include "core/search/auto_plan.h"
#include "core/search/auto_view.h"
#include "core/search/axis.h"
#include "core/search/builtin_search.h"
#include "core/search/draw.h"
#include "core/search/mads_space.h"
#include "core/search/mads_state.h"
#include "core/search/ranking.h"
#include "core/search/sobol.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lathe {

namespace {

constexpr std::size_t kMostModelled = 60;    // trials a process learns from: what one answer may take
constexpr std::int64_t kMostForFronts = 150; // trials that processes learn several objectives from
constexpr int kAttempts = 100;
constexpr int kMostWidenings = 60;
constexpr double kFarFrames = 10;   // a frame grows tenfold within few successes
constexpr double kTreeShare = 0.25; // of the model's turns in a conditional space

bool isTried(const StudyView& study, const ParamValues& point) {
    return std::ranges::any_of(study.trials,
                               [&point](const ObservedTrial& trial) { return trial.values == point; });
}

/// The values of `point` where they are active and in their domains, the others by chance.
Result<ParamValues> completed(const StudySpec& spec, const ParamValues& point, Rng& rng) {
    return drawActive(spec, [&](const SearchDimension& dimension) -> Result<ParamValue> {
        const ParamValue* value = point.find(dimension.key);
        if (value != nullptr && !problemWith(dimension.domain, *value))
            return *value;
        return drawUniform(dimension, rng);
    });
}

/// A portfolio over the other searches; nextPart() tells who answers when. Each of them goes on from the
/// trials of all, and conditional spaces are modelled one branch at a time. state(): a letter for every
/// trial, then the state of the direct search.
class AutoSampler final : public Sampler {
public:
    bool knowsSeveralObjectives() const override { return true; }

    Result<ParamValues> ask(const StudyView& study, Rng& rng) override {
        if (!study.spec.furtherObjectives.empty())
            return several(study, rng);
        const std::int64_t number = nextNumber(study);
        LATHE_ASSIGN(ParamValues point, drawActive(study.spec, [&rng](const auto& dimension) {
                         return drawUniform(dimension, rng); // names a domain without values
                     }));
        if (point.map().empty())
            return point;
        m_parts.resize(static_cast<std::size_t>(number), static_cast<char>(SearchPart::Other));
        SearchPart part = nextPart(study, m_parts);
        LATHE_ASSIGN(point, answer(part, study, number, rng));
        if (part != SearchPart::Design && part != SearchPart::Direct && isTried(study, point)) {
            part = SearchPart::Direct;
            LATHE_ASSIGN(point, answer(part, study, number, rng));
        }
        for (int attempt = 0; attempt < kAttempts && isTried(study, point); ++attempt) {
            part = SearchPart::Other;
            LATHE_ASSIGN(point, completed(study.spec, {}, rng));
        }
        m_parts += static_cast<char>(part);
        return point;
    }

    std::string state() const override {
        return m_parts.empty() ? std::string() : m_parts + "\n" + m_direct->state();
    }

    Status restore(std::string_view text) override {
        const auto end = text.find('\n');
        if (!text.empty() && end == std::string_view::npos)
            return inputError({}, "the saved state of the automatic search is damaged");
        m_parts = text.substr(0, end);
        return m_direct->restore(text.empty() ? text : text.substr(end + 1));
    }

private:
    /// The plan for one objective has nothing to say here. Processes make the most of few trials, and the
    /// tree of densities knows branches and does not slow down.
    Result<ParamValues> several(const StudyView& study, Rng& rng) {
        LATHE_TRY(checkObjectives(study.spec, *this));
        StudySpec spec = study.spec;
        spec.samplerOptions = {};
        const bool isFew = std::ranges::count_if(study.trials, &hasOutcome) < kMostForFronts;
        return (isFew && !hasConditions(spec.space) ? m_process : m_tree)->ask({spec, study.trials}, rng);
    }

    Result<ParamValues> answer(SearchPart& part, const StudyView& study, std::int64_t number, Rng& rng) {
        switch (part) {
        case SearchPart::Model:
        case SearchPart::Zoom:
            return model(part, study, rng);
        case SearchPart::Direct:
            return direct(study, number, rng);
        default:
            return design(study.spec, number, rng);
        }
    }

    /// The recipe's own values first or else the middle, then an even design.
    static Result<ParamValues> design(const StudySpec& spec, std::int64_t number, Rng& rng) {
        const bool hasStart = std::ranges::all_of(spec.space, [&spec](const SearchDimension& dimension) {
            const ParamValue* value = spec.fixed.find(dimension.key);
            return value != nullptr && !problemWith(dimension.domain, *value);
        });
        if (number == 0 && hasStart)
            return completed(spec, spec.fixed, rng);
        return drawActive(spec, [&](const SearchDimension& dimension) -> Result<ParamValue> {
            const auto place = static_cast<std::size_t>(&dimension - spec.space.data());
            if (number == 0)
                return Axis(dimension).valueAtUnit(0.5);
            if (place >= kSobolDimensions)
                return drawUniform(dimension, rng);
            return Axis(dimension).valueAtUnit(
                sobol(static_cast<std::uint32_t>(number), place, mixSeed(spec.seed, 0x6175746f))); // "auto"
        });
    }

    /// A conditional space is modelled one branch at a time; the box follows the best point of all alone.
    Result<ParamValues> model(SearchPart& part, const StudyView& study, Rng& rng) {
        const ParamValues best = rankedTrials(study).front()->values;
        ParamValues within = best;
        if (hasConditions(study.spec.space)) {
            LATHE_ASSIGN(within, pointInSomeBranch(study, rng));
        }
        PartialStudy branch = branchAt(study, within);
        const auto seen = std::ranges::count_if(branch.trials, &hasOutcome);
        if (!(within == best))
            part = SearchPart::Model;
        if (static_cast<std::size_t>(seen) < branch.spec.space.size() + 2)
            return isTried(study, within) ? anywhere(study.spec, branch, rng) : within;
        if (part == SearchPart::Zoom) {
            branch = boxAround(branch, best, zoomLength(study, m_parts));
        } else if (auto point = additivePoint(branch, rng)) {
            return inBranch(study.spec, branch, *std::move(point), rng);
        }
        return fromProcess(study.spec, std::move(branch), rng);
    }

    /// Any point of a branch.
    static Result<ParamValues> anywhere(const StudySpec& whole, const PartialStudy& branch, Rng& rng) {
        LATHE_ASSIGN(ParamValues point, drawActive(branch.spec, [&rng](const auto& dimension) {
                         return drawUniform(dimension, rng);
                     }));
        return inBranch(whole, branch, std::move(point), rng);
    }

    static Result<ParamValues> inBranch(const StudySpec& whole, const PartialStudy& branch, ParamValues point,
                                        Rng& rng) {
        for (const auto& [key, value] : branch.spec.fixed.map())
            if (!point.contains(key))
                point.set(key, value);
        return completed(whole, point, rng);
    }

    /// Mostly the best point of a branch, the k-th best branch with a weight of 1 / k; else one that the tree
    /// of densities proposes, which knows all branches.
    Result<ParamValues> pointInSomeBranch(const StudyView& study, Rng& rng) {
        if (rng.uniform() < kTreeShare) {
            StudySpec spec = study.spec;
            spec.samplerOptions = {};
            return m_tree->ask({spec, study.trials}, rng);
        }
        const std::vector<Branch> branches = branchesOf(study);
        std::vector<double> weights;
        for (const Branch& branch : branches)
            weights.push_back(branch.dimensions == 0 ? 0 : weightOf(branch, weights.size() + 1));
        double rest = rng.uniform() * std::accumulate(weights.begin(), weights.end(), 0.0);
        for (std::size_t k = 0; k < branches.size(); ++k)
            if ((rest -= weights[k]) < 0)
                return branches[k].best->values;
        return branches.front().best->values;
    }

    static double weightOf(const Branch& branch, std::size_t rank) {
        const double density = static_cast<double>(branch.trials) / static_cast<double>(branch.dimensions);
        return 1 / static_cast<double>(rank) / std::sqrt(1 + density);
    }

    Result<ParamValues> fromProcess(const StudySpec& whole, PartialStudy part, Rng& rng) {
        limitTrials(part, kMostModelled);
        levelLosses(part);
        part.spec.samplerOptions = {{"startup_trials", std::int64_t{1}}};
        LATHE_ASSIGN(ParamValues found, m_process->ask(part.view(), rng));
        return inBranch(whole, part, std::move(found), rng);
    }

    Result<ParamValues> direct(const StudyView& study, std::int64_t number, Rng& rng) {
        StudySpec spec = study.spec;
        spec.samplerOptions = {{"design", 0.0}};
        LATHE_TRY(moveToBest(study, number));
        return m_direct->ask({spec, study.trials}, rng);
    }

    /// Where another part found the best point since the direct search began its iteration, it begins anew.
    Status moveToBest(const StudyView& study, std::int64_t number) {
        const std::string text = m_direct->state();
        const std::vector<const ObservedTrial*> ranked = rankedTrials(study);
        if (text.empty() || ranked.empty())
            return ok();
        LATHE_ASSIGN(MadsBeginning begin, madsBeginningFrom(text));
        const std::int64_t best = ranked.front()->number;
        const bool isNew =
            best >= begin.firstTrial || std::ranges::find(begin.missing, best) != begin.missing.end();
        if (!isNew || partOf(m_parts, best) == SearchPart::Direct)
            return ok();
        widen(begin, study, *ranked.front());
        ++begin.iteration;
        begin.firstTrial = number;
        begin.originTrial = -1;
        begin.lastDirection.clear();
        begin.missing.clear();
        for (const ObservedTrial& trial : study.trials)
            if (isPending(trial.state))
                begin.missing.push_back(trial.number);
        return m_direct->restore(toText(begin));
    }

    /// The frame reaches about as far as the best point has moved, so that another valley is not searched by
    /// steps that were right at the bottom of the last one.
    static void widen(MadsBeginning& begin, const StudyView& study, const ObservedTrial& best) {
        const MadsSpace space(study.spec);
        const ObservedTrial* before = nullptr;
        for (const ObservedTrial& trial : study.trials)
            if (trial.number < begin.firstTrial && hasOutcome(trial) && violationOf(trial) == 0 &&
                std::ranges::find(begin.missing, trial.number) == begin.missing.end() &&
                (before == nullptr ||
                 lossOf(trial, study.spec.objective) < lossOf(*before, study.spec.objective)))
                before = &trial;
        if (before == nullptr)
            return;
        MadsMesh mesh(space.variables());
        mesh.setSizes(begin.sizes);
        const Eigen::VectorXd moved = space.point(best.values).x - space.point(before->values).x;
        for (int k = 0;
             k < kMostWidenings && (moved.cwiseAbs().array() > kFarFrames * mesh.frames().array()).any(); ++k)
            mesh.enlarge(moved);
        begin.sizes = mesh.sizes();
    }

    std::string m_parts; // a letter for every trial asked for
    std::unique_ptr<Sampler> m_process = makeGpSampler();
    std::unique_ptr<Sampler> m_tree = makeTpeSampler();
    std::unique_ptr<Sampler> m_direct = makeMadsSampler();
};

} // namespace

std::unique_ptr<Sampler> makeAutoSampler() { return std::make_unique<AutoSampler>(); }

} // namespace lathe
