#include "core/params/study_rules.h"
#include "core/search/axis.h"
#include "core/search/builtin_search.h"
#include "core/search/draw.h"

#include <algorithm>
#include <bit>
#include <optional>

namespace lathe {

namespace {

constexpr const char* kLevels = "levels";

/// A seeded permutation of [0, count): a Feistel network over the next power of four, walked until it lands
/// inside (Black and Rogaway 2002). No list of `count` numbers is needed.
class Permutation {
public:
    Permutation(std::uint64_t count, std::uint64_t seed) : m_count(count), m_seed(seed) {
        const int bits = count <= 1 ? 2 : static_cast<int>(std::bit_width(count - 1));
        m_half = (bits + 1) / 2;
        m_mask = (std::uint64_t{1} << m_half) - 1;
    }

    [[nodiscard]] std::uint64_t at(std::uint64_t index) const {
        do
            index = network(index);
        while (index >= m_count);
        return index;
    }

private:
    static constexpr std::uint64_t kRounds = 4;

    [[nodiscard]] std::uint64_t network(std::uint64_t x) const {
        std::uint64_t left = x >> m_half;
        std::uint64_t right = x & m_mask;
        for (std::uint64_t round = 0; round < kRounds; ++round) {
            const std::uint64_t next = left ^ (mixSeed(mixSeed(m_seed, round), right) & m_mask);
            left = right;
            right = next;
        }
        return left << m_half | right;
    }

    std::uint64_t m_count;
    std::uint64_t m_seed;
    int m_half = 1;
    std::uint64_t m_mask = 1;
};

/// One value of a grid axis: a whole number of few values and a choice by each of them, everything else at
/// `levels` places from end to end.
ParamValue valueAtLevel(const Axis& axis, std::uint64_t level, std::uint64_t levels) {
    if (axis.count() > 0 && static_cast<std::uint64_t>(axis.count()) == levels)
        return axis.valueAtUnit((static_cast<double>(level) + 0.5) / static_cast<double>(levels));
    if (levels == 1)
        return axis.valueAtUnit(0.5);
    return axis.valueAtUnit(static_cast<double>(level) / static_cast<double>(levels - 1));
}

/// The full product of all values, in a seeded order, each point once, those that the study's rules forbid
/// left out. Points that differ in inactive dimensions alone are one.
class GridSampler final : public Sampler {
public:
    ParamSchema options() const override {
        return {{kLevels,
                 "search",
                 "Levels",
                 "",
                 "Values tried of a real number, and of a whole number or choice that has more.",
                 IntDomain{1, 1000, 1, false},
                 std::int64_t{5},
                 {},
                 true,
                 false}};
    }

    bool knowsSeveralObjectives() const override { return true; }

    Result<ParamValues> ask(const StudyView& study, Rng& rng) override {
        const std::vector<Axis> axes = axesOf(study.spec.space);
        LATHE_ASSIGN(const std::vector<std::uint64_t> levels, levelsOf(axes, study.spec));
        std::uint64_t count = 1;
        for (const std::uint64_t level : levels)
            count *= level;
        const Permutation order(count, mixSeed(study.spec.seed, 0x67726964)); // "grid"
        if (m_spec != study.spec || m_seen > study.trials.size()) {
            m_spec = study.spec;
            m_next = 0;
        }
        m_seen = study.trials.size();
        LATHE_ASSIGN(const StudyRules rules, StudyRules::make(study.spec));
        while (m_next < count) {
            bool isWanted = true;
            LATHE_ASSIGN(ParamValues point,
                         pointAt(order.at(m_next), axes, levels, study.spec, rng, isWanted));
            const bool wasTried =
                std::ranges::find(study.trials, point, &ObservedTrial::values) != study.trials.end();
            if (isWanted && !wasTried && !rules.objection(point))
                return point; // and stay here: the answer may be asked for again
            ++m_next;
        }
        return inputError({}, std::string("all ") + (rules.canObject() ? "allowed " : "") +
                                  "points of the grid were tried, in " + std::to_string(m_seen) +
                                  " trials; add values or levels, or end here");
    }

private:
    static Result<std::vector<std::uint64_t>> levelsOf(const std::vector<Axis>& axes, const StudySpec& spec) {
        const auto most = static_cast<std::uint64_t>(
            withDefaults(GridSampler().options(), spec.samplerOptions).integer(kLevels));
        std::vector<std::uint64_t> levels;
        double product = 1;
        for (const Axis& axis : axes) {
            const auto all = static_cast<std::uint64_t>(axis.count());
            const bool isChoice = axis.kind() == Axis::Kind::Choice;
            levels.push_back(all == 0 ? most : isChoice ? all : std::min(all, most));
            product *= static_cast<double>(levels.back());
        }
        if (product > 9e18)
            return inputError({}, "the grid of all values has more points than can be counted; search fewer "
                                  "parameters or by another method");
        return levels;
    }

    /// `isFirstOfItsKind`: every inactive dimension stands at its first level.
    static Result<ParamValues> pointAt(std::uint64_t index, const std::vector<Axis>& axes,
                                       const std::vector<std::uint64_t>& levels, const StudySpec& spec,
                                       Rng& rng, bool& isFirstOfItsKind) {
        std::vector<std::uint64_t> place;
        for (const std::uint64_t count : levels) {
            place.push_back(index % count);
            index /= count;
        }
        LATHE_ASSIGN(ParamValues point,
                     drawActive(spec, [&](const SearchDimension& dimension) -> Result<ParamValue> {
                         LATHE_TRY(drawUniform(dimension, rng)); // names a domain without values
                         const auto a = static_cast<std::size_t>(&dimension - spec.space.data());
                         return valueAtLevel(axes[a], place[a], levels[a]);
                     }));
        for (std::size_t a = 0; a < axes.size(); ++a)
            isFirstOfItsKind = isFirstOfItsKind && (place[a] == 0 || point.contains(axes[a].key()));
        return point;
    }

    // How far the walk through m_spec's grid has come: what lies before m_next was among m_seen trials. Found
    // again from the history where it is missing.
    std::optional<StudySpec> m_spec;
    std::uint64_t m_next = 0;
    std::size_t m_seen = 0;
};

} // namespace

std::unique_ptr<Sampler> makeGridSampler() { return std::make_unique<GridSampler>(); }

} // namespace lathe
