#include "app/cli/study_statistics.h"

#include "app/cli/study_summary.h"
#include "app/cli/text_table.h"
#include "core/analysis/expected_best.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace lathe {

namespace {

using Json = nlohmann::ordered_json;

void addInterval(StudyStatistics& statistics) {
    const StudyTrials& study = statistics.snapshot.trials;
    std::vector<double> values;
    for (const StudyTrial* trial : measuredTrials(study))
        if (violationOf(*trial) == 0)
            values.push_back(trial->objectives.front());
    const bool isHighBest = study.objectives.front().maximize;
    const ExpectedBest best = expectedBest(values, isHighBest ? Direction::Highest : Direction::Lowest);
    if (best.mean.size() < 2) // one value has no spread
        return;
    statistics.expected = best.mean.back();
    statistics.low = best.low.back();
    statistics.high = best.high.back();
}

const TrialRecord* bestOf(const StudySnapshot& snapshot) {
    const auto found = std::ranges::find_if(
        snapshot.records, [&](const TrialRecord& trial) { return snapshot.best == trial.number; });
    return found == snapshot.records.end() ? nullptr : &*found;
}

double bestValue(const StudySnapshot& snapshot) {
    return std::ranges::find(snapshot.trials.trials, *snapshot.best, &StudyTrial::number)->objectives.front();
}

std::string aboutBest(const StudyStatistics& statistics) {
    const StudySnapshot& snapshot = statistics.snapshot;
    const TrialRecord* best = bestOf(snapshot);
    if (best == nullptr)
        return "No trial is complete yet.\n";
    const std::string& metric = snapshot.study.spec.objective.metric;
    std::string text = "Best: " + trialName(best->number) + " (trial " + std::to_string(best->id.value) +
                       ") with " + metric + " " + metricText(metric, bestValue(snapshot)) + ".\n";
    const auto point = std::ranges::find(snapshot.trials.trials, best->number, &StudyTrial::number);
    for (const auto& [key, value] : point->values.map())
        text += "  " + key + " = " + toText(value) + "\n";
    if (statistics.expected)
        text += "Expected best of as many trials: " + metricText(metric, *statistics.expected) +
                ", 95 % interval " + metricText(metric, *statistics.low) + " to " +
                metricText(metric, *statistics.high) + ".\n";
    return text;
}

std::string aboutImportances(const Importances& importances) {
    if (!importances.isEnough() || importances.params.empty())
        return "Which parameters matter: not known yet; " + std::to_string(importances.needed) +
               " complete trials are needed, there are " + std::to_string(importances.trials) + ".\n";
    std::vector<std::vector<std::string>> rows{{"Parameter", "Importance"}};
    for (const ParamImportance& param : importances.params)
        rows.push_back({param.key, param.value ? percent(param.share) : "-"});
    return textTable(rows) + (importances.isRough ? "The order is rough: there are few trials.\n" : "");
}

std::string aboutConfirmation(const StudyRecord& study, const Confirmation& confirmation,
                              const std::string& metric) {
    std::string text = "Finalists over seeds (study " + std::to_string(study.id.value) + ")";
    if (confirmation.missing > 0)
        text += ", " + std::to_string(confirmation.missing) + " runs still missing";
    std::vector<std::vector<std::string>> rows{{"Trial", "Runs", "Mean " + metric}};
    for (const ConfirmedTrial& trial : confirmation.trials)
        rows.push_back({trial.name, std::to_string(trial.values.size()),
                        trial.mean ? metricText(metric, *trial.mean) : "-"});
    text += "\n" + textTable(rows);
    for (const std::string& line : inWords(confirmation))
        text += line + ".\n";
    return text;
}

std::string aboutRecipes(const RecipeComparison& comparison) {
    std::string text = "Each recipe over its seeds, mean ± SD (n − 1) of " + comparison.metric + ":";
    for (const std::string& line : tableInWords(comparison))
        text += "\n  " + line;
    for (const std::string& line : inWords(comparison))
        text += "\n" + line + ".";
    if (comparison.missing > 0)
        text += "\n" + std::to_string(comparison.missing) + " runs are still missing.";
    return text;
}

} // namespace

Result<StudyStatistics> readStatistics(const StudyReader& reader, StudyId study) {
    StudyStatistics statistics;
    LATHE_ASSIGN(StudyContent content, reader.content(study));
    statistics.snapshot = makeSnapshot(std::move(content));
    addInterval(statistics);
    LATHE_ASSIGN(const auto studies, reader.studies());
    for (const StudyRecord& other : studies)
        if (other.confirms == study) {
            LATHE_ASSIGN(Confirmation confirmation, readConfirmation(reader, other));
            statistics.confirmations.emplace_back(other, std::move(confirmation));
        }
    if (statistics.snapshot.study.confirms.isValid()) {
        LATHE_ASSIGN(Confirmation own, readConfirmation(reader, statistics.snapshot.study));
        statistics.confirmations.emplace_back(statistics.snapshot.study, std::move(own));
    } else {
        statistics.recipes = compareRecipes(statistics.snapshot.study.spec, statistics.snapshot.records);
    }
    return statistics;
}

