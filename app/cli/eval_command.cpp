#include "app/cli/evaluation_words.h"
#include "app/cli/generation_flags.h"
#include "app/cli/open_project.h"
#include "app/cli/recipe_flags.h"
#include "app/cli/stop_signal.h"
#include "app/cli/text_table.h"
#include "app/cli/work_progress.h"
#include "app/project_folder.h"
#include "core/base/files.h"
#include "core/session/evaluation_draft.h"
#include "core/session/recorded_evaluation.h"
#include "core/train/evaluation.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <memory>

namespace lathe {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kPage = 200; ///< rows read at a time

struct EvalOptions {
    GenerationFlags flags;
    ParamSchema schema = readingSchema(); ///< before the flags that refer to it
    RecipeFlags reading;
    std::string data, name, out, resume;
    CLI::Option* resumeOption = nullptr; // the command owns it
    std::int64_t rows = 0;
    std::int64_t batch = 8;
    std::int64_t wrong = 0;
    std::vector<std::int64_t> compare;
    bool isList = false;
};

/// What was said about generation, in place of the task's own settings.
ParamValues saidGeneration(const GenerationFlags& flags) {
    ParamValues said;
    const auto take = [&said](const char* key, const auto& value) {
        if (value)
            said.set(key, *value);
    };
    take("max_new_tokens", flags.maxNewTokens);
    take("top_k", flags.topK);
    take("no_repeat_ngram", flags.noRepeatNgram);
    take("beams", flags.beams);
    take("temperature", flags.temperature);
    take("top_p", flags.topP);
    take("min_p", flags.minP);
    take("repetition_penalty", flags.repetitionPenalty);
    take("length_penalty", flags.lengthPenalty);
    std::string lines;
    for (const std::string& text : flags.stopTexts)
        lines += (lines.empty() ? "" : "\n") + text;
    if (!lines.empty())
        said.set("stop_texts", lines);
    return said;
}

/// Whole paths, for the evaluation may go on from another folder.
Status settlePaths(EvaluationSpec& spec) {
    spec.model = fs::absolute(spec.model).lexically_normal();
    for (AdapterChoice& adapter : spec.adapters.adapters)
        adapter.folder = fs::absolute(adapter.folder).lexically_normal();
    std::error_code unreadable;
    for (const fs::path& needed : {spec.model, spec.dataFile})
        if (!fs::exists(needed, unreadable))
            return inputError(needed.string(), "is not there; check the path");
    return ok();
}

/// From the trial, where one was named, and what was said over that.
Result<EvaluationSpec> specFrom(const EvalOptions& options, const CommandSet& commands) {
    EvaluationSpec spec;
    if (options.flags.trial > 0) {
        LATHE_ASSIGN(const StudyReader reader, openForReading(commands.shared));
        LATHE_ASSIGN(const TrialRecord trial, findTrialWithAdapter(reader, options.flags.trial));
        spec = evaluationOf(trial, options.schema);
    }
    LATHE_ASSIGN(const ModelChoice choice, options.flags.choice(commands.shared));
    if (options.flags.trial == 0) {
        spec.model = choice.model;
        spec.adapters = choice.mix;
    } else if (!options.flags.adapters.empty()) {
        spec.adapters = choice.mix; // the trial's, and those beside it
    }
    spec.adapters.isMerged = options.flags.isMerged;
    LATHE_ASSIGN(const ParamValues said, options.reading.given());
    for (const auto& [key, value] : said.map())
        key == "task" ? void(spec.task = toText(value)) : spec.reading.set(key, value);
    if (spec.task.empty())
        return inputError("--task", "is missing; there are " + commands.parts.tasks.knownIds());
    if (!options.data.empty())
        spec.dataFile = fs::absolute(options.data).lexically_normal();
    if (spec.dataFile.empty())
        return inputError("--data", "is missing; give a file with rows to ask");
    LATHE_TRY(settlePaths(spec));
    spec.generation = saidGeneration(options.flags);
    LATHE_TRY(withOverrides({}, spec.generation));
    spec.rowLimit = options.rows;
    spec.batchSize = options.batch;
    spec.seed = options.flags.seed.value_or(0);
    spec.device = options.flags.device;
    spec.precision = options.flags.precision;
    spec.name = options.name.empty() ? usualName(spec) : options.name;
    return spec;
}

/// The evaluation a person means by "latest" (the newest that is not complete) or by its number.
Result<EvaluationId> findUnfinished(const EvaluationReader& reader, const std::string& wanted) {
    LATHE_ASSIGN(const auto all, reader.all());
    for (const EvaluationRecord& record : all) {
        const bool isMeant = wanted == "latest" ? record.state != EvaluationState::Complete
                                                : wanted == std::to_string(record.id.value);
        if (isMeant && record.state == EvaluationState::Complete)
            return inputError("evaluation " + wanted, "is complete; there is nothing left to do");
        if (isMeant)
            return record.id;
    }
    return inputError("evaluation " + wanted,
                      "is not in this project, or there is none to go on with; see lathe eval --list");
}

Status tellWrong(const EvaluationReader& reader, EvaluationId id, std::int64_t limit,
                 const Terminal& terminal) {
    std::int64_t shown = 0;
    for (const auto verdict : {PredictionFilter::Verdict::Wrong, PredictionFilter::Verdict::Failed}) {
        PredictionFilter filter;
        filter.verdict = verdict;
        LATHE_ASSIGN(auto rows, reader.rows(id, filter));
        rows.resize(std::min(rows.size(), static_cast<std::size_t>(std::min(limit - shown, kPage))));
        LATHE_ASSIGN(const auto predictions, reader.predictions(id, rows));
        for (const PredictionRecord& row : predictions) {
            terminal.say(predictionWords(row));
            ++shown;
        }
    }
    return ok();
}

Status tellResult(const EvalOptions& options, EvaluationId id, const fs::path& database,
                  const Terminal& terminal) {
    LATHE_ASSIGN(const StudyReader reader, StudyReader::open(database));
    LATHE_ASSIGN(const EvaluationRecord record, reader.evaluations().one(id));
    if (!options.out.empty())
        LATHE_TRY(exportPredictions(reader.evaluations(), id, options.out));
    if (!terminal.isJson() && options.wrong > 0)
        LATHE_TRY(tellWrong(reader.evaluations(), id, options.wrong, terminal));
    terminal.emit(toJson(record));
    terminal.say(record.name + "\n" + countWords(record) + " in " + duration(record.seconds) + ".\n\n" +
                 figureTable(record.figures) + (options.out.empty() ? "" : "Rows: " + options.out + "\n") +
                 "Evaluation " + std::to_string(id.value) + " in " + database.string());
    if (record.state != EvaluationState::Complete)
        terminal.say("To go on: lathe eval --resume " + std::to_string(id.value) +
                     (database.parent_path() == defaultProjectFolder()
                          ? ""
                          : " --project " + database.parent_path().string()));
    return ok();
}

EvaluationWatch watchFor(const Terminal& terminal, WorkProgress& line) {
    EvaluationWatch watch;
    watch.progress = [&terminal, &line](const EvaluationProgress& progress) {
        line.show(progress.phase.empty() ? "answering" : progress.phase,
                  static_cast<std::uint64_t>(progress.done), static_cast<std::uint64_t>(progress.total));
        terminal.emit({{"event", "progress"},
                       {"phase", progress.phase},
                       {"done", progress.done},
                       {"total", progress.total},
                       {"seconds_left", progress.secondsLeft >= 0 ? Json(progress.secondsLeft) : Json()}});
    };
    return watch;
}

ExitCode runAndTell(const EvalOptions& options, EvaluationId id, StoreThread& store,
                    const Terminal& terminal) {
    catchStopSignals();
    const StopOnSignal stop;
    const auto figures = [&] {
        WorkProgress line(!terminal.isJson());
        return runRecorded(runEvaluation, store, id, stop.token(), watchFor(terminal, line));
    }();
    const bool isStopped = !figures && figures.error().kind == Error::Kind::Cancelled;
    if (!figures && !isStopped)
        return terminal.fail(figures.error(), ExitCode::Failed);
    const Status told = tellResult(options, id, store.database(), terminal);
    if (!told)
        return terminal.fail(told.error(), ExitCode::Failed);
    return isStopped ? ExitCode::Interrupted : ExitCode::Done;
}

ExitCode compare(const EvalOptions& options, const CommandSet& commands, const Terminal& terminal) {
    const auto reader = openForReading(commands.shared);
    if (!reader)
        return terminal.refuse(reader.error());
    const EvaluationId first{options.compare.front()};
    const EvaluationId second{options.compare.back()};
    const auto comparison = compareEvaluations(*reader, first, second);
    if (!comparison)
        return terminal.refuse(comparison.error());
    Json json = toJson(*comparison);
    using Change = PredictionFilter::Change;
    for (const auto& [name, change] :
         {std::pair("gained_rows", Change::Gained), std::pair("lost_rows", Change::Lost)}) {
        const auto rows =
            reader->evaluations().rows(second, {PredictionFilter::Verdict::Any, {}, first, change});
        if (!rows)
            return terminal.fail(rows.error(), ExitCode::Failed);
        json[name] = *rows;
    }
    terminal.emit(json);
    std::string text = comparisonWords(*comparison);
    for (const auto& [what, name] : {std::pair("Gained", "gained_rows"), std::pair("Lost", "lost_rows")}) {
        text += std::string(what) + " rows:";
        for (const Json& row : json[name])
            text += " " + std::to_string(row.get<std::int64_t>() + 1);
        text += json[name].empty() ? " none\n" : "\n";
    }
    terminal.say(text);
    return ExitCode::Done;
}

ExitCode list(const CommandSet& commands, const Terminal& terminal) {
    const auto reader = openForReading(commands.shared);
    if (!reader)
        return terminal.refuse(reader.error());
    const auto all = reader->evaluations().all();
    if (!all)
        return terminal.fail(all.error(), ExitCode::Failed);
    Json json{{"evaluations", Json::array()}};
    std::vector<std::vector<std::string>> rows{{"Evaluation", "Name", "State", "Rows", "Metric", "Value"}};
    for (const EvaluationRecord& record : *all) {
        json["evaluations"].push_back(toJson(record));
        const auto* figure = record.figures.empty() ? nullptr : &record.figures.front();
        rows.push_back({std::to_string(record.id.value), record.name, std::string(toString(record.state)),
                        std::to_string(record.rowsDone), figure == nullptr ? "-" : figure->label,
                        figure == nullptr ? "-" : figureWords(figure->name, figure->value)});
    }
    terminal.emit(json);
    terminal.say(rows.size() > 1 ? textTable(rows) : "No evaluation yet.");
    return ExitCode::Done;
}

Result<EvaluationId> createOrFind(const EvalOptions& options, const CommandSet& commands,
                                  StoreThread& store) {
    if (options.resumeOption->count() > 0) {
        LATHE_ASSIGN(const StudyReader reader, StudyReader::open(store.database()));
        return findUnfinished(reader.evaluations(), options.resume);
    }
    LATHE_ASSIGN(const EvaluationSpec spec, specFrom(options, commands));
    return store
        .call<EvaluationId>([&spec, trial = TrialId{options.flags.trial}](StudyWriter& writer) {
            return writer.evaluations().create({spec.name, toJson(spec), trial});
        })
        .get();
}

ExitCode evaluate(const EvalOptions& options, const CommandSet& commands, const Terminal& terminal) {
    if (options.isList)
        return list(commands, terminal);
    if (!options.compare.empty())
        return compare(options, commands, terminal);
    if (options.resumeOption->count() == 0) // nothing is written where something said is wrong
        if (const auto spec = specFrom(options, commands); !spec)
            return terminal.refuse(spec.error());
    const fs::path folder = projectFolder(commands.shared);
    if (const Status writable = ensureWritableFolder(folder); !writable)
        return terminal.refuse(writable.error());
    EventHub hub;
    const auto store = StoreThread::start(databaseIn(folder), hub);
    if (!store)
        return terminal.refuse(store.error());
    const auto id = createOrFind(options, commands, **store);
    if (!id)
        return terminal.refuse(id.error());
    terminal.emit(
        {{"event", "evaluation"}, {"evaluation", id->value}, {"database", databaseIn(folder).string()}});
    return runAndTell(options, *id, **store, terminal);
}

} // namespace

