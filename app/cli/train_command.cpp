#include "app/cli/run_study.h"
#include "app/cli/training_command.h"
#include "app/example_files.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace lathe {

void addTrainCommand(CLI::App& root, CommandSet& commands) {
    auto options = std::make_shared<TrainingOptions>(); // shared: std::function must be copyable
    CLI::App& command = commands.add(root, "train", "Fine-tune a model: one run");
    addTrainingOptions(command, *options, commands.parts);
    commands.actions.emplace_back(&command, [options, &commands](const Terminal& terminal) {
        return runTraining(
            "train", *options, [](StudySpec&) { return ok(); }, commands, terminal);
    });
}

ExitCode trainFirstExample(const CommandSet& commands, const Terminal& terminal) {
    const auto examples = findExamples();
    if (!examples)
        return terminal.refuse(examples.error());
    auto recipe = readExample(*examples, kFirstExample, commands.parts.recipeSchema);
    if (!recipe)
        return terminal.refuse(recipe.error());
    const std::string name = std::string("example ") + kFirstExample;
    return runNewStudy(makeStudySpec("train", name, std::move(*recipe), commands.parts), 1, {}, commands,
                       terminal);
}

} // namespace lathe
