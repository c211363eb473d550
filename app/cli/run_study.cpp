#include "app/cli/run_study.h"

#include "app/cli/event_json.h"
#include "app/cli/open_project.h"
#include "app/cli/progress_line.h"
#include "app/cli/recipe_flags.h"
#include "app/cli/stop_signal.h"
#include "app/cli/study_statistics.h"
#include "app/cli/study_summary.h"
#include "app/project_folder.h"
#include "app/slot_choice.h"
#include "app/terminal_study.h"
#include "core/params/study_rules.h"
#include "core/session/confirmation.h"
#include "core/session/earlier_trials.h"
#include "core/session/recipe_comparison.h"
#include "core/store/trial_facts.h"
#include "core/train/make_task.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

namespace lathe {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

/// Runs the study of an open project, showing what happens.
Result<StudyOutcome> follow(TerminalStudy& project, StudyId id, std::int64_t trialCount,
                            const Terminal& terminal) {
    std::optional<ProgressLine> progress;
    if (!terminal.isJson())
        progress.emplace(trialCount);
    StudyListener listener;
    listener.onEvent = [&](const Event& event) {
        progress ? progress->show(event) : terminal.emit(toJsonLine(event));
    };
    listener.onStoreProblem = [&](const std::string& problem) {
        const std::string line = problem.empty()
                                     ? "The database can be written again; going on."
                                     : "Training waits, because the database cannot be written: " + problem;
        progress ? progress->print(line) : terminal.warn(line);
    };
    listener.shouldStop = [&progress] {
        if (isStopRequested() && progress)
            progress->print("Stopping after this step; Ctrl+C again quits at once.");
        return isStopRequested();
    };
    return project.run(id, listener);
}

ExitCode exitCodeOf(const StudyOutcome& outcome, std::int64_t trialCount) {
    if (!outcome.problem.empty())
        return ExitCode::Failed;
    const auto finished = static_cast<std::int64_t>(outcome.complete + outcome.pruned + outcome.failed);
    if (isStopRequested() && finished < trialCount)
        return ExitCode::Interrupted;
    return outcome.complete > 0 ? ExitCode::Done : ExitCode::Failed;
}

std::string countsInWords(const StudyOutcome& outcome) {
    std::string text;
    const auto add = [&text](std::size_t count, const char* what) {
        if (count > 0)
            text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + what;
    };
    add(outcome.complete, "complete");
    add(outcome.pruned, "pruned");
    add(outcome.failed, "failed");
    add(outcome.cancelled, "stopped");
    return text.empty() ? "no trial ran" : text;
}

/// The trial to speak of: the best, else the last one there is.
std::optional<TrialId> shownTrial(const StudyOutcome& outcome, const std::vector<TrialRecord>& trials) {
    if (outcome.best || trials.empty())
        return outcome.best;
    return trials.back().id;
}

/// A line for each trial that none betters in everything.
std::string frontInWords(const StudySpec& spec, const std::vector<TrialId>& front,
                         const std::vector<TrialRecord>& trials) {
    std::string text = "The front, " + std::to_string(front.size()) + " trials:";
    for (const TrialId id : front) {
        text += "\n  trial " + std::to_string(id.value) + ":";
        for (const Objective& objective : objectivesOf(spec))
            if (const auto value = objectiveOf(*std::ranges::find(trials, id, &TrialRecord::id), objective))
                text += (text.back() == ':' ? " " : ", ") + objective.metric + " " +
                        metricText(objective.metric, *value);
    }
    return text;
}

std::string resumeCall(const StudyRecord& study, const fs::path& project) {
    const bool isDefault = project == defaultProjectFolder();
    return "lathe " + study.spec.kind + " --resume " + std::to_string(study.id.value) +
           (isDefault ? "" : " --project " + project.string());
}

/// What repeats over seeds have shown, as lines; `result` gets it whole.
Result<std::vector<std::string>> addVerdict(Json& result, const StudyReader& reader, const StudyRecord& study,
                                            const std::vector<TrialRecord>& trials) {
    std::vector<std::string> lines;
    if (study.confirms.isValid()) {
        LATHE_ASSIGN(const Confirmation confirmation, readConfirmation(reader, study));
        result["confirmation"] = toJson(confirmation, study.confirms);
        lines = inWords(confirmation);
    } else if (const auto comparison = compareRecipes(study.spec, trials)) {
        result["recipes"] = toJson(*comparison);
        lines = tableInWords(*comparison);
        lines.insert(lines.begin(), "Each recipe over its seeds, mean ± SD (n − 1) of " + comparison->metric);
        std::ranges::copy(inWords(*comparison), std::back_inserter(lines));
    }
    return lines;
}

Status tellOutcome(const StudyRecord& study, const StudyOutcome& outcome, const fs::path& database,
                   const Terminal& terminal, ExitCode code) {
    LATHE_ASSIGN(const StudyReader reader, StudyReader::open(database));
    LATHE_ASSIGN(const auto trials, reader.trials(study.id));
    Json result{{"event", "result"},
                {"study", study.id.value},
                {"database", database.string()},
                {"exit_code", static_cast<int>(code)},
                {"problem", outcome.problem},
                {"stop_reason", outcome.stopReason},
                {"best", outcome.best ? Json(outcome.best->value) : Json(nullptr)},
                {"trials", Json::array()}};
    if (!study.spec.furtherObjectives.empty())
        for (const TrialId trial : outcome.front)
            result["front"].push_back(trial.value);
    for (const TrialRecord& trial : trials) {
        LATHE_ASSIGN(const TrialSummary summary, summarise(reader, trial.id));
        result["trials"].push_back(toJson(summary));
    }
    LATHE_ASSIGN(const std::vector<std::string> verdict, addVerdict(result, reader, study, trials));
    terminal.emit(result);
    if (study.spec.trialCount > 1)
        terminal.say("Study " + std::to_string(study.id.value) + ": " + countsInWords(outcome) + "." +
                     (outcome.stopReason.empty() ? "" : " " + outcome.stopReason + "."));
    if (!study.spec.furtherObjectives.empty() && !outcome.front.empty())
        terminal.say(frontInWords(study.spec, outcome.front, trials));
    const auto shown = shownTrial(outcome, trials);
    if (shown) {
        LATHE_ASSIGN(const TrialSummary summary, summarise(reader, *shown));
        const bool isFront = !study.spec.furtherObjectives.empty();
        const std::string best = isFront ? "The best in " + study.spec.objective.metric + ": " : "The best: ";
        terminal.say((study.spec.trialCount > 1 && outcome.best ? best : "") + inWords(summary));
    }
    for (const std::string& line : verdict)
        terminal.say(line + ".");
    terminal.say("Row: study " + std::to_string(study.id.value) +
                 (shown ? ", trial " + std::to_string(shown->value) : "") + " in " + database.string());
    if (code == ExitCode::Interrupted)
        terminal.say("To go on: " + resumeCall(study, database.parent_path()));
    return ok();
}

ExitCode runStudy(TerminalStudy& project, StudyId id, const fs::path& folder, const Terminal& terminal) {
    const auto reader = StudyReader::open(databaseIn(folder));
    if (!reader)
        return terminal.fail(reader.error(), ExitCode::Failed);
    const auto study = reader->study(id);
    if (!study)
        return terminal.fail(study.error(), ExitCode::Failed);
    terminal.emit({{"event", "study"},
                   {"study", id.value},
                   {"name", study->spec.name},
                   {"trials", study->spec.trialCount},
                   {"database", databaseIn(folder).string()}});
    catchStopSignals();
    const auto outcome = follow(project, id, study->spec.trialCount, terminal);
    if (!outcome)
        return terminal.fail(outcome.error(), ExitCode::Failed);
    const ExitCode code = exitCodeOf(*outcome, study->spec.trialCount);
    if (!outcome->problem.empty())
        terminal.warn("lathe: the study could not go on: " + outcome->problem);
    const Status told = tellOutcome(*study, *outcome, databaseIn(folder), terminal, code);
    return told ? code : terminal.fail(told.error(), ExitCode::Failed);
}

Result<ConfirmationPlan> planOf(StudyId id, const StudyChanges& changes, const fs::path& database) {
    LATHE_ASSIGN(const StudyReader reader, StudyReader::open(database));
    LATHE_ASSIGN(const StudyRecord study, reader.study(id));
    LATHE_ASSIGN(const auto trials, reader.trials(id));
    return planConfirmation(study, trials, changes.finalists, changes.seeds);
}

/// Runs the study's finalists again, if that is wanted.
ExitCode confirm(TerminalStudy& project, StudyId id, const StudyChanges& changes, const fs::path& folder,
                 const Terminal& terminal) {
    if (changes.finalists == 0)
        return ExitCode::Done;
    const auto plan = planOf(id, changes, databaseIn(folder));
    if (!plan)
        return terminal.fail(plan.error(), ExitCode::Failed);
    const auto repeated = project.store()
                              .call<StudyId>([&plan, id](StudyWriter& writer) {
                                  return writer.createConfirmation(plan->spec, id, plan->trials);
                              })
                              .get();
    return repeated ? runStudy(project, *repeated, folder, terminal)
                    : terminal.fail(repeated.error(), ExitCode::Failed);
}

Result<bool> hasWork(const StudyReader& reader, StudyId id, const Registry<Pruner>& pruners) {
    LATHE_ASSIGN(const StudyRecord study, reader.study(id));
    LATHE_ASSIGN(const auto trials, reader.trials(id));
    LATHE_ASSIGN(TrialCurves curves, readCurves(reader, id, study.spec));
    return isUnfinished(study.spec, trials, std::move(curves), pruners);
}

/// What is wanted, or, where that is left open, what suits a study of so many trials and the machine.
std::size_t chosenSlots(std::size_t wanted, const StudySpec& spec, std::int64_t trials,
                        const Terminal& terminal) {
    if (wanted != kAutoSlots)
        return wanted;
    const std::size_t slots = slotsFor(slotLimits(spec, trials));
    terminal.warn("note: --slots auto: " + std::to_string(slots) + (slots == 1 ? " run" : " runs") +
                  " at the same time");
    return slots;
}

} // namespace

