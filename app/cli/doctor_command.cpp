#include "app/cli/open_project.h"
#include "app/example_files.h"
#include "app/project_folder.h"
#include "core/base/text.h"
#include "core/train/inference.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <thread>
#include <unistd.h>

namespace lathe {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

/// Something the program needs or would like, and what was found.
struct Finding {
    enum class Verdict { Good, Note, Missing };
    std::string what;
    Verdict verdict = Verdict::Good;
    std::string found;
};

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

/// The nearest folder above that is there decides whether the rest can be created.
Finding projectFinding(const SharedOptions& shared) {
    const fs::path folder = projectFolder(shared);
    fs::path existing = folder;
    std::error_code unreadable;
    while (!fs::exists(existing, unreadable) && existing.has_relative_path())
        existing = existing.parent_path();
    if (!fs::is_directory(existing, unreadable) || access(existing.c_str(), W_OK) != 0)
        return {"project folder", Finding::Verdict::Missing,
                folder.string() + " cannot be written; give --project"};
    if (existing != folder || !fs::exists(databaseIn(folder), unreadable))
        return {"project folder", Finding::Verdict::Good,
                folder.string() + " (created when something is trained)"};
    const auto reader = StudyReader::open(databaseIn(folder));
    if (!reader)
        return {"project folder", Finding::Verdict::Missing, reader.error().text()};
    const auto studies = reader->studies();
    return studies ? Finding{"project folder", Finding::Verdict::Good,
                             folder.string() + " (" + std::to_string(studies->size()) + " studies)"}
                   : Finding{"project folder", Finding::Verdict::Missing, studies.error().text()};
}

Finding displayFinding() {
    for (const char* name : {"WAYLAND_DISPLAY", "DISPLAY"})
        if (!environment(name).empty())
            return {"display", Finding::Verdict::Good, std::string(name) + "=" + environment(name)};
    return {"display", Finding::Verdict::Note, "none; the command line works, the window does not open"};
}

Finding examplesFinding() {
    const auto folder = findExamples();
    if (!folder)
        return {"examples", Finding::Verdict::Missing, folder.error().text()};
    return {"examples", Finding::Verdict::Good, joined(exampleIds(*folder)) + " in " + folder->string()};
}

std::vector<Finding> deviceFindings(const DeviceReport& report) {
    const unsigned cores = std::thread::hardware_concurrency();
    const std::string policy = environment("OMP_WAIT_POLICY");
    return {{"LibTorch", Finding::Verdict::Good, report.libtorchVersion + " (" + report.cpuCapability + ")"},
            {"devices", Finding::Verdict::Good, joined(report.devices)},
            {"CUDA", report.isCudaAvailable ? Finding::Verdict::Good : Finding::Verdict::Note,
             report.isCudaAvailable ? "available" : report.cudaNote},
            {"threads", Finding::Verdict::Good,
             std::to_string(report.threads) + " of " + std::to_string(cores) + " cores"},
            {"OMP_WAIT_POLICY", policy == "PASSIVE" ? Finding::Verdict::Good : Finding::Verdict::Note,
             policy.empty() ? "not set; waiting threads may take the window's core" : policy}};
}

ExitCode doctor(const CommandSet& commands, const Terminal& terminal) {
    constexpr const char* kVerdicts[] = {"ok", "note", "missing"};
    std::vector<Finding> findings{{"Lathe", Finding::Verdict::Good, LATHE_VERSION}};
    const auto devices = deviceFindings(deviceReport());
    findings.insert(findings.end(), devices.begin(), devices.end());
    findings.insert(findings.end(), {displayFinding(), examplesFinding(), projectFinding(commands.shared)});
    Json answer{{"ok", true}, {"findings", Json::array()}};
    for (const Finding& finding : findings) {
        const char* verdict = kVerdicts[static_cast<int>(finding.verdict)];
        if (finding.verdict == Finding::Verdict::Missing)
            answer["ok"] = false;
        answer["findings"].push_back(
            {{"what", finding.what}, {"verdict", verdict}, {"found", finding.found}});
        terminal.say(std::string(verdict) + std::string(9 - std::string(verdict).size(), ' ') + finding.what +
                     ": " + finding.found);
    }
    terminal.emit(answer);
    return answer["ok"].get<bool>() ? ExitCode::Done : ExitCode::Failed;
}

} // namespace

void addDoctorCommand(CLI::App& root, CommandSet& commands) {
    CLI::App& command =
        commands.add(root, "doctor", "Say what is installed, which devices are used, and what is missing");
    commands.actions.emplace_back(
        &command, [&commands](const Terminal& terminal) { return doctor(commands, terminal); });
}

} // namespace lathe
