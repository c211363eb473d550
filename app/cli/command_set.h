#pragma once

#include "app/builtin_parts.h"
#include "app/cli/terminal.h"

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
} // namespace CLI

namespace lathe {

/// What every subcommand takes.
struct SharedOptions {
    std::string project; ///< folder; the default project if nothing was said
    bool isJson = false;
};

/// The subcommands of one call: each adds its options to the parser and what to do if it was chosen.
struct CommandSet {
    const BuiltinParts& parts;
    SharedOptions shared;
    std::vector<std::pair<CLI::App*, std::function<ExitCode(const Terminal&)>>> actions;

    /// A new subcommand with --project and --json.
    CLI::App& add(CLI::App& root, const std::string& name, const std::string& description);
};

void addTrainCommand(CLI::App& root, CommandSet& commands);
void addStudyCommand(CLI::App& root, CommandSet& commands);
void addSearchCommand(CLI::App& root, CommandSet& commands);
void addPretrainCommand(CLI::App& root, CommandSet& commands);
void addListCommand(CLI::App& root, CommandSet& commands);
void addShowCommand(CLI::App& root, CommandSet& commands);
void addExportCommand(CLI::App& root, CommandSet& commands);
void addExportStudyCommand(CLI::App& root, CommandSet& commands);
void addImportStudyCommand(CLI::App& root, CommandSet& commands);
void addCombineCommand(CLI::App& root, CommandSet& commands);
void addMergeCommand(CLI::App& root, CommandSet& commands);
void addEvalCommand(CLI::App& root, CommandSet& commands);
void addGenerateCommand(CLI::App& root, CommandSet& commands);
void addChatCommand(CLI::App& root, CommandSet& commands);
void addLogitsCommand(CLI::App& root, CommandSet& commands);
void addTokenizeCommand(CLI::App& root, CommandSet& commands);
void addTrainTokenizerCommand(CLI::App& root, CommandSet& commands);
void addAdaptersCommand(CLI::App& root, CommandSet& commands);
void addDataCommand(CLI::App& root, CommandSet& commands);
void addDoctorCommand(CLI::App& root, CommandSet& commands);

/// Trains the built-in example: what the program does where there is neither a display nor a subcommand.
[[nodiscard]] ExitCode trainFirstExample(const CommandSet& commands, const Terminal& terminal);

} // namespace lathe
