#include "app/cli/command_set.h"
#include "app/cli/part_options.h"
#include "app/cli/progress_line.h"
#include "app/cli/stop_signal.h"
#include "app/search/command_search.h"
#include "app/search/file_lock.h"
#include "app/search/search_json.h"
#include "app/search/search_protocol.h"
#include "core/base/files.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>
#include <memory>
#include <optional>

namespace lathe {

namespace {

using Json = nlohmann::ordered_json;

struct SearchOptions {
    std::optional<std::string> command;
    std::string space;
    std::string file;
    std::optional<std::int64_t> budget;
    std::optional<std::string> samplerId;
    std::vector<std::string> directions;
    std::optional<std::uint64_t> seed;
    std::vector<std::string> samplerOptions;
    std::vector<std::string> derived;
    std::vector<std::string> forbidden;
    std::vector<std::string> constraints;
    std::size_t slots = 1;
    bool isResumed = false;
};

Result<Json> samplerOptionsOf(const SearchOptions& options, const std::string& samplerId,
                              const BuiltinParts& parts) {
    LATHE_ASSIGN(const auto sampler, parts.samplers.make(samplerId));
    LATHE_ASSIGN(const ParamValues values,
                 partOptions("--sampler-option", samplerId, sampler->options(), options.samplerOptions));
    return Json::parse(toJson(values));
}

Result<Json> spaceOf(const SearchOptions& options) {
    LATHE_ASSIGN(const std::string text, readFile(options.space));
    Result<Json> space = parseJson(text);
    if (!space.has_value())
        return inputError(options.space, space.error().text());
    return space;
}

Status addRules(const SearchOptions& options, Json& request) {
    for (const std::string& text : options.derived) {
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos || equals == 0)
            return inputError("--derive",
                              text + " does not say what follows from what; write NAME=EXPRESSION");
        request["derived"][text.substr(0, equals)] = text.substr(equals + 1);
    }
    if (!options.forbidden.empty())
        request["forbidden"] = options.forbidden;
    if (!options.constraints.empty())
        request["constraints"] = options.constraints;
    return ok();
}

/// What the search is created from: what was said, and nothing else.
Result<Json> requestOf(const SearchOptions& options, const BuiltinParts& parts) {
    Json request = Json::object();
    if (options.samplerId)
        request["sampler"] = *options.samplerId;
    if (options.seed)
        request["seed"] = *options.seed;
    if (options.directions.size() == 1)
        request["direction"] = options.directions.front();
    if (options.directions.size() > 1)
        request["directions"] = options.directions;
    if (options.budget)
        request["budget"] = *options.budget;
    if (!options.samplerOptions.empty()) {
        LATHE_ASSIGN(request["options"],
                     samplerOptionsOf(options, options.samplerId.value_or(StudySpec().samplerId), parts));
    }
    if (!options.space.empty()) {
        LATHE_ASSIGN(request["space"], spaceOf(options));
    }
    LATHE_TRY(addRules(options, request));
    return request;
}

/// A saved search keeps what it was created with; the budget alone may be changed.
Result<SearchStudy> resumed(const SearchOptions& options, const Json& request, const BuiltinParts& parts) {
    LATHE_ASSIGN(SearchStudy study, SearchStudy::load(options.file, parts.samplers, options.budget));
    const Json saved = study.request();
    for (const auto& [field, value] : request.items())
        if (const Json was = saved.value(field, Json()); field != "budget" && was != value)
            return inputError(options.file, "was begun with another " + field + " (" + shownJson(was) +
                                                ", not " + shownJson(value) +
                                                "); leave that option out, or begin anew in another file");
    return study;
}

Result<SearchStudy> openStudy(const SearchOptions& options, const BuiltinParts& parts) {
    LATHE_ASSIGN(const Json request, requestOf(options, parts));
    const bool isThere = !options.file.empty() && std::filesystem::exists(options.file);
    if (options.isResumed && options.file.empty())
        return inputError("--resume", "needs the file to go on from; give it by --save FILE");
    if (options.isResumed && isThere)
        return resumed(options, request, parts);
    if (isThere)
        return inputError(options.file, "is there already; add --resume to go on with it, or save elsewhere");
    if (options.space.empty())
        return inputError("--space", "is missing; give a file that says what to search, as in "
                                     R"({"lr": {"type": "float", "low": 1e-6, "high": 1e-3, "log": true}})");
    LATHE_ASSIGN(SearchStudy study, SearchStudy::create(request, parts.samplers));
    if (!options.file.empty()) // better known now than after the first command
        LATHE_TRY(study.save(options.file));
    return study;
}

std::string pointInWords(const SearchStudy& study, const ObservedTrial& trial) {
    std::string words;
    for (const SearchDimension& dimension : study.space().dimensions)
        if (const ParamValue* value = trial.values.find(dimension.key))
            words += (words.empty() ? "" : ", ") + dimension.key + " " + toText(*value);
    return words;
}

struct Counts {
    std::int64_t over = 0;
    std::int64_t complete = 0;
    std::int64_t failed = 0;
};

Counts countsOf(const SearchStudy& study) {
    Counts counts;
    for (const ObservedTrial& trial : study.search().trials()) {
        counts.over += isFinal(trial.state) ? 1 : 0;
        counts.complete += trial.state == TrialState::Complete ? 1 : 0;
        counts.failed += trial.state == TrialState::Failed ? 1 : 0;
    }
    return counts;
}

/// "0.25", or "0.25, 3" of several objectives.
std::string valuesInWords(const ObservedTrial& trial) {
    std::string words = toText(*trial.objective);
    for (const double value : trial.furtherObjectives)
        words += ", " + toText(value);
    return words;
}

void showProgress(ProgressLine& line, const SearchStudy& study) {
    const auto best = study.search().best();
    TrialProgress progress;
    progress.done = countsOf(study).over;
    progress.total = study.search().spec().trialCount;
    if (best)
        progress.phase = "best " + valuesInWords(study.search().trials()[static_cast<std::size_t>(*best)]) +
                         " (trial " + std::to_string(*best) + ")";
    if (best && !study.search().spec().furtherObjectives.empty())
        progress.phase = "front of " + std::to_string(study.search().front().size()) + " trials";
    line.show(progress);
}

Result<CommandOutcome> follow(SearchStudy& study, CommandTemplate command, const SearchOptions& options,
                              const Terminal& terminal) {
    std::optional<ProgressLine> progress;
    if (!terminal.isJson())
        showProgress(progress.emplace(1), study);
    CommandSearch how{std::move(command), options.slots, options.file, isStopRequested, {}};
    how.trialEnded = [&](std::int64_t number) {
        Json line{{"event", "trial"}};
        line.update(study.trialJson(number));
        terminal.emit(line);
        if (!progress)
            return;
        const ObservedTrial& trial = study.search().trials()[static_cast<std::size_t>(number)];
        if (trial.state == TrialState::Failed)
            progress->print("trial " + std::to_string(number) +
                            " failed: " + study.search().details(number).note);
        showProgress(*progress, study);
    };
    return runCommands(study, how);
}

/// The best, or the whole front of several objectives.
void tellFront(const SearchStudy& study, const Terminal& terminal) {
    const std::vector<std::int64_t> front = study.search().front();
    const bool isOne = study.search().spec().furtherObjectives.empty();
    if (front.empty())
        terminal.say("No trial has a value that counts.");
    else if (!isOne)
        terminal.say("The front, " + std::to_string(front.size()) + " trials:");
    for (std::size_t i = 0; i < (isOne ? std::min<std::size_t>(1, front.size()) : front.size()); ++i) {
        const ObservedTrial& trial = study.search().trials()[static_cast<std::size_t>(front[i])];
        terminal.say((isOne ? "The best: " : "  ") + valuesInWords(trial) + " in trial " +
                     std::to_string(front[i]) + ": " + pointInWords(study, trial));
    }
}

void tellOutcome(const SearchStudy& study, const CommandOutcome& outcome, const SearchOptions& options,
                 const Terminal& terminal) {
    const Counts counts = countsOf(study);
    const auto best = study.search().best();
    Json result{{"event", "result"},          {"complete", counts.complete},
                {"failed", counts.failed},    {"stopped", outcome.wasStopped},
                {"problem", outcome.problem}, {"best", best ? study.trialJson(*best) : Json()}};
    if (!study.search().spec().furtherObjectives.empty())
        result["front"] = study.search().front();
    terminal.emit(result);
    if (!outcome.problem.empty())
        terminal.warn("lathe: the search ended before its budget: " + outcome.problem);
    terminal.say(std::to_string(counts.over) + " of " + std::to_string(study.search().spec().trialCount) +
                 " trials: " + std::to_string(counts.complete) + " complete, " +
                 std::to_string(counts.failed) + " failed.");
    tellFront(study, terminal);
    if (outcome.wasStopped && !options.file.empty())
        terminal.say("To go on: the same call with --resume");
}

ExitCode searchByCommand(const SearchOptions& options, const BuiltinParts& parts, const Terminal& terminal) {
    std::optional<FileLock> lock; // until its last command has ended
    if (!options.file.empty()) {
        auto taken = FileLock::take(options.file);
        if (!taken)
            return terminal.refuse(taken.error());
        lock.emplace(std::move(taken).value());
    }
    auto study = openStudy(options, parts);
    if (!study)
        return terminal.refuse(study.error());
    auto command = CommandTemplate::make(*options.command, study->wholeSpace());
    if (!command)
        return terminal.refuse(command.error());
    catchStopSignals();
    const auto outcome = follow(*study, std::move(command).value(), options, terminal);
    if (!outcome)
        return terminal.fail(outcome.error(), ExitCode::Failed);
    tellOutcome(*study, *outcome, options, terminal);
    if (outcome->wasStopped)
        return ExitCode::Interrupted;
    return countsOf(*study).complete > 0 ? ExitCode::Done : ExitCode::Failed;
}

ExitCode search(const CLI::App& command, const SearchOptions& options, const BuiltinParts& parts,
                const Terminal& terminal) {
    if (options.command)
        return searchByCommand(options, parts, terminal);
    for (const CLI::Option* option : command.get_options())
        if (option->count() > 0 && option->get_single_name() != "json" &&
            option->get_single_name() != "project")
            return terminal.refuse(inputError("--" + option->get_single_name(),
                                              "belongs to --command, which is missing; without options the "
                                              "search is spoken to by lines on standard input"));
    SearchProtocol(parts.samplers).serve(std::cin, std::cout);
    return ExitCode::Done;
}

} // namespace

