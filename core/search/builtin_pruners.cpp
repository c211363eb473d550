#include "core/search/builtin_pruners.h"

namespace lathe {

namespace {

class NoPruner final : public Pruner {
public:
    std::optional<std::string> reasonToPrune(const PruneView&, const TrialCurve&) const override {
        return std::nullopt;
    }
};

} // namespace

std::unique_ptr<Pruner> makeNoPruner() { return std::make_unique<NoPruner>(); }

void addBuiltinPruners(Registry<Pruner>& registry) {
    registry.add({"none", "None", "Every trial runs to its end."}, makeNoPruner);
    registry.add({"median", "Median", "Ends a trial that is worse than half of the others at the same step."},
                 makeMedianPruner);
    registry.add({"percentile", "Percentile", "As the median, with a share of your choice that goes on."},
                 makePercentilePruner);
    registry.add({"successive_halving", "Successive halving (ASHA)",
                  "Many trials begin, and at each of a few steps only the best part goes on."},
                 makeHalvingPruner);
    registry.add({"hyperband", "Hyperband",
                  "Successive halving of several kinds at once, for trials whose early values mislead."},
                 makeHyperbandPruner);
    registry.add(
        {"patient", "Patience", "Ends a trial that no longer improves, or asks another pruner then."},
        makePatientPruner);
    registry.add({"wilcoxon", "Wilcoxon test",
                  "For values over folds or tasks: ends a trial that is surely worse than the best one."},
                 makeWilcoxonPruner);
    registry.add({"threshold", "Threshold", "Ends a trial whose value leaves the bounds you set."},
                 makeThresholdPruner);
    registry.add({"divergence", "Divergence", "Ends a trial that has become far worse than it was."},
                 makeDivergencePruner);
}

} // namespace lathe
