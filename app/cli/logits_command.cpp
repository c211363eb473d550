#include "app/cli/adapter_flags.h"
#include "app/cli/command_set.h"
#include "core/base/files.h"
#include "core/train/inference.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <memory>

namespace lathe {

namespace {

struct LogitsOptions {
    std::string model;
    std::vector<std::string> adapters;
    bool isMerged = false;
    std::string ids;
    std::string output;
};

ExitCode logits(const LogitsOptions& options, const Terminal& terminal) {
    const auto ids = readFile(options.ids);
    if (!ids)
        return terminal.refuse(ids.error());
    const auto adapters = parseAdapters(options.adapters);
    if (!adapters)
        return terminal.refuse(adapters.error());
    const Status written = writeLogits(options.model, {*adapters, options.isMerged}, *ids, options.output);
    if (!written)
        return terminal.fail(written.error(), written.error().kind == Error::Kind::Input ? ExitCode::BadInput
                                                                                         : ExitCode::Failed);
    terminal.emit({{"out", std::filesystem::absolute(options.output).string()}});
    terminal.say("Wrote " + options.output);
    return ExitCode::Done;
}

} // namespace

void addLogitsCommand(CLI::App& root, CommandSet& commands) {
    auto options = std::make_shared<LogitsOptions>(); // shared: std::function must be copyable
    CLI::App& command =
        commands.add(root, "logits", "Write a model's logits for given token ids, for comparisons");
    command.add_option("--model", options->model, "Model folder")->required()->type_name("DIR");
    addAdapterOption(command, options->adapters);
    command.add_flag("--merge", options->isMerged, "Fold the adapters into the base's weights first");
    command
        .add_option(
            "--ids", options->ids,
            R"(JSON: {"input_ids": [[…]], "attention_mask": [[…]]}, and position_ids or token_type_ids)")
        ->required()
        ->type_name("FILE");
    command.add_option("--out", options->output, "Safetensors file to write: `logits`, fp32")
        ->required()
        ->type_name("FILE");
    commands.actions.emplace_back(&command,
                                  [options](const Terminal& terminal) { return logits(*options, terminal); });
}

} // namespace lathe
