#include "app/cli/profile_command.h"

#include "app/cli/generation_flags.h"
#include "app/cli/profile_words.h"
#include "app/cli/recipe_flags.h"
#include "app/cli/stop_signal.h"
#include "app/cli/work_progress.h"
#include "core/data/token_cache.h"
#include "core/train/profile_training.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace lathe {

namespace {

struct Options {
    RecipeFlags recipe;
    ProfileRequest request;
};

ExitCode profile(const Options& options, const Terminal& terminal) {
    auto recipe = options.recipe.given();
    if (!recipe)
        return terminal.refuse(recipe.error());
    ProfileRequest request = options.request;
    request.recipe = std::move(*recipe);
    request.tokenCache = {tokenCacheFolder()};
    catchStopSignals();
    const StopOnSignal stop;
    request.stop = stop.token();
    WorkProgress progress(!terminal.isJson());
    request.onProgress = [&progress](const std::string& phase, std::int64_t done, std::int64_t total) {
        progress.show(phase, static_cast<std::uint64_t>(done), static_cast<std::uint64_t>(total));
    };
    const auto answer = profileTraining(request);
    if (!answer)
        return terminal.fail(answer.error(), exitCodeOf(answer.error()));
    tellProfile(*answer, terminal);
    return ExitCode::Done;
}

} // namespace

void addProfileCommand(CLI::App& root, CommandSet& commands) {
    auto options = std::make_shared<Options>(); // shared: std::function must be copyable
    CLI::App& command = commands.add(
        root, "profile", "Train a few steps, keep nothing, and tell where the time of a step goes");
    command
        .add_option("--steps", options->request.steps, "So many steps, after three that warm up (default 20)")
        ->type_name("N");
    options->recipe.addTo(command, commands.parts.recipeSchema, "recipe,--recipe");
    commands.actions.emplace_back(
        &command, [options](const Terminal& terminal) { return profile(*options, terminal); });
}

} // namespace lathe
