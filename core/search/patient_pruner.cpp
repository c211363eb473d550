#include "core/search/builtin_pruners.h"
#include "core/search/curve.h"

#include <algorithm>
#include <array>
#include <span>

namespace lathe {

namespace {

struct Inner {
    const char* id;
    const char* label;
    std::unique_ptr<Pruner> (*make)();
};

/// What may stand behind the patience; Hyperband has a say in the search too and so must be outermost.
constexpr std::array<Inner, 7> kInner{{{"none", "None: patience alone decides", nullptr},
                                       {"median", "Median", makeMedianPruner},
                                       {"percentile", "Percentile", makePercentilePruner},
                                       {"successive_halving", "Successive halving", makeHalvingPruner},
                                       {"wilcoxon", "Wilcoxon", makeWilcoxonPruner},
                                       {"threshold", "Threshold", makeThresholdPruner},
                                       {"divergence", "Divergence", makeDivergencePruner}}};

const Inner& innerOf(const ParamValues& chosen) {
    const auto* it = std::ranges::find(kInner, chosen.text("wrapped"), &Inner::id);
    LATHE_EXPECT(it != kInner.end());
    return *it;
}

ParamSpec wrappedOption() {
    ChoiceDomain domain;
    for (const Inner& inner : kInner) {
        domain.values.emplace_back(inner.id);
        domain.labels.emplace_back(inner.label);
    }
    return prunerOption("wrapped", "Then ask", "",
                        "Who decides about a trial that has not improved; its own options apply.",
                        std::move(domain), std::string("none"));
}

/// Each inner pruner's options, active where it is chosen. Options of one name are one and the same.
void addInnerOptions(ParamSchema& schema) {
    for (const Inner& inner : kInner) {
        if (inner.make == nullptr)
            continue;
        for (ParamSpec& spec : inner.make()->options()) {
            const auto known = std::ranges::find(schema, spec.key, &ParamSpec::key);
            if (known != schema.end()) {
                known->activeIf.terms.front().anyOf.emplace_back(inner.id);
                continue;
            }
            spec.activeIf = {{{"wrapped", {inner.id}}}};
            schema.push_back(std::move(spec));
        }
    }
}

/// Only what the inner pruner knows; the rest belongs to the patience or to others.
ParamValues optionsFor(const Pruner& inner, const ParamValues& given) {
    ParamValues values;
    for (const ParamSpec& spec : inner.options())
        if (const ParamValue* value = given.find(spec.key))
            values.set(spec.key, *value);
    return values;
}

/// Lets another pruner act only on a trial that has not improved for a while.
class PatientPruner final : public Pruner {
public:
    ParamSchema options() const override {
        ParamSchema schema{prunerOption("patience", "Patience", "values",
                                        "So many values after the best one may pass without being better.",
                                        IntDomain{0, 1000000, 1, false}, std::int64_t{5}),
                           prunerOption("min_delta", "Least improvement", "",
                                        "Smaller improvements do not count.", RealDomain{0, 1e300}, 0.0),
                           wrappedOption()};
        addInnerOptions(schema);
        return schema;
    }

    Status checkOptions(const ParamValues& values) const override {
        LATHE_TRY(check(options(), values));
        const Inner& chosen = innerOf(withDefaults(options(), values));
        if (chosen.make == nullptr)
            return ok();
        const auto inner = chosen.make();
        return inner->checkOptions(optionsFor(*inner, values));
    }

    std::optional<std::string> reasonToPrune(const PruneView& study, const TrialCurve& trial) const override {
        const ParamValues chosen = withDefaults(options(), study.spec.prunerOptions);
        const auto patience = static_cast<std::size_t>(chosen.integer("patience"));
        if (trial.points.size() <= patience + 1)
            return std::nullopt;
        const std::span<const CurvePoint> points(trial.points);
        const std::size_t border = points.size() - patience - 1;
        const double before = bestValue(points.first(border), study.isHigherBetter);
        const double since = bestValue(points.subspan(border), study.isHigherBetter);
        const double delta = chosen.real("min_delta");
        if (!isBetter(study.isHigherBetter ? before - delta : before + delta, since, study.isHigherBetter))
            return std::nullopt;
        const Inner& wrapped = innerOf(chosen);
        if (wrapped.make == nullptr)
            return "no better than " + figure(before) + " in the last " + std::to_string(patience + 1) +
                   " values up to step " + std::to_string(points.back().step) + ", the best of which is " +
                   figure(since);
        const auto inner = wrapped.make();
        StudySpec spec = study.spec;
        spec.prunerOptions = optionsFor(*inner, study.spec.prunerOptions);
        return inner->reasonToPrune({spec, study.isHigherBetter, study.trials}, trial);
    }

    std::optional<std::int64_t> promoted(const PruneView& study) const override {
        const Inner& wrapped = innerOf(withDefaults(options(), study.spec.prunerOptions));
        if (wrapped.make == nullptr)
            return std::nullopt;
        const auto inner = wrapped.make();
        StudySpec spec = study.spec;
        spec.prunerOptions = optionsFor(*inner, study.spec.prunerOptions);
        return inner->promoted({spec, study.isHigherBetter, study.trials});
    }
};

} // namespace

std::unique_ptr<Pruner> makePatientPruner() { return std::make_unique<PatientPruner>(); }

} // namespace lathe
