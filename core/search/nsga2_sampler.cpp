#include "core/base/domination.h"
#include "core/search/builtin_search.h"
#include "core/search/draw.h"
#include "core/search/ranking.h"

#include <algorithm>

namespace lathe {

namespace {

constexpr double kCrossover = 0.9; // share of the children with two parents
constexpr double kSwap = 0.5;      // of the values, taken from the second parent
constexpr int kAttempts = 100;

/// A trial that may have children. Of equal ranks the lonelier one is better.
struct Member {
    const ObservedTrial* trial = nullptr;
    int rank = 0;
    double crowding = 0;
};

using Members = std::vector<Member>;

bool isBetter(const Member& a, const Member& b) {
    return a.rank != b.rank ? a.rank < b.rank : a.crowding > b.crowding;
}

/// A trial that was given up early has no value to compare.
bool mayBreed(const ObservedTrial& trial) {
    return hasOutcome(trial) && (trial.state == TrialState::Complete || violationOf(trial) > 0);
}

/// What is violated has no need of values: its crowding is 0.
void setCrowding(Members& members, std::span<const Losses> losses, int rank) {
    std::vector<std::size_t> places;
    std::vector<Losses> front;
    for (std::size_t i = 0; i < members.size(); ++i)
        if (members[i].rank == rank && violationOf(*members[i].trial) == 0) {
            places.push_back(i);
            front.push_back(losses[i]);
        }
    const std::vector<double> distances = crowdingDistances(front);
    for (std::size_t i = 0; i < places.size(); ++i)
        members[places[i]].crowding = distances[i];
}

/// The best `most` of the members, best first; older trials first among equals.
Members survivorsOf(Members members, std::size_t most, const StudySpec& spec) {
    std::vector<Losses> losses;
    std::vector<double> violations;
    for (const Member& member : members) {
        violations.push_back(violationOf(*member.trial));
        losses.push_back(violations.back() > 0 ? Losses() : lossesOf(*member.trial, spec));
    }
    const std::vector<int> ranks = dominationRanks(losses, violations);
    int last = -1;
    for (std::size_t i = 0; i < members.size(); ++i) {
        members[i].rank = ranks[i];
        members[i].crowding = 0;
        last = std::max(last, ranks[i]);
    }
    for (int rank = 0; rank <= last; ++rank)
        setCrowding(members, losses, rank);
    std::ranges::stable_sort(members, &isBetter);
    members.resize(std::min(members.size(), most));
    return members;
}

/// NSGA-II, Deb et al. 2002 (IEEE Trans. Evol. Comput. 6), with constraint domination, and with uniform
/// crossover and a mutation that draws a value anew, so that any domain and any condition will do. A
/// generation is the trials of as many consecutive numbers; its parents are the survivors of all generations
/// before, as far as they are over when a point is asked for: no slot waits for another, and the history is
/// all it needs.
class Nsga2Sampler final : public Sampler {
public:
    ParamSchema options() const override {
        return {{"population",
                 "search",
                 "Population",
                 "trials",
                 "Trials of one generation; the first one is drawn at random.",
                 IntDomain{2, 10000, 1, false},
                 std::int64_t{50},
                 {},
                 true,
                 false}};
    }

    bool knowsSeveralObjectives() const override { return true; }
    bool drawsAnew() const override { return true; }

    Result<ParamValues> ask(const StudyView& study, Rng& rng) override {
        LATHE_TRY(checkObjectives(study.spec, *this));
        const Members parents = parentsFor(study);
        const auto isTried = [&study](const ParamValues& point) {
            return std::ranges::any_of(study.trials,
                                       [&](const auto& trial) { return trial.values == point; });
        };
        LATHE_ASSIGN(ParamValues point, child(study.spec, parents, rng));
        for (int attempt = 1; !study.spec.mayRepeat && attempt < kAttempts && isTried(point); ++attempt) {
            // Parents that are all alike have children that are nothing new.
            const bool isAnyone = attempt > kAttempts / 2;
            LATHE_ASSIGN(point, child(study.spec, isAnyone ? Members() : parents, rng));
        }
        return point;
    }

private:
    Members parentsFor(const StudyView& study) const {
        const ParamValues chosen = withDefaults(options(), study.spec.samplerOptions);
        const std::int64_t size = chosen.integer("population");
        const std::int64_t begin = nextNumber(study) / size * size;
        Members parents;
        std::int64_t generation = 0;
        for (const ObservedTrial& trial : study.trials) {
            if (trial.number >= begin)
                break;
            if (trial.number / size != generation) {
                parents = survivorsOf(std::move(parents), static_cast<std::size_t>(size), study.spec);
                generation = trial.number / size;
            }
            if (mayBreed(trial))
                parents.push_back({&trial});
        }
        return survivorsOf(std::move(parents), static_cast<std::size_t>(size), study.spec);
    }

    static const Member& winner(const Members& members, Rng& rng) {
        const auto last = static_cast<std::int64_t>(members.size()) - 1;
        const Member& first = members[static_cast<std::size_t>(rng.integer(0, last))];
        const Member& second = members[static_cast<std::size_t>(rng.integer(0, last))];
        return isBetter(second, first) ? second : first;
    }

    /// By chance alone where there are no parents.
    static Result<ParamValues> child(const StudySpec& spec, const Members& parents, Rng& rng) {
        const Member* one = parents.empty() ? nullptr : &winner(parents, rng);
        const Member* other = one != nullptr && rng.uniform() < kCrossover ? &winner(parents, rng) : one;
        const double mutation = 1 / std::max<double>(1, static_cast<double>(spec.space.size()));
        return drawActive(spec, [&](const SearchDimension& dimension) -> Result<ParamValue> {
            LATHE_ASSIGN(ParamValue any, drawUniform(dimension, rng)); // names a domain without values
            if (one == nullptr || rng.uniform() < mutation)
                return any;
            const bool isSwapped = rng.uniform() < kSwap;
            for (const Member* parent : {isSwapped ? other : one, isSwapped ? one : other}) {
                const ParamValue* value = parent->trial->values.find(dimension.key);
                if (value != nullptr && !problemWith(dimension.domain, *value))
                    return *value;
            }
            return any;
        });
    }
};

} // namespace

std::unique_ptr<Sampler> makeNsga2Sampler() { return std::make_unique<Nsga2Sampler>(); }

} // namespace lathe
