#include "app/cli/study_changes.h"

#include "core/engine/space_change.h"
#include "core/session/earlier_trials.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>

namespace lathe {

namespace {

std::vector<std::string> splitAtCommas(const std::string& text) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(',', at), text.size());
        parts.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return parts;
}

Result<ParamValues> valuesFrom(const std::string& flag, std::span<const std::string> texts,
                               std::span<const ParamSpec> schema) {
    ParamValues values;
    for (const std::string& text : texts) {
        const std::size_t sign = text.find('=');
        if (sign == std::string::npos)
            return inputError(flag, "\"" + text + "\" has no value; write KEY=VALUE,KEY=VALUE");
        const std::string key = text.substr(0, sign);
        const ParamSpec* spec = findSpec(schema, key);
        if (spec == nullptr)
            return inputError(flag, "\"" + key + "\" is not a parameter; did you mean " +
                                        nearestKey(schema, key) + "?");
        LATHE_ASSIGN(ParamValue value, parseValue(*spec, text.substr(sign + 1)));
        values.set(key, std::move(value));
    }
    return values;
}

Result<TrialWish> wishFrom(const std::string& flag, const StudySpec& spec, const ParamValues& base,
                           std::span<const std::string> texts, const BuiltinParts& parts) {
    LATHE_ASSIGN(const ParamValues values, valuesFrom(flag, texts, parts.recipeSchema));
    auto recipe = manualRecipe(spec, base, values);
    if (!recipe.has_value())
        return inputError(flag, recipe.error().text());
    return TrialWish{std::move(recipe).value(), {}};
}

Result<TrialWish> cloneFrom(const std::string& text, const StudySpec& spec,
                            std::span<const TrialRecord> trials, const BuiltinParts& parts) {
    const std::vector<std::string> pieces = splitAtCommas(text);
    const std::string& name = pieces.front();
    std::int64_t id = 0;
    const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), id);
    const auto trial = std::ranges::find(trials, TrialId{id}, &TrialRecord::id);
    if (problem != std::errc() || end != name.data() + name.size() || trial == trials.end())
        return inputError("--clone", "\"" + name + "\" is no trial of this study; see lathe list");
    LATHE_ASSIGN(TrialWish wish,
                 wishFrom("--clone", spec, trial->values, std::span(pieces).subspan(1), parts));
    wish.origin = trial->id;
    return wish;
}

} // namespace

bool StudyChanges::isAny() const {
    return extend > 0 || !enqueue.empty() || !clones.empty() || !first.empty() || maxSteps || maxSeconds ||
           finalists > 0 || reshape;
}

void addStudyChanges(CLI::App& command, StudyChanges& changes) {
    command.add_option("--extend", changes.extend, "With --resume: so many more runs")
        ->check(CLI::Range(1, 1000000));
    const auto addTexts = [&command](const char* flag, std::vector<std::string>& texts, const char* help,
                                     const char* form) {
        command.add_option(flag, texts, help)
            ->type_name(form)
            ->expected(1)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    };
    addTexts("--enqueue", changes.enqueue,
             "Run this point before any is searched for, once for each; what is left out is as the recipe "
             "has it",
             "KEY=VALUE,...");
    addTexts("--clone", changes.clones,
             "With --resume: run this trial's point again with other values, once for each",
             "TRIAL,KEY=VALUE,...");
    command
        .add_option("--run-first", changes.first, "With --resume: of the waiting trials, these come first")
        ->type_name("TRIAL,...")
        ->delimiter(',');
    command
        .add_option("--confirm", changes.finalists,
                    "At the end, run so many of the best again with several seeds, as a study of their own")
        ->check(CLI::Range(1, 1000));
    command.add_option("--seeds", changes.seeds, "The seeds to confirm or compare with (default 1,2,3,4,5)")
        ->type_name("SEED,...")
        ->delimiter(',');
}

Result<StudySpec> reshaped(const StudyChanges& changes, const StudyRecord& study,
                           std::span<const TrialRecord> trials, const Terminal& terminal) {
    if (!changes.reshape)
        return study.spec;
    constexpr std::size_t kReasons = 3;
    LATHE_ASSIGN(StudySpec spec, changes.reshape(study.spec, trials.empty() ? 0 : trials.back().number + 1));
    std::vector<std::string> reasons;
    for (const TrialRecord& trial : trials)
        if (const auto misfit = misfitOf(spec, trial.values))
            reasons.push_back("trial " + std::to_string(trial.id.value) + ": " + *misfit);
    const std::size_t left = reasons.size();
    if (left > kReasons)
        reasons[kReasons] = "…";
    reasons.resize(std::min(left, kReasons + 1));
    std::string text = "The space of study " + std::to_string(study.id.value) + " is changed (version " +
                       std::to_string(spec.earlierSpaces.size() + 1) +
                       "): " + std::to_string(trials.size() - left) + " of its " +
                       std::to_string(trials.size()) + " trials stay history";
    for (std::size_t i = 0; i < reasons.size(); ++i)
        text += (i == 0 ? ", " + std::to_string(left) + " do not lie in it: " : "; ") + reasons[i];
    terminal.say(text + ".");
    return spec;
}

Result<std::vector<TrialWish>> wishesOf(const StudyChanges& changes, const StudySpec& spec,
                                        std::span<const TrialRecord> trials, const BuiltinParts& parts) {
    std::vector<TrialWish> wishes;
    for (const std::string& text : changes.enqueue) {
        LATHE_ASSIGN(TrialWish wish, wishFrom("--enqueue", spec, spec.fixed, splitAtCommas(text), parts));
        wishes.push_back(std::move(wish));
    }
    for (const std::string& text : changes.clones) {
        LATHE_ASSIGN(TrialWish wish, cloneFrom(text, spec, trials, parts));
        wishes.push_back(std::move(wish));
    }
    return wishes;
}

Status applyChanges(const StudyChanges& changes, const StudyRecord& study, std::span<const TrialWish> wishes,
                    StoreThread& store) {
    if (changes.reshape)
        LATHE_TRY(store
                      .call<std::monostate>(
                          [&study](StudyWriter& writer) { return writer.changeSpace(study.id, study.spec); })
                      .get());
    StudyBudget budget = budgetOf(study.spec);
    budget.trials += changes.extend;
    budget.steps = changes.maxSteps.value_or(budget.steps);
    budget.seconds = changes.maxSeconds.value_or(budget.seconds);
    LATHE_TRY(checkBudget(budget));
    if (budget != budgetOf(study.spec))
        LATHE_TRY(saveBudget(store, study.id, budget));
    for (const TrialWish& wish : wishes)
        LATHE_TRY(queueTrial(store, study.id, study.spec, wish));
    std::vector<TrialId> first;
    for (const std::int64_t trial : changes.first)
        first.push_back(TrialId{trial});
    return first.empty() ? ok() : saveQueue(store, study.id, first);
}

} // namespace lathe