bool checkStudy(const StudySpec& spec, const BuiltinParts& parts, const Terminal& terminal) {
    std::vector<Problem> problems = validate(parts.recipeSchema, spec.fixed);
    if (problems.empty())
        problems = preflight(spec.fixed);
    for (const Problem& problem : problems)
        (void)terminal.refuse(
            inputError(problem.key.empty() ? "recipe" : flagFor(problem.key), problem.message));
    if (!problems.empty())
        return false;
    if (const auto cost = forecast(spec.fixed))
        for (const std::string& note : cost->notes)
            terminal.warn("note: " + note);
    Status fit = checkSearchSpace(parts.recipeSchema, spec.space);
    if (fit)
        fit = StudyRules::make(spec).transform([](const auto&) { return std::monostate(); });
    if (fit)
        fit = makePruner(parts.pruners, spec).transform([](const auto&) { return std::monostate(); });
    if (!fit)
        (void)terminal.refuse(fit.error());
    return fit.has_value();
}

ExitCode runNewStudy(const StudySpec& spec, std::size_t slots, const StudyChanges& changes,
                     const CommandSet& commands, const Terminal& terminal) {
    if (!checkStudy(spec, commands.parts, terminal))
        return ExitCode::BadInput;
    if (changes.extend > 0 || !changes.clones.empty() || !changes.first.empty())
        return terminal.refuse(inputError("--extend, --clone and --run-first",
                                          "change a study that is there; give --resume, or leave them out"));
    const auto wishes = wishesOf(changes, spec, {}, commands.parts);
    if (!wishes)
        return terminal.refuse(wishes.error());
    const fs::path folder = projectFolder(commands.shared);
    const auto project =
        TerminalStudy::open(folder, commands.parts, chosenSlots(slots, spec, spec.trialCount, terminal));
    if (!project)
        return terminal.refuse(project.error());
    const auto id = (*project)->create(spec);
    if (!id)
        return terminal.fail(id.error(), ExitCode::Failed);
    for (const TrialWish& wish : *wishes)
        if (const auto queued = queueTrial((*project)->store(), *id, spec, wish); !queued)
            return terminal.fail(queued.error(), ExitCode::Failed);
    const ExitCode code = runStudy(**project, *id, folder, terminal);
    return code == ExitCode::Done ? confirm(**project, *id, changes, folder, terminal) : code;
}

