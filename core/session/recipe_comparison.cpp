#include "core/session/recipe_comparison.h"

#include "core/session/study_templates.h"
#include "core/store/trial_facts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>

namespace lathe {

namespace {

constexpr std::size_t kFewest = 2;
constexpr std::string_view kOfChoosingRows = "eval_";
constexpr std::string_view kOfTestRows = "test_";

std::string shortText(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.4g", value);
    return text.data();
}

/// The trial's values of what the study varies: runs of one recipe have the same.
std::vector<std::string> recipeOf(const StudySpec& spec, const TrialRecord& trial) {
    std::vector<std::string> values;
    for (const SearchDimension& dimension : spec.space) {
        const ParamValue* value = trial.values.find(dimension.key);
        values.push_back(value == nullptr ? std::string() : toText(*value));
    }
    return values;
}

/// Splits the recipes field by field; one that is alone needs no further trait.
void findTraits(const StudySpec& spec, std::span<const std::vector<std::string>> recipes,
                std::vector<RecipeResult>& results) {
    std::vector<std::vector<std::size_t>> groups(1);
    for (std::size_t i = 0; i < recipes.size(); ++i)
        groups[0].push_back(i);
    for (std::size_t field = 0; field < spec.space.size(); ++field) {
        std::vector<std::vector<std::size_t>> finer;
        for (const std::vector<std::size_t>& group : groups) {
            std::map<std::string, std::vector<std::size_t>> byValue;
            for (const std::size_t i : group)
                byValue[recipes[i][field]].push_back(i);
            if (byValue.size() > 1)
                for (const std::size_t i : group)
                    results[i].traits.push_back({spec.space[field].key, recipes[i][field]});
            for (auto& [value, members] : byValue)
                finer.push_back(std::move(members));
        }
        groups = std::move(finer);
    }
}

std::string nameOf(const RecipeResult& recipe) {
    if (!recipe.label.empty())
        return recipe.label;
    std::string name;
    for (const RecipeTrait& trait : recipe.traits)
        name += (name.empty() ? "" : ", ") + toText(trait.value);
    return name;
}

/// The objective on the test rows, where there are some; else as it is.
Objective judgedBy(const Objective& objective, std::span<const TrialRecord> trials) {
    const std::string series = seriesOf(objective);
    if (!series.starts_with(kOfChoosingRows))
        return objective;
    const std::string tested = std::string(kOfTestRows) + series.substr(kOfChoosingRows.size());
    bool hasAny = false;
    for (const TrialRecord& trial : trials) {
        if (trial.state != TrialState::Complete)
            continue;
        if (!trial.lastValues.contains(tested))
            return objective;
        hasAny = true;
    }
    return hasAny ? Objective{tested, objective.maximize} : objective;
}

void addTrial(RecipeResult& recipe, const TrialRecord& trial, const Objective& objective) {
    for (const char* metric : {"trainable_parameters", "enabled_parameters"}) // the last one there is counts
        if (const auto found = trial.lastValues.find(metric); found != trial.lastValues.end())
            recipe.parameters = found->second;
    const auto value = objectiveOf(trial, objective);
    if (trial.state == TrialState::Complete && value)
        recipe.values.push_back({trial.seed, *value});
    const bool isOver = isFinal(trial.state) && trial.state != TrialState::Cancelled;
    recipe.missing += isOver ? 0 : 1;
}

void finish(RecipeResult& recipe) {
    std::vector<double> finite;
    for (const SeededValue& value : recipe.values)
        if (std::isfinite(value.value))
            finite.push_back(value.value);
    recipe.summary = summarize(finite);
    recipe.name = nameOf(recipe);
}

std::string namesOf(const RecipeComparison& comparison, std::span<const std::size_t> places) {
    std::string names;
    for (std::size_t i = 0; i < places.size(); ++i)
        names += (i == 0 ? "" : "; ") + comparison.comparisons[places[i]].second;
    return names;
}

std::string summedUp(const RecipeComparison& comparison) {
    const RecipeVerdict verdict = verdictOf(comparison);
    const std::string& first = comparison.recipes.front().name;
    std::string text;
    const auto add = [&](const std::vector<std::size_t>& places, const std::string& claim) {
        if (!places.empty())
            text += (text.empty() ? "" : "; ") + claim + " [" + namesOf(comparison, places) + "]";
    };
    add(verdict.beaten, first + " is better than");
    add(verdict.ahead, first + " is worse than");
    add(verdict.open, "nothing shows that " + first + " differs from");
    add(verdict.few, "too few runs to compare " + first + " with");
    if (verdict.seedsNeeded)
        text += "; about " + std::to_string(*verdict.seedsNeeded) +
                " seeds for each would tell differences as small as these from chance";
    return text;
}

void compareWithFirst(RecipeComparison& comparison) {
    for (RecipeResult& recipe : comparison.recipes) {
        finish(recipe);
        comparison.missing += recipe.missing;
    }
    const BetterIs better = comparison.isHigherBetter ? BetterIs::Higher : BetterIs::Lower;
    const RecipeResult& first = comparison.recipes.front();
    for (std::size_t i = 1; i < comparison.recipes.size(); ++i) {
        const RecipeResult& other = comparison.recipes[i];
        comparison.comparisons.push_back(
            compareSeeds({first.name, first.values}, {other.name, other.values}, better));
    }
}

} // namespace

std::optional<RecipeComparison> compareRecipes(const StudySpec& spec, std::span<const TrialRecord> trials) {
    if (!std::ranges::all_of(spec.space, [](const SearchDimension& dimension) {
            return std::holds_alternative<ChoiceDomain>(dimension.domain);
        }))
        return std::nullopt; // at once: a search may have thousands of trials
    std::vector<std::vector<std::string>> recipes;
    std::map<std::vector<std::string>, std::size_t> places;
    std::vector<std::size_t> counts;
    std::vector<ParamValues> whole;
    RecipeComparison comparison;
    const Objective judged = judgedBy(spec.objective, trials);
    comparison.metric = judged.metric;
    for (const TrialRecord& trial : trials) {
        std::vector<std::string> recipe = recipeOf(spec, trial);
        const auto [place, isNew] = places.try_emplace(recipe, recipes.size());
        if (isNew) {
            recipes.push_back(std::move(recipe));
            whole.push_back(trial.values);
            counts.push_back(0);
            comparison.recipes.push_back({trial.number, {}, {}, {}, {}, {}, 0});
        }
        ++counts[place->second];
        addTrial(comparison.recipes[place->second], trial, judged);
    }
    if (recipes.size() < 2 || std::ranges::min(counts) < kFewest)
        return std::nullopt;
    findTraits(spec, recipes, comparison.recipes);
    const std::vector<std::string> labels = armLabels(whole);
    for (std::size_t i = 0; i < labels.size(); ++i)
        comparison.recipes[i].label = labels[i];
    comparison.isHigherBetter = judged.maximize;
    compareWithFirst(comparison);
    return comparison;
}

RecipeVerdict verdictOf(const RecipeComparison& comparison) {
    using Outcome = SeedComparison::Outcome;
    RecipeVerdict verdict;
    for (std::size_t i = 0; i < comparison.comparisons.size(); ++i) {
        const SeedComparison& one = comparison.comparisons[i];
        std::vector<std::size_t>& places = one.outcome == Outcome::FirstBetter    ? verdict.beaten
                                           : one.outcome == Outcome::SecondBetter ? verdict.ahead
                                           : one.outcome == Outcome::WithinNoise  ? verdict.open
                                                                                  : verdict.few;
        places.push_back(i);
        if (one.outcome != Outcome::WithinNoise)
            continue;
        if (const auto needed = seedsNeeded(one))
            verdict.seedsNeeded = std::max(verdict.seedsNeeded.value_or(0), *needed);
    }
    return verdict;
}

std::vector<std::string> inWords(const RecipeComparison& comparison) {
    std::vector<std::string> lines;
    for (const SeedComparison& one : comparison.comparisons)
        lines.push_back(inWords(one));
    lines.push_back(summedUp(comparison));
    return lines;
}

std::vector<std::string> tableInWords(const RecipeComparison& comparison) {
    std::vector<std::string> lines;
    for (const RecipeResult& recipe : comparison.recipes) {
        std::string line = recipe.name + ": ";
        if (recipe.summary.count == 0)
            line += "no result yet";
        else
            line += shortText(recipe.summary.mean);
        if (recipe.summary.count > 1)
            line += " ± " + shortText(recipe.summary.deviation);
        line += " (n = " + std::to_string(recipe.summary.count) + ")";
        for (std::size_t i = 0; i < recipe.values.size(); ++i)
            line += (i == 0 ? ": " : ", ") + shortText(recipe.values[i].value);
        if (recipe.parameters)
            line += "; " + std::to_string(std::llround(*recipe.parameters)) + " parameters";
        lines.push_back(std::move(line));
    }
    return lines;
}

} // namespace lathe