void addEvalCommand(CLI::App& root, CommandSet& commands) {
    auto options = std::make_shared<EvalOptions>(); // shared: std::function must be copyable
    CLI::App& command =
        commands.add(root, "eval", "Ask a model every row of a data file and score its answers");
    options->flags.addTo(command);
    options->reading.addTo(command, options->schema);
    command.add_option("--data", options->data, "The rows (default with --trial: its evaluation data)")
        ->type_name("FILE");
    command.add_option("--rows", options->rows, "Only the first so many rows; 0: all")
        ->check(CLI::NonNegativeNumber);
    command.add_option("--batch", options->batch, "Rows asked at a time (default 8)")
        ->check(CLI::Range(1, 65536));
    command.add_option("--name", options->name, "What to call it in the list of evaluations");
    command.add_option("--out", options->out, "Write every row there too: .jsonl, else CSV")
        ->type_name("FILE");
    command.add_option("--wrong", options->wrong, "Print so many rows that were answered wrongly")
        ->expected(0, 1)
        ->default_str("10")
        ->check(CLI::NonNegativeNumber);
    options->resumeOption = command
                                .add_option("--resume", options->resume,
                                            "Go on with a stopped or killed one: its number, or latest")
                                ->expected(0, 1)
                                ->default_str("latest")
                                ->type_name("EVALUATION");
    command.add_option("--compare", options->compare, "Tell what changes from one evaluation to another")
        ->expected(2)
        ->type_name("FIRST SECOND");
    command.add_flag("--list", options->isList, "The project's evaluations, newest first");
    commands.actions.emplace_back(&command, [options, &commands](const Terminal& terminal) {
        return evaluate(*options, commands, terminal);
    });
}

} // namespace lathe
