#include "app/cli/open_project.h"
#include "app/cli/stop_signal.h"
#include "core/data/prompt_template.h"
#include "core/train/inference.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <iostream>
#include <iterator>
#include <memory>

namespace lathe {

namespace {

struct GenerateOptions {
    std::string model;
    std::string adapter;
    std::int64_t trial = 0;
    std::string prompt;
    std::string instruction;
    std::string input;
    std::string promptTemplate;
    GenerationOptions generation;
};

/// What to run, from what was said and, with --trial, from the trial's row.
struct Source {
    std::string model;
    std::string adapter;
    std::string promptTemplate = "plain";
};

Result<Source> sourceOf(const GenerateOptions& options, const SharedOptions& shared) {
    Source source{options.model, options.adapter, "plain"};
    if (options.trial > 0) {
        LATHE_ASSIGN(const StudyReader reader, openForReading(shared));
        LATHE_ASSIGN(const TrialRecord trial, findTrialWithAdapter(reader, options.trial));
        source = {trial.values.text("model"), trial.adapterFolder.string(), "plain"};
        if (const ParamValue* used = trial.values.find("prompt_template"); used != nullptr)
            source.promptTemplate = toText(*used);
    }
    if (!options.promptTemplate.empty())
        source.promptTemplate = options.promptTemplate;
    if (source.model.empty())
        return inputError("--model", "is missing; give a model folder, or --trial with a trial's number");
    return source;
}

Result<std::string> promptOf(const GenerateOptions& options, const Source& source) {
    if (!options.instruction.empty()) {
        LATHE_ASSIGN(const PromptTemplate prompt, findPromptTemplate(source.promptTemplate));
        return renderPrompt(prompt, {{"instruction", options.instruction}, {"input", options.input}});
    }
    std::string prompt = options.prompt;
    if (prompt == "-")
        prompt.assign(std::istreambuf_iterator<char>(std::cin), {});
    if (prompt.empty())
        return inputError("--prompt", "is missing; give a text, - for standard input, or --instruction");
    return prompt;
}

ExitCode generate(const GenerateOptions& options, const CommandSet& commands, const Terminal& terminal) {
    const auto source = sourceOf(options, commands.shared);
    if (!source)
        return terminal.refuse(source.error());
    const auto prompt = promptOf(options, *source);
    if (!prompt)
        return terminal.refuse(prompt.error());
    catchStopSignals();
    const auto show = [&terminal](std::string_view piece) {
        if (!terminal.isJson()) {
            std::fwrite(piece.data(), 1, piece.size(), stdout);
            std::fflush(stdout);
        }
        return !isStopRequested();
    };
    const auto text = generateText(source->model, source->adapter, *prompt, options.generation, show);
    if (!text)
        return terminal.fail(text.error(),
                             text.error().kind == Error::Kind::Input ? ExitCode::BadInput : ExitCode::Failed);
    terminal.say("");
    terminal.emit({{"prompt", *prompt}, {"text", *text}});
    return isStopRequested() ? ExitCode::Interrupted : ExitCode::Done;
}

void addSampling(CLI::App& command, GenerationOptions& generation) {
    command.add_option("--max-new-tokens", generation.maxNewTokens, "Stop after so many tokens (default 64)")
        ->check(CLI::Range(1, 1000000));
    command.add_option("--temperature", generation.temperature, "0: always the likeliest token (default)")
        ->check(CLI::Range(0.0, 100.0));
    command
        .add_option("--top-p", generation.topP, "Draw from the likeliest tokens of this total probability")
        ->check(CLI::Range(0.0, 1.0));
    command.add_option("--seed", generation.seed, "Of the drawing (default 0)");
}

} // namespace

void addGenerateCommand(CLI::App& root, CommandSet& commands) {
    auto options = std::make_shared<GenerateOptions>(); // shared: std::function must be copyable
    CLI::App& command =
        commands.add(root, "generate", "Let a model, with or without an adapter, continue a text");
    command.add_option("--model", options->model, "Model folder")->type_name("DIR");
    command.add_option("--adapter", options->adapter, "Adapter folder (PEFT's format)")->type_name("DIR");
    command.add_option("--trial", options->trial, "Model, adapter and prompt template of this trial")
        ->check(CLI::PositiveNumber)
        ->type_name("TRIAL");
    command.add_option("--prompt", options->prompt, "The text to continue, as it is; - reads standard input");
    command.add_option("--instruction", options->instruction, "Asked through the prompt template");
    command.add_option("--input", options->input, "The input that belongs to --instruction");
    command.add_option("--prompt-template", options->promptTemplate,
                       "For --instruction (default: the trial's, or plain)");
    addSampling(command, options->generation);
    commands.actions.emplace_back(&command, [options, &commands](const Terminal& terminal) {
        return generate(*options, commands, terminal);
    });
}

} // namespace lathe
