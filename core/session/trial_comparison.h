#pragma once

#include "core/analysis/seed_comparison.h"
#include "core/session/trial_measures.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace lathe {

/// A measure of one recipe: of its one run, or of several with different seeds.
struct MeasuredValue {
    std::size_t runs = 0; ///< 0: none has reported it
    double mean = 0;
    double halfWidth = 0; ///< of the 95 % t interval; only where there are at least 2 runs
};

/// A row of the table of results.
struct ComparedMeasure {
    TrialMeasure measure;
    std::vector<MeasuredValue> values; ///< a trial each
    std::optional<std::size_t> best;   ///< its place; nothing where fewer than two have a value
};

/// A row of the table of recipes; nullptr: the trial's recipe has no such field. Valid as the snapshot is.
struct ComparedField {
    std::string key;
    std::vector<const ParamValue*> values; ///< a trial each
    bool isDifferent = false;
};

/// Some trials of a study beside one another. Complete trials of the study with the same recipe are runs of
/// that recipe: they have one place, the first one's.
struct TrialComparison {
    std::vector<std::int64_t> numbers;     ///< in ascending order, one a recipe
    std::vector<ComparedMeasure> measures; ///< as measuresOf(), without what none has
    std::vector<ComparedField> fields;     ///< by key
    /// The best by the objective against the second best; nothing where they are not two.
    std::optional<SeedComparison> verdict;
};

/// Numbers of trials that are not there are left out.
[[nodiscard]] TrialComparison compareTrials(const StudySnapshot& study,
                                            std::span<const std::int64_t> numbers);

} // namespace lathe
