#include "app/cli/generation_flags.h"
#include "app/cli/open_project.h"
#include "core/store/optuna_export.h"
#include "core/store/trial_table_file.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <memory>

namespace lathe {

namespace fs = std::filesystem;

namespace {

struct ExportStudyFlags {
    std::int64_t study = 0;
    std::string target;
    std::string format;
    bool mayReplace = false;
};

/// What was asked for, or what the file's ending says.
Result<std::string> formatOf(const ExportStudyFlags& flags) {
    if (!flags.format.empty())
        return flags.format;
    const std::string ending = fs::path(flags.target).extension().string();
    if (ending == ".csv" || ending == ".json")
        return ending.substr(1);
    if (ending == ".db" || ending == ".sqlite" || ending == ".sqlite3")
        return std::string("optuna");
    return inputError("--format", "is missing, and the ending of " + flags.target +
                                      " does not tell it; choose optuna, csv or json");
}

Status write(const StudyContent& content, const std::string& format, const fs::path& target,
             Existing existing) {
    if (format == "optuna")
        return writeOptunaFile(content, target, existing);
    return writeTrialTable(format == "csv" ? trialTableCsv(content) : trialTableJson(content), target,
                           existing);
}

ExitCode exportStudy(const ExportStudyFlags& flags, const CommandSet& commands, const Terminal& terminal) {
    const auto reader = openForReading(commands.shared);
    if (!reader)
        return terminal.refuse(reader.error());
    const auto format = formatOf(flags);
    if (!format)
        return terminal.refuse(format.error());
    const auto content = reader->content(StudyId{flags.study});
    if (!content)
        return terminal.refuse(
            inputError(content.error().where, content.error().message + "; see lathe list"));
    const fs::path target = fs::absolute(flags.target).lexically_normal();
    const Existing existing = flags.mayReplace ? Existing::Replace : Existing::Refuse;
    if (const Status written = write(*content, *format, target, existing); !written)
        return terminal.fail(written.error(), exitCodeOf(written.error()));
    terminal.emit({{"study", flags.study},
                   {"file", target.string()},
                   {"format", *format},
                   {"trials", content->trials.size()}});
    terminal.say("Exported " + std::to_string(content->trials.size()) + " trials of study " +
                 std::to_string(flags.study) + " to " + target.string() + ".");
    if (*format == "optuna")
        terminal.say(
            "In Python: optuna.load_study(study_name=" + nlohmann::json(content->study.spec.name).dump() +
            ", storage=\"sqlite:///" + target.string() + "\")");
    return ExitCode::Done;
}

} // namespace

void addExportStudyCommand(CLI::App& root, CommandSet& commands) {
    auto flags = std::make_shared<ExportStudyFlags>(); // shared: std::function must be copyable
    CLI::App& command = commands.add(root, "export-study",
                                     "Write all trials of a study as an Optuna file, a CSV table or JSON");
    command.add_option("study", flags->study, "The study's number, from lathe list")
        ->required()
        ->type_name("STUDY");
    command.add_option("--output,--out", flags->target, "The new file")->required()->type_name("FILE");
    command
        .add_option("--format", flags->format,
                    "optuna (SQLite, for optuna.load_study and optuna-dashboard), csv or json; where nothing "
                    "is said the file's ending tells: .db, .csv, .json")
        ->check(CLI::IsMember({"optuna", "csv", "json"}))
        ->type_name("FORMAT");
    command.add_flag("--overwrite", flags->mayReplace, "Replace a file of that name");
    commands.actions.emplace_back(&command, [flags, &commands](const Terminal& terminal) {
        return exportStudy(*flags, commands, terminal);
    });
}

} // namespace lathe
