#include "app/cli/adapter_flags.h"
#include "app/cli/generation_flags.h"
#include "app/cli/shard_size.h"
#include "app/cli/stop_signal.h"
#include "app/cli/work_progress.h"
#include "core/train/merge_adapters.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <memory>

namespace lathe {

namespace fs = std::filesystem;

namespace {

struct MergeFlags {
    std::string model;
    std::vector<std::string> adapters;
    std::string target;
    std::string dtype;
    std::string maxShard;
};

Result<MergeRequest> requestOf(const MergeFlags& flags) {
    MergeRequest request;
    request.model = flags.model;
    LATHE_ASSIGN(request.adapters, parseAdapters(flags.adapters));
    if (!flags.target.empty())
        request.target = fs::absolute(flags.target).lexically_normal();
    request.dtype = flags.dtype;
    LATHE_ASSIGN(request.shardBytes, shardBytes(flags.maxShard));
    request.programVersion = LATHE_VERSION;
    return request;
}

void tell(const MergeReport& report, const Terminal& terminal) {
    using Json = nlohmann::ordered_json;
    terminal.emit({{"folder", report.folder.empty() ? Json() : Json(report.folder.string())},
                   {"logit_difference", report.check.difference},
                   {"base_restored", report.check.isRestored},
                   {"compared_on", report.check.comparedOn},
                   {"read_back_difference", report.difference ? Json(*report.difference) : Json()}});
    terminal.say(describe(report.check));
    if (report.difference)
        terminal.say("Written to " + report.folder.string() + ". Read back, its logits differ by at most " +
                     shortNumber(*report.difference) + ".");
}

ExitCode merge(const MergeFlags& flags, const Terminal& terminal) {
    auto request = requestOf(flags);
    if (!request)
        return terminal.refuse(request.error());
    catchStopSignals();
    const StopOnSignal stop;
    request->stop = stop.token();
    WorkProgress progress(!terminal.isJson());
    request->onProgress = [&progress](const std::string& phase, std::uint64_t done, std::uint64_t total) {
        progress.show(phase, done, total);
    };
    const auto report = mergeAdapters(*request);
    if (!report)
        return terminal.fail(report.error(), exitCodeOf(report.error()));
    tell(*report, terminal);
    return ExitCode::Done;
}

} // namespace

void addMergeCommand(CLI::App& root, CommandSet& commands) {
    auto flags = std::make_shared<MergeFlags>(); // shared: std::function must be copyable
    CLI::App& command = commands.add(
        root, "merge", "Fold adapters into a base model's weights, measure the difference, write the model");
    command.add_option("--model", flags->model, "The base model's folder")->required()->type_name("DIR");
    addAdapterOption(command, flags->adapters);
    command.add_option("--output,--out", flags->target, "The new folder [none: only measure]")
        ->type_name("DIR");
    command.add_option("--dtype", flags->dtype, "float32, bfloat16 or float16 [the base's own]")
        ->type_name("DTYPE");
    command.add_option("--max-shard", flags->maxShard, "Largest weight file [5GB]")->type_name("SIZE");
    commands.actions.emplace_back(&command,
                                  [flags](const Terminal& terminal) { return merge(*flags, terminal); });
}

} // namespace lathe
