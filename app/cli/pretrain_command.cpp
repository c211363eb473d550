#include "app/cli/training_command.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace lathe {

namespace {

Status checkRecipe(StudySpec& spec) {
    for (const auto& [key, needed] : {std::pair("method", "full"), std::pair("init", "random")})
        if (const std::string given = toText(*spec.fixed.find(key)); given != needed)
            return inputError(flagFor(key), "is " + given + ", but pretrain needs " + needed +
                                                "; lathe train takes any other recipe");
    return ok();
}

} // namespace

void addPretrainCommand(CLI::App& root, CommandSet& commands) {
    auto options = std::make_shared<TrainingOptions>(); // shared: std::function must be copyable
    CLI::App& command = commands.add(
        root, "pretrain",
        "Train all weights of a model from random ones; --model needs config.json and a tokenizer");
    options->presets = {
        {"method", std::string("full")}, {"init", std::string("random")}, {"task", std::string("text")}};
    addTrainingOptions(command, *options, commands.parts);
    commands.actions.emplace_back(&command, [options, &commands](const Terminal& terminal) {
        return runTraining("pretrain", *options, checkRecipe, commands, terminal);
    });
}

} // namespace lathe
