#include "app/cli/open_project.h"
#include "core/train/inference.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <memory>

namespace lathe {

namespace fs = std::filesystem;

namespace {

struct ExportOptions {
    std::int64_t trial = 0;
    std::string target;
};

/// A folder that is there and holds something is somebody's.
Status checkTarget(const fs::path& target) {
    std::error_code unreadable;
    if (!fs::exists(target, unreadable) ||
        (fs::is_directory(target, unreadable) && fs::is_empty(target, unreadable)))
        return ok();
    return inputError(target.string(), "is there already and not empty; give a new folder");
}

ExitCode exportTrial(const ExportOptions& options, const CommandSet& commands, const Terminal& terminal) {
    const auto reader = openForReading(commands.shared);
    if (!reader)
        return terminal.refuse(reader.error());
    const auto trial = findTrialWithAdapter(*reader, options.trial);
    if (!trial)
        return terminal.refuse(trial.error());
    const fs::path target = fs::absolute(options.target).lexically_normal();
    if (const Status isFree = checkTarget(target); !isFree)
        return terminal.refuse(isFree.error());
    const auto difference = exportAdapter(trial->values.text("model"), trial->adapterFolder, target);
    if (!difference)
        return terminal.fail(difference.error(), difference.error().kind == Error::Kind::Input
                                                     ? ExitCode::BadInput
                                                     : ExitCode::Failed);
    terminal.emit({{"trial", options.trial}, {"folder", target.string()}, {"logit_difference", *difference}});
    terminal.say("Exported to " + target.string() +
                 " in PEFT's format.\nRead back, its logits differ by at most " + shortNumber(*difference) +
                 ".");
    return ExitCode::Done;
}

} // namespace

void addExportCommand(CLI::App& root, CommandSet& commands) {
    auto options = std::make_shared<ExportOptions>(); // shared: std::function must be copyable
    CLI::App& command = commands.add(root, "export", "Write a trial's adapter as a PEFT folder");
    command.add_option("trial", options->trial, "The trial's number, from lathe list")
        ->required()
        ->type_name("TRIAL");
    command.add_option("--out", options->target, "The new folder")->required()->type_name("DIR");
    commands.actions.emplace_back(&command, [options, &commands](const Terminal& terminal) {
        return exportTrial(*options, commands, terminal);
    });
}

} // namespace lathe