Json toJson(const Confirmation& confirmation, StudyId confirmed) {
    Json json{{"of", confirmed.value},
              {"missing", confirmation.missing},
              {"trials", Json::array()},
              {"verdicts", inWords(confirmation)}};
    for (const ConfirmedTrial& trial : confirmation.trials) {
        Json values = Json::object();
        for (const SeededValue& value : trial.values)
            values[std::to_string(value.seed)] = value.value;
        json["trials"].push_back({{"trial", trial.origin.value},
                                  {"name", trial.name},
                                  {"mean", trial.mean ? Json(*trial.mean) : Json(nullptr)},
                                  {"values", std::move(values)}});
    }
    return json;
}

Json toJson(const RecipeComparison& comparison) {
    Json json{{"metric", comparison.metric},
              {"missing", comparison.missing},
              {"recipes", Json::array()},
              {"comparisons", Json::array()},
              {"verdicts", inWords(comparison)}};
    for (const RecipeResult& recipe : comparison.recipes) {
        Json traits = Json::object();
        for (const RecipeTrait& trait : recipe.traits)
            traits[trait.key] = toText(trait.value);
        Json values = Json::object();
        for (const SeededValue& value : recipe.values)
            values[std::to_string(value.seed)] = value.value;
        json["recipes"].push_back(
            {{"name", recipe.name},
             {"traits", std::move(traits)},
             {"runs", recipe.summary.count},
             {"mean", recipe.summary.mean}, // null: there is none yet
             {"deviation", recipe.summary.deviation},
             {"parameters", recipe.parameters ? Json(*recipe.parameters) : Json(nullptr)},
             {"values", std::move(values)}});
    }
    for (const SeedComparison& one : comparison.comparisons) {
        const auto needed = seedsNeeded(one);
        json["comparisons"].push_back({{"with", one.second},
                                       {"difference", one.difference},
                                       {"half_width", one.halfWidth},
                                       {"p", one.pValue},
                                       {"paired", one.isPaired},
                                       {"seeds_needed", needed ? Json(*needed) : Json(nullptr)}});
    }
    return json;
}

Json toJson(const StudyStatistics& statistics) {
    const auto number = [](const std::optional<double>& value) {
        return value ? Json(*value) : Json(nullptr);
    };
    const StudySnapshot& snapshot = statistics.snapshot;
    const TrialRecord* best = bestOf(snapshot);
    Json json{{"study", snapshot.study.id.value},
              {"name", snapshot.study.spec.name},
              {"trials_planned", snapshot.study.spec.trialCount},
              {"trials", snapshot.records.size()},
              {"finished", snapshot.finished},
              {"pruned", snapshot.pruned},
              {"failed", snapshot.failed},
              {"objective", snapshot.study.spec.objective.metric},
              {"best", best ? Json(best->id.value) : Json(nullptr)},
              {"best_value", best ? Json(bestValue(snapshot)) : Json(nullptr)},
              {"expected_best", number(statistics.expected)},
              {"low", number(statistics.low)},
              {"high", number(statistics.high)},
              {"importances", Json::object()},
              {"confirmations", Json::array()}};
    for (const ParamImportance& param : snapshot.importances.params)
        if (param.value)
            json["importances"][param.key] = param.share;
    if (statistics.recipes)
        json["recipes"] = toJson(*statistics.recipes);
    for (const auto& [study, confirmation] : statistics.confirmations) {
        json["confirmations"].push_back(toJson(confirmation, study.confirms));
        json["confirmations"].back()["study"] = study.id.value;
    }
    return json;
}

std::string inWords(const StudyStatistics& statistics) {
    const StudySnapshot& snapshot = statistics.snapshot;
    // Trials that were added by hand may be more than planned.
    const auto planned =
        std::max(snapshot.study.spec.trialCount, static_cast<std::int64_t>(snapshot.records.size()));
    std::string text = "Study " + std::to_string(snapshot.study.id.value) + ": " + snapshot.study.spec.name +
                       "\n" + std::to_string(snapshot.finished) + " of " + std::to_string(planned) +
                       " trials have ended";
    if (snapshot.pruned > 0)
        text += ", " + std::to_string(snapshot.pruned) + " of them pruned";
    if (snapshot.failed > 0)
        text += ", " + std::to_string(snapshot.failed) + " failed";
    text += ".\n" + aboutBest(statistics);
    if (statistics.recipes)
        text += "\n" + aboutRecipes(*statistics.recipes);
    else if (!snapshot.study.confirms.isValid())
        text += "\n" + aboutImportances(snapshot.importances);
    for (const auto& [study, confirmation] : statistics.confirmations)
        text += "\n" + aboutConfirmation(study, confirmation, snapshot.study.spec.objective.metric);
    return text;
}

} // namespace lathe