void addSearchCommand(CLI::App& root, CommandSet& commands) {
    auto options = std::make_shared<SearchOptions>(); // shared: std::function must be copyable
    CLI::App& command = commands.add(root, "search",
                                     "Search for the best parameters of any program: by lines on standard "
                                     "input, or by running a command per point");
    command.add_option("--command", options->command, "Run for each point; {NAME} is the parameter's value")
        ->type_name("TEXT");
    command.add_option("--space", options->space, "What to search, in JSON")->type_name("FILE");
    command.add_option("--budget", options->budget, "How many trials (default 100)")
        ->check(CLI::Range(1, 1000000));
    command.add_option("--sampler", options->samplerId,
                       "How the next point is found: " + commands.parts.samplers.knownIds());
    const auto addRepeated = [&command](const char* name, auto& texts, const char* help, const char* type) {
        command.add_option(name, texts, help)
            ->type_name(type)
            ->expected(1)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    };
    addRepeated("--sampler-option", options->samplerOptions, "One of the sampler's own, KEY=VALUE", "OPTION");
    addRepeated("--derive", options->derived, "A parameter that follows from others, NAME=EXPRESSION",
                "TEXT");
    addRepeated("--forbid", options->forbidden, "An expression that holds in no point", "EXPRESSION");
    addRepeated("--constraint", options->constraints, "What the best must keep to: \"seconds <= 10\"",
                "LIMIT");
    command
        .add_option("--direction", options->directions,
                    "minimize (default) or maximize; of several objectives, once for each")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command.add_option("--seed", options->seed, "The same seed asks for the same points");
    command.add_option("--slots", options->slots, "Commands at the same time (default 1)")
        ->check(CLI::Range(1, 1000));
    command.add_option("--save", options->file, "Keeps the search, so that nothing is lost")
        ->type_name("FILE");
    command.add_flag("--resume", options->isResumed, "Goes on with what --save kept");
    commands.actions.emplace_back(&command, [options, &command, &commands](const Terminal& terminal) {
        return search(command, *options, commands.parts, terminal);
    });
}

} // namespace lathe
