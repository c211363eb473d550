#include "app/cli/adapter_flags.h"
#include "app/cli/chat_conversation.h"
#include "app/cli/generation_flags.h"
#include "app/cli/stop_signal.h"
#include "core/data/prompt_template.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <iostream>
#include <memory>
#include <unistd.h>

namespace lathe {

namespace {

struct ChatOptions {
    GenerationFlags flags;
    std::vector<std::string> compare;
    std::string system;
};

constexpr const char* kHelp =
    "/reset       begin a new conversation\n"
    "/system TEXT a new conversation with this system message (none: without)\n"
    "/seed N      the seed of the next answers\n"
    "/save FILE   write the conversation as JSON\n"
    "/adapter DIR[=STRENGTH]  puts an adapter on, or makes it weaker or stronger (0: off);\n"
    "             without DIR tells which are on\n"
    "/quit        leave (also Ctrl+D); Ctrl+C stops an answer, a second one leaves";

/// One side, or with --compare the plain model and the one with the adapters.
Result<std::vector<ChatSide>> openSides(const ChatOptions& options, const ModelChoice& choice,
                                        const Terminal& terminal) {
    std::vector<ChatSide> sides;
    LATHE_ASSIGN(std::vector<AdapterChoice> compared, parseAdapters(options.compare));
    LATHE_ASSIGN(auto first, options.flags.open(choice.model, choice.mix, terminal));
    const bool isPair = !compared.empty();
    const bool isBase = choice.mix.adapters.empty();
    sides.push_back({isPair ? (isBase ? "base" : "first") : "", std::move(first), {}, choice.mix});
    if (isPair) {
        const AdapterMix mix{std::move(compared), choice.mix.isMerged};
        LATHE_ASSIGN(auto second, options.flags.open(choice.model, mix, terminal));
        sides.push_back({isBase ? "adapter" : "second", std::move(second), {}, mix});
    }
    return sides;
}

/// What to do with a line that begins with a slash. False: leave.
bool obey(const std::string& line, ChatConversation& conversation, const Terminal& terminal) {
    const auto space = line.find(' ');
    const std::string word = line.substr(0, space);
    const std::string rest = space == std::string::npos ? std::string() : line.substr(space + 1);
    if (word == "/quit" || word == "/exit")
        return false;
    if (word == "/reset") {
        conversation.reset();
    } else if (word == "/system") {
        conversation.setSystem(rest);
    } else if (word == "/seed") {
        if (const Status set = conversation.setSeed(rest); !set)
            terminal.warn(set.error().text());
    } else if (word == "/adapter") {
        if (const Status set = conversation.setAdapter(rest); !set)
            terminal.warn(set.error().text());
        terminal.warn(conversation.adapters());
    } else if (word == "/save") {
        if (const Status saved = conversation.save(rest); !saved)
            terminal.warn(saved.error().text());
        else
            terminal.say("Wrote " + rest);
    } else {
        if (word != "/help")
            terminal.warn(word + " is not a command; there are");
        terminal.warn(kHelp);
    }
    return true;
}

enum class Input { Line, End, Leave };

/// At the prompt a Ctrl+C leaves, also one that came too late for the answer before.
Input readLine(std::string& line, const ChatConversation& conversation, const Terminal& terminal) {
    if (isatty(STDIN_FILENO) != 0 && !terminal.isJson()) {
        std::fputs("> ", stdout);
        std::fflush(stdout);
    }
    if (setNextStop(NextStop::EndsProcess) && !conversation.wasStopped())
        return Input::Leave;
    const bool hasLine = static_cast<bool>(std::getline(std::cin, line));
    setNextStop(NextStop::AsksForStop);
    return hasLine ? Input::Line : Input::End;
}

ExitCode converse(ChatConversation& conversation, const Terminal& terminal) {
    ExitCode code = ExitCode::Done;
    for (std::string line;;) {
        const Input input = readLine(line, conversation, terminal);
        if (input != Input::Line)
            return input == Input::Leave ? ExitCode::Interrupted : code;
        if (line.ends_with('\r'))
            line.pop_back();
        if (line.empty())
            continue;
        if (line.front() == '/') {
            if (!obey(line, conversation, terminal))
                return code;
            continue;
        }
        // Someone at the terminal can ask anew; a script has to learn of it.
        if (const Status answered = conversation.ask(line, terminal); !answered)
            code = terminal.fail(answered.error(), exitCodeOf(answered.error()));
        else
            code = ExitCode::Done;
        if (code != ExitCode::Done && isatty(STDIN_FILENO) == 0)
            return code;
    }
}

ExitCode chat(const ChatOptions& options, const CommandSet& commands, const Terminal& terminal) {
    const auto choice = options.flags.choice(commands.shared);
    if (!choice)
        return terminal.refuse(choice.error());
    auto sides = openSides(options, *choice, terminal);
    if (!sides)
        return terminal.fail(sides.error(), exitCodeOf(sides.error()));
    catchStopSignals();
    const bool hasTemplate =
        sides->front().generator->hasChatTemplate() &&
        (options.flags.promptTemplate.empty() || options.flags.promptTemplate == kChatTemplate);
    if (!hasTemplate)
        terminal.warn("Each question stands alone, asked through the prompt template " +
                      choice->promptTemplate +
                      (options.flags.promptTemplate.empty() ? ": the model has no chat template." : "."));
    if (isatty(STDIN_FILENO) != 0 && !terminal.isJson())
        terminal.say("Ask away. /help shows the commands; Ctrl+C stops an answer, a second one leaves.");
    const GenerationOptions generation = options.flags.over(sides->front().generator->defaults());
    ChatConversation conversation(std::move(*sides), generation, hasTemplate ? "" : choice->promptTemplate);
    conversation.setSystem(options.system);
    return converse(conversation, terminal);
}

} // namespace

void addChatCommand(CLI::App& root, CommandSet& commands) {
    auto options = std::make_shared<ChatOptions>(); // shared: std::function must be copyable
    CLI::App& command = commands.add(root, "chat", "Talk with a model, with or without adapters");
    options->flags.addTo(command);
    command.add_option("--prompt-template", options->flags.promptTemplate,
                       "Ask through this prompt template instead of the model's chat template");
    command.add_option("--system", options->system, "The system message");
    command
        .add_option(
            "--compare", options->compare,
            "Answer twice, with the same seed: without and with this adapter (or --adapter and this); "
            "several as with --adapter")
        ->type_name("DIR[=STRENGTH]")
        ->allow_extra_args(false);
    commands.actions.emplace_back(&command, [options, &commands](const Terminal& terminal) {
        return chat(*options, commands, terminal);
    });
}

} // namespace lathe