ExitCode runPlannedStudy(const ConfirmationPlan& plan, std::size_t slots, const CommandSet& commands,
                         const Terminal& terminal) {
    for (std::size_t i = 0; i < plan.trials.size() && plan.trials[i].seed == plan.trials[0].seed; ++i)
        if (const auto problems = preflight(plan.trials[i].values); !problems.empty())
            return terminal.refuse(inputError(problems.front().key, problems.front().message));
    const fs::path folder = projectFolder(commands.shared);
    const auto project = TerminalStudy::open(
        folder, commands.parts,
        chosenSlots(slots, plan.spec, static_cast<std::int64_t>(plan.trials.size()), terminal));
    if (!project)
        return terminal.refuse(project.error());
    const auto id = (*project)
                        ->store()
                        .call<StudyId>([&plan](StudyWriter& writer) {
                            return writer.createConfirmation(plan.spec, {}, plan.trials);
                        })
                        .get();
    return id ? runStudy(**project, *id, folder, terminal) : terminal.fail(id.error(), ExitCode::Failed);
}

ExitCode resumeStudy(const std::string& wanted, std::size_t slots, const StudyChanges& changes,
                     const CommandSet& commands, const Terminal& terminal) {
    const fs::path folder = projectFolder(commands.shared);
    const auto reader = openForReading(commands.shared);
    if (!reader)
        return terminal.refuse(reader.error());
    const auto id = changes.isAny() ? findStudy(*reader, wanted)
                                    : findUnfinished(*reader, wanted, commands.parts.pruners);
    if (!id)
        return terminal.refuse(id.error());
    auto study = reader->study(*id);
    const auto trials = reader->trials(*id);
    if (!study || !trials)
        return terminal.refuse(study ? trials.error() : study.error());
    auto spec = reshaped(changes, *study, *trials, terminal);
    if (!spec)
        return terminal.refuse(spec.error());
    study->spec = std::move(*spec);
    const auto wishes = wishesOf(changes, study->spec, *trials, commands.parts);
    if (!wishes)
        return terminal.refuse(wishes.error());
    const auto project = TerminalStudy::open(
        folder, commands.parts, chosenSlots(slots, study->spec, study->spec.trialCount, terminal));
    if (!project)
        return terminal.refuse(project.error());
    if (const Status changed = applyChanges(changes, *study, *wishes, (*project)->store()); !changed)
        return terminal.refuse(changed.error());
    const auto isOpen = hasWork(*reader, *id, commands.parts.pruners);
    if (!isOpen)
        return terminal.fail(isOpen.error(), ExitCode::Failed);
    if (!*isOpen && changes.finalists == 0)
        terminal.say("Nothing of study " + std::to_string(id->value) + " is left to run within its budget.");
    const ExitCode code = *isOpen ? runStudy(**project, *id, folder, terminal) : ExitCode::Done;
    return code == ExitCode::Done ? confirm(**project, *id, changes, folder, terminal) : code;
}

} // namespace lathe
