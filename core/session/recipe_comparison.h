#pragma once

#include "core/analysis/metric_charts.h"
#include "core/analysis/seed_comparison.h"
#include "core/store/study_reader.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// A study of a few recipes, each trained with the same seeds: which is better than which, by more than
/// chance.
namespace lathe {

/// A field in which a recipe differs from others of its study.
struct RecipeTrait {
    std::string key;
    ParamValue value;
    bool operator==(const RecipeTrait&) const = default;
};

/// One recipe over its seeds.
struct RecipeResult {
    std::int64_t first = 0;          ///< number of its first trial
    std::vector<RecipeTrait> traits; ///< as few as tell it from the others, in the order of the study's space
    std::string label;               ///< of the arm of a template that it is; empty: of none
    std::string name;                ///< the label, or the traits' values: "heterolora, dynamic"
    std::vector<SeededValue> values; ///< RecipeComparison::metric of its trials that are complete
    Summary summary;                 ///< of the finite ones; its deviation is that of a sample (n - 1)
    std::int64_t missing = 0;        ///< trials that have not ended yet
    /// Trained at a time, as a trial has reported: those switched on, where a method switches.
    std::optional<double> parameters = {};
};

struct RecipeComparison {
    /// What is compared. Where every complete trial has been measured on test rows, the objective there
    /// ("test_accuracy" for "eval_accuracy"): the rows it was chosen by flatter it.
    std::string metric;
    std::vector<RecipeResult> recipes;       ///< by their first trials
    std::vector<SeedComparison> comparisons; ///< of the first with each other one, in their order
    bool isHigherBetter = false;
    std::int64_t missing = 0;
};

/// Nothing, if the study is none of this kind: it varies choices alone, and each of two or more recipes must
/// have two or more trials.
[[nodiscard]] std::optional<RecipeComparison> compareRecipes(const StudySpec& spec,
                                                             std::span<const TrialRecord> trials);

/// What a claim that the first recipe is worth it rests on. Each names places in
/// RecipeComparison::comparisons.
struct RecipeVerdict {
    std::vector<std::size_t> beaten; ///< the first is better, the interval excludes zero
    std::vector<std::size_t> ahead;  ///< these are better than it
    std::vector<std::size_t> open;   ///< within noise
    std::vector<std::size_t> few;    ///< too few runs
    /// Of the open ones, the most seeds that one of them needs to be told apart; nothing: none can be said.
    std::optional<std::size_t> seedsNeeded;
};
[[nodiscard]] RecipeVerdict verdictOf(const RecipeComparison& comparison);

/// A line for each recipe ("lora: 81.2 ± 1.1 (n = 5): 80.1, …") is tableInWords(); here a line for each
/// comparison and one that sums them up. None says "better" unless the interval excludes zero.
[[nodiscard]] std::vector<std::string> inWords(const RecipeComparison& comparison);
[[nodiscard]] std::vector<std::string> tableInWords(const RecipeComparison& comparison);

} // namespace lathe
