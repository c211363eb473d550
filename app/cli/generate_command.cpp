#include "app/cli/generation_flags.h"
#include "app/cli/stop_signal.h"
#include "core/base/files.h"
#include "core/data/prompt_template.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <iostream>
#include <iterator>
#include <memory>
#include <sstream>

namespace lathe {

namespace {

struct GenerateOptions {
    GenerationFlags flags;
    std::string prompt;
    std::string prompts;
    std::string instruction;
    std::string input;
    std::string system;
    bool isChat = false;
};

/// One prompt a line; in a file that ends in .jsonl each line is a JSON text or an object with a "prompt".
Result<std::vector<std::string>> readPrompts(const std::filesystem::path& path) {
    LATHE_ASSIGN(const std::string content, readFile(path));
    std::vector<std::string> prompts;
    std::istringstream lines(content);
    for (std::string line; std::getline(lines, line);) {
        if (line.ends_with('\r'))
            line.pop_back();
        if (line.empty())
            continue;
        if (path.extension() == ".jsonl") {
            const auto json = nlohmann::json::parse(line, nullptr, false);
            const auto* text = json.is_object() && json.contains("prompt") ? &json["prompt"] : &json;
            if (!text->is_string())
                return inputError(path.string(), "prompt " + std::to_string(prompts.size() + 1) +
                                                     " is neither a JSON text nor an object with a prompt");
            line = text->get<std::string>();
        }
        prompts.push_back(std::move(line));
    }
    if (prompts.empty())
        return inputError(path.string(), "has no prompt; give one a line");
    return prompts;
}

bool isAskedByChat(const GenerateOptions& options, const ModelChoice& choice) {
    return options.isChat || (!options.instruction.empty() && choice.promptTemplate == kChatTemplate);
}

Result<std::vector<std::string>> readQuestions(const GenerateOptions& options, const ModelChoice& choice) {
    if (!options.prompts.empty())
        return readPrompts(options.prompts);
    if (!options.instruction.empty() && !isAskedByChat(options, choice)) {
        LATHE_ASSIGN(std::string prompt,
                     templatedPrompt(choice.promptTemplate, options.instruction, options.input));
        return std::vector{std::move(prompt)};
    }
    std::string prompt = options.instruction.empty() ? options.prompt : options.instruction;
    if (prompt == "-")
        prompt.assign(std::istreambuf_iterator<char>(std::cin), {});
    if (!options.instruction.empty() && !options.input.empty())
        prompt += "\n\n" + options.input;
    if (prompt.empty())
        return inputError("--prompt", "is missing; give a text, - for standard input, --instruction, or "
                                      "--prompts with a file");
    return std::vector{std::move(prompt)};
}

/// Each question as the only one of a conversation.
Status applyChatTemplate(const TextGenerator& generator, const std::string& system,
                         std::vector<std::string>& questions) {
    for (std::string& question : questions) {
        std::vector<ChatMessage> messages;
        if (!system.empty())
            messages.push_back({"system", system});
        messages.push_back({"user", question});
        LATHE_ASSIGN(question, generator.prompt(messages));
    }
    return ok();
}

void report(const Terminal& terminal, const std::string& prompt, const GeneratedText& made) {
    terminal.emit({{"prompt", prompt},
                   {"text", made.text},
                   {"end", endName(made.end)},
                   {"prompt_tokens", made.promptTokens},
                   {"tokens", made.tokens},
                   {"seconds", made.seconds}});
}

Status continueOne(TextGenerator& generator, const std::string& prompt, const GenerationOptions& options,
                   const Terminal& terminal, std::stop_token stop) {
    const auto show = [&terminal](std::string_view piece) {
        if (!terminal.isJson()) {
            std::fwrite(piece.data(), 1, piece.size(), stdout);
            std::fflush(stdout);
        }
    };
    LATHE_ASSIGN(const GeneratedText made, generator.generate(prompt, options, show, std::move(stop)));
    terminal.say("");
    report(terminal, prompt, made);
    return ok();
}

Status continueAll(TextGenerator& generator, const std::vector<std::string>& prompts,
                   const GenerationOptions& options, const Terminal& terminal, std::stop_token stop) {
    LATHE_ASSIGN(const auto made, generator.generateAll(prompts, options, std::move(stop)));
    for (std::size_t i = 0; i < made.size(); ++i) {
        terminal.say((i == 0 ? "" : "\n") + std::to_string(i + 1) + ": " + prompts[i] + "\n" + made[i].text);
        report(terminal, prompts[i], made[i]);
    }
    return ok();
}

ExitCode generate(const GenerateOptions& options, const CommandSet& commands, const Terminal& terminal) {
    const auto choice = options.flags.choice(commands.shared);
    if (!choice)
        return terminal.refuse(choice.error());
    auto questions = readQuestions(options, *choice);
    if (!questions)
        return terminal.refuse(questions.error());
    catchStopSignals();
    const StopOnSignal stop;
    const auto generator = options.flags.open(choice->model, choice->mix, terminal);
    if (!generator)
        return terminal.fail(generator.error(), exitCodeOf(generator.error()));
    if (isAskedByChat(options, *choice))
        if (const Status applied = applyChatTemplate(**generator, options.system, *questions); !applied)
            return terminal.refuse(applied.error());
    const GenerationOptions generation = options.flags.over((*generator)->defaults());
    const Status done = options.prompts.empty()
                            ? continueOne(**generator, questions->front(), generation, terminal, stop.token())
                            : continueAll(**generator, *questions, generation, terminal, stop.token());
    if (!done)
        return terminal.fail(done.error(), exitCodeOf(done.error()));
    return isStopRequested() ? ExitCode::Interrupted : ExitCode::Done;
}

} // namespace

void addGenerateCommand(CLI::App& root, CommandSet& commands) {
    auto options = std::make_shared<GenerateOptions>(); // shared: std::function must be copyable
    CLI::App& command =
        commands.add(root, "generate", "Let a model, with or without adapters, continue a text");
    options->flags.addTo(command);
    auto* prompt = command.add_option("--prompt", options->prompt,
                                      "The text to continue, as it is; - reads standard input");
    auto* instruction =
        command.add_option("--instruction", options->instruction, "Asked through the prompt template");
    command
        .add_option("--prompts", options->prompts,
                    "Continue several texts as one batch: one a line, or JSON lines (.jsonl) with a prompt")
        ->type_name("FILE")
        ->excludes(prompt)
        ->excludes(instruction);
    command.add_option("--input", options->input, "The input that belongs to --instruction");
    command.add_option("--prompt-template", options->flags.promptTemplate,
                       "For --instruction (default: the trial's, or plain)");
    auto* chat = command.add_flag("--chat", options->isChat, "Ask through the model's chat template");
    command.add_option("--system", options->system, "The system message of --chat")->needs(chat);
    commands.actions.emplace_back(&command, [options, &commands](const Terminal& terminal) {
        return generate(*options, commands, terminal);
    });
}

} // namespace lathe
