#include "app/cli/generation_flags.h"
#include "app/cli/open_project.h"
#include "app/cli/shard_size.h"
#include "app/cli/stop_signal.h"
#include "app/cli/text_table.h"
#include "app/cli/work_progress.h"
#include "app/trial_export.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <memory>

namespace lathe {

namespace fs = std::filesystem;

namespace {

struct ExportFlags {
    std::int64_t trial = 0;
    std::string target;
    std::string format;
    std::string dtype;
    std::string maxShard;
    bool shouldListFormats = false;
};

ExitCode listFormats(const TrialRecord& trial, const Terminal& terminal) {
    const auto choices = exportChoices(trial.values.text("model"), trial.adapterFolder);
    if (!choices)
        return terminal.refuse(choices.error());
    std::vector<std::vector<std::string>> rows{{"format", "what for"}};
    for (const ExportChoice& choice : *choices) {
        terminal.emit({{"format", choice.format.id},
                       {"label", choice.format.label},
                       {"summary", choice.format.summary},
                       {"is_possible", choice.obstacle.empty()},
                       {"obstacle", choice.obstacle}});
        rows.push_back({choice.format.id, choice.obstacle.empty() ? choice.format.summary
                                                                  : "not possible: " + choice.obstacle});
    }
    terminal.say(textTable(rows));
    return ExitCode::Done;
}

Result<ExportRequest> requestOf(const ExportFlags& flags, const StudyReader& reader,
                                const TrialRecord& trial) {
    LATHE_ASSIGN(ExportRequest request, exportRequest(reader, trial));
    request.target = fs::absolute(flags.target).lexically_normal();
    request.format = flags.format;
    request.dtype = flags.dtype;
    LATHE_ASSIGN(request.shardBytes, shardBytes(flags.maxShard));
    return request;
}

ExitCode exportTrial(const ExportFlags& flags, const CommandSet& commands, const Terminal& terminal) {
    const auto reader = openForReading(commands.shared);
    if (!reader)
        return terminal.refuse(reader.error());
    const auto trial = findTrialWithAdapter(*reader, flags.trial);
    if (!trial)
        return terminal.refuse(trial.error());
    if (flags.shouldListFormats)
        return listFormats(*trial, terminal);
    if (flags.target.empty())
        return terminal.refuse(inputError("--output", "is missing; give the new folder"));
    auto request = requestOf(flags, *reader, *trial);
    if (!request)
        return terminal.refuse(request.error());
    catchStopSignals();
    const StopOnSignal stop;
    request->stop = stop.token();
    WorkProgress progress(!terminal.isJson());
    request->onProgress = [&progress](const std::string& phase, std::uint64_t done, std::uint64_t total) {
        progress.show(phase, done, total);
    };
    const auto report = exportTrained(*request);
    if (!report)
        return terminal.fail(report.error(), exitCodeOf(report.error()));
    terminal.emit({{"trial", flags.trial},
                   {"folder", report->folder.string()},
                   {"format", report->format},
                   {"logit_difference", report->difference},
                   {"compared_on", report->comparedOn}});
    terminal.say("Exported to " + report->folder.string() + " in the format " + report->format +
                 ".\nRead back, its logits differ by at most " + shortNumber(report->difference) + " on " +
                 report->comparedOn + ".");
    return ExitCode::Done;
}

std::string formatHelp() {
    std::string text = "The form of the export:";
    for (const PartInfo& info : exportFormatList())
        text += "\n" + info.id + ": " + info.summary;
    return text + "\n(peft where nothing is said; merged after full fine-tuning)";
}

} // namespace

void addExportCommand(CLI::App& root, CommandSet& commands) {
    auto flags = std::make_shared<ExportFlags>(); // shared: std::function must be copyable
    CLI::App& command = commands.add(
        root, "export", "Write a trial's adapter as a PEFT folder, a merged model or for llama.cpp");
    command.add_option("trial", flags->trial, "The trial's number, from lathe list")
        ->required()
        ->type_name("TRIAL");
    command.add_option("--output,--out", flags->target, "The new folder")->type_name("DIR");
    command.add_option("--format", flags->format, formatHelp())->type_name("FORMAT");
    command
        .add_option("--dtype", flags->dtype,
                    "Of a merged model: float32, bfloat16 or float16 [the base's own]")
        ->type_name("DTYPE");
    command.add_option("--max-shard", flags->maxShard, "Largest weight file of a merged model [5GB]")
        ->type_name("SIZE");
    command.add_flag("--list-formats", flags->shouldListFormats,
                     "Only tell which formats this adapter can have, and why not");
    commands.actions.emplace_back(&command, [flags, &commands](const Terminal& terminal) {
        return exportTrial(*flags, commands, terminal);
    });
}

} // namespace lathe
