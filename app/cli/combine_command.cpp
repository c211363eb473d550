#include "app/cli/adapter_flags.h"
#include "app/cli/generation_flags.h"
#include "app/cli/recipe_flags.h"
#include "app/cli/stop_signal.h"
#include "app/cli/work_progress.h"
#include "core/train/combine_adapters.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <map>
#include <memory>

namespace lathe {

namespace fs = std::filesystem;

namespace {

struct CombineFlags {
    std::string target;
    std::vector<std::string> adapters;
    std::vector<double> weights;
    std::string model;
    ParamSchema schema = combineSchema();
    std::map<std::string, std::string> options; ///< what was said, by key
    bool shouldOnlyCheck = false;
};

Result<CombineRequest> requestOf(const CombineFlags& flags) {
    CombineRequest request;
    LATHE_ASSIGN(request.adapters, parseAdapters(flags.adapters));
    if (!flags.weights.empty() && flags.weights.size() != request.adapters.size())
        return inputError("--weight", "is given " + std::to_string(flags.weights.size()) + " times for " +
                                          std::to_string(request.adapters.size()) +
                                          " adapters; give one for each, or write DIR=WEIGHT");
    for (std::size_t i = 0; i < flags.weights.size(); ++i)
        request.adapters[i].strength = flags.weights[i];
    for (const ParamSpec& spec : flags.schema) {
        const auto said = flags.options.find(spec.key);
        if (said == flags.options.end() || said->second.empty())
            continue;
        LATHE_ASSIGN(ParamValue value, parseValue(spec, said->second));
        request.options.set(spec.key, std::move(value));
    }
    request.model = flags.model;
    request.target = fs::absolute(flags.target).lexically_normal();
    request.programVersion = LATHE_VERSION;
    return request;
}

nlohmann::ordered_json jsonOf(const CombineOutlook& outlook) {
    return {{"base_model", outlook.model.string()},
            {"rank", outlook.rank},
            {"parameters", outlook.parameters},
            {"equal_by_mathematics", outlook.isExact},
            {"notes", outlook.notes}};
}

void tellOutlook(const CombineOutlook& outlook, const Terminal& terminal) {
    for (const std::string& note : outlook.notes)
        terminal.warn(note);
    terminal.say("Rank " + std::to_string(outlook.rank) + ", " + std::to_string(outlook.parameters) +
                 (outlook.isExact ? " parameters; by the mathematics it does what all adapters do at once."
                                  : " parameters; it approximates what all adapters do at once."));
}

void tell(const CombineReport& report, const Terminal& terminal) {
    nlohmann::ordered_json answer = jsonOf(report.outlook);
    answer["folder"] = report.folder.string();
    answer["logit_difference"] =
        report.difference ? nlohmann::ordered_json(*report.difference) : nlohmann::ordered_json();
    answer["compared_on"] = report.comparedOn;
    answer["lacking_share_of_the_sum"] = report.weightError;
    terminal.emit(answer);
    terminal.say("Combined into " + report.folder.string() + ".");
    tellOutlook(report.outlook, terminal);
    if (report.difference)
        terminal.say("Read back, its logits differ from those of all adapters at once by at most " +
                     shortNumber(*report.difference) + " on " + report.comparedOn + "; of the weights' sum " +
                     percent(report.weightError) + " is lacking.");
    else
        terminal.say("Compared on " + report.comparedOn);
}

ExitCode combine(const CombineFlags& flags, const Terminal& terminal) {
    auto request = requestOf(flags);
    if (!request)
        return terminal.refuse(request.error());
    if (flags.shouldOnlyCheck) {
        const auto outlook = combineOutlook(*request);
        if (!outlook)
            return terminal.refuse(outlook.error());
        terminal.emit(jsonOf(*outlook));
        tellOutlook(*outlook, terminal);
        return ExitCode::Done;
    }
    catchStopSignals();
    const StopOnSignal stop;
    request->stop = stop.token();
    WorkProgress progress(!terminal.isJson());
    request->onProgress = [&progress](const std::string& phase, std::uint64_t done, std::uint64_t total) {
        progress.show(phase, done, total);
    };
    const auto report = combineAdapters(*request);
    if (!report)
        return terminal.fail(report.error(), exitCodeOf(report.error()));
    tell(*report, terminal);
    return ExitCode::Done;
}

} // namespace

void addCombineCommand(CLI::App& root, CommandSet& commands) {
    auto flags = std::make_shared<CombineFlags>(); // shared: std::function must be copyable
    CLI::App& command =
        commands.add(root, "combine", "Make one LoRA adapter out of several of the same base model");
    command.add_option("output", flags->target, "The new folder (PEFT's format)")
        ->required()
        ->type_name("OUT");
    command
        .add_option("adapters", flags->adapters,
                    "Adapter folders; =WEIGHT behind one makes it count more or less [1]")
        ->required()
        ->expected(1, -1)
        ->type_name("DIR[=WEIGHT]");
    command.add_option("--weight", flags->weights, "The weights, one for each adapter in their order")
        ->type_name("WEIGHT")
        ->delimiter(',')
        ->allow_extra_args(false);
    command
        .add_option(
            "--model", flags->model,
            "The base model's folder [the one the adapters name]; given, it counts as the base of all")
        ->type_name("DIR");
    for (const ParamSpec& spec : flags->schema)
        command
            .add_option(flagFor(spec.key), flags->options[spec.key],
                        spec.help + " (" + describe(spec.domain) + "; default " + toText(spec.fallback) + ")")
            ->group("Combination");
    command.add_flag("--check", flags->shouldOnlyCheck,
                     "Only tell whether and with what result these can be combined; nothing is written");
    commands.actions.emplace_back(&command,
                                  [flags](const Terminal& terminal) { return combine(*flags, terminal); });
}

} // namespace lathe
