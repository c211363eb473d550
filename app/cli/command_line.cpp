#include "app/cli/command_line.h"

#include "app/cli/command_set.h"
#include "app/cli/profile_command.h"
#include "app/cli/prune_command.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iostream>

namespace lathe {

namespace {

constexpr const char* kDescription =
    "Lathe fine-tunes language models with adapters.\n"
    "Without a subcommand it opens its window, or, where there is no display, trains the built-in example.";

constexpr const char* kFooter =
    "Exit codes: 0 done; 1 it began and failed; 2 something given is wrong, nothing was written;\n"
    "3 stopped by Ctrl+C or SIGTERM, what was trained is kept (a second Ctrl+C quits at once).\n"
    "With --json answers are JSON on standard output: one object, or one a line while training.";

bool isSet(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0';
}

bool hasDisplay() { return isSet("DISPLAY") || isSet("WAYLAND_DISPLAY"); }

bool hasArgument(int argc, const char* const* argv, std::string_view wanted) {
    return std::any_of(argv + 1, argv + argc, [wanted](const char* given) { return given == wanted; });
}

void addCommands(CLI::App& root, CommandSet& commands) {
    root.require_subcommand(0, 1);
    root.set_version_flag("--version", std::string("lathe ") + LATHE_VERSION);
    root.add_option("--project", commands.shared.project, "Project folder")->type_name("DIR");
    root.add_flag("--json", commands.shared.isJson, "Answer in JSON");
    root.footer(kFooter);
    addTrainCommand(root, commands);
    addStudyCommand(root, commands);
    addSearchCommand(root, commands);
    addPretrainCommand(root, commands);
    addProfileCommand(root, commands);
    addListCommand(root, commands);
    addShowCommand(root, commands);
    addExportCommand(root, commands);
    addExportStudyCommand(root, commands);
    addImportStudyCommand(root, commands);
    addCombineCommand(root, commands);
    addMergeCommand(root, commands);
    addPruneCommand(root, commands);
    addEvalCommand(root, commands);
    addGenerateCommand(root, commands);
    addChatCommand(root, commands);
    addLogitsCommand(root, commands);
    addTokenizeCommand(root, commands);
    addTrainTokenizerCommand(root, commands);
    addAdaptersCommand(root, commands);
    addDataCommand(root, commands);
    addDoctorCommand(root, commands);
}

ExitCode runChosen(const CommandSet& commands) {
    const Terminal terminal(commands.shared.isJson ? Terminal::Format::Json : Terminal::Format::Words);
    for (const auto& [command, action] : commands.actions)
        if (command->parsed())
            return action(terminal);
    if (hasDisplay())
        terminal.warn(
            "No subcommand: training the built-in example (lathe --help shows what else there is).");
    else
        terminal.warn(
            "There is no display and no subcommand: training the built-in example in the terminal.");
    return trainFirstExample(commands, terminal);
}

} // namespace

CLI::App& CommandSet::add(CLI::App& root, const std::string& name, const std::string& description) {
    CLI::App* command = root.add_subcommand(name, description);
    command
        ->add_option("--project", shared.project,
                     "Project folder (default ${XDG_DATA_HOME:-~/.local/share}/lathe/projects/default)")
        ->type_name("DIR");
    command->add_flag("--json", shared.isJson, "Answer in JSON");
    command->footer(kFooter);
    return *command;
}

bool isForWindow(int argc, const char* const* argv) {
    if (!hasDisplay())
        return false;
    // Options with one dash and a word ("-style fusion") are Qt's.
    return argc == 1 || (argv[1][0] == '-' && argv[1][1] != '-' && std::strlen(argv[1]) > 2) ||
           (argc == 3 && std::string_view(argv[1]) == "--project");
}

int runCommandLine(int argc, const char* const* argv) {
    const BuiltinParts parts = makeBuiltinParts();
    CommandSet commands{parts, {}, {}};
    CLI::App root(kDescription, "lathe");
    addCommands(root, commands);
    try {
        root.parse(argc, argv);
    } catch (const CLI::Success& success) { // --help and --version
        return root.exit(success);
    } catch (const CLI::ParseError& problem) {
        const auto format =
            hasArgument(argc, argv, "--json") ? Terminal::Format::Json : Terminal::Format::Words;
        const std::string hint = std::string(problem.what()) + "; lathe --help shows what there is";
        return static_cast<int>(Terminal(format).refuse(inputError("", hint)));
    }
    return static_cast<int>(runChosen(commands));
}

} // namespace lathe
