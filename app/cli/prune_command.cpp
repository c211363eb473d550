#include "app/cli/prune_command.h"

#include "app/cli/generation_flags.h"
#include "app/cli/terminal.h"
#include "app/cli/text_table.h"
#include "core/train/prune_adapter.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cmath>
#include <memory>

namespace lathe {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

double shareOf(double error, double norm) { return norm > 0 ? error / norm : 0; }

/// Of the squared length, which adds up over modules.
double keptOf(double error, double norm) { return 1 - std::pow(shareOf(error, norm), 2); }

Json jsonOf(const PruneReport& report) {
    Json modules = Json::array();
    for (const PrunedModule& each : report.modules)
        modules.push_back({{"module", each.name},
                           {"rank_before", each.rankBefore},
                           {"rank_after", each.rankAfter},
                           {"norm", each.norm},
                           {"error", each.error}});
    return {{"folder", report.folder.empty() ? Json() : Json(report.folder.string())},
            {"parameters_before", report.parametersBefore},
            {"parameters_after", report.parametersAfter},
            {"norm", report.norm},
            {"error", report.error},
            {"modules", std::move(modules)}};
}

void tell(const PruneReport& report, const Terminal& terminal) {
    terminal.emit(jsonOf(report));
    std::vector<std::vector<std::string>> rows{{"module", "rank", "kept", "of its energy"}};
    std::int64_t ranks = 0;
    for (const PrunedModule& each : report.modules) {
        rows.push_back({each.name, std::to_string(each.rankBefore), std::to_string(each.rankAfter),
                        percent(keptOf(each.error, each.norm))});
        ranks += each.rankAfter;
    }
    terminal.say(textTable(rows));
    terminal.say("Of " + std::to_string(report.parametersBefore) + " parameters " +
                 std::to_string(report.parametersAfter) + " stay; the mean rank is " +
                 shortNumber(static_cast<double>(ranks) / static_cast<double>(report.modules.size())) + ".");
    terminal.say("The Frobenius error is " + shortNumber(report.error) + ", " +
                 percent(report.lackingShare()) + " of the adapter's length; " +
                 percent(keptOf(report.error, report.norm)) + " of its energy is kept.");
    terminal.say(report.folder.empty() ? std::string("Nothing was written: give an output folder.")
                                       : "Written to " + report.folder.string() + ".");
}

ExitCode prune(PruneRequest request, const Terminal& terminal) {
    if (!request.target.empty())
        request.target = fs::absolute(request.target).lexically_normal();
    request.programVersion = LATHE_VERSION;
    const auto report = pruneAdapter(request);
    if (!report)
        return terminal.fail(report.error(), exitCodeOf(report.error()));
    tell(*report, terminal);
    return ExitCode::Done;
}

} // namespace

void addPruneCommand(CLI::App& root, CommandSet& commands) {
    auto request = std::make_shared<PruneRequest>(); // shared: std::function must be copyable
    CLI::App& command = commands.add(root, "prune-adapter",
                                     "Cut a trained LoRA adapter down to a budget, where it matters least");
    command.add_option("adapter", request->adapter, "The adapter's folder (plain LoRA)")
        ->required()
        ->type_name("DIR");
    command.add_option("output", request->target, "The new folder (PEFT's format) [none: only tell]")
        ->type_name("OUT");
    command.add_option("--parameters", request->parameters, "So many parameters may stay, over all modules")
        ->type_name("N");
    command.add_option("--mean-rank", request->meanRank, "Or such a rank, in the mean over all modules")
        ->type_name("R");
    command.add_option("--max-rank", request->mostRank, "No module keeps more than this rank")
        ->type_name("R");
    command
        .add_option("--threshold", request->threshold,
                    "Drop singular values below this share of the largest of all modules")
        ->type_name("SHARE");
    commands.actions.emplace_back(&command,
                                  [request](const Terminal& terminal) { return prune(*request, terminal); });
}

} // namespace lathe
