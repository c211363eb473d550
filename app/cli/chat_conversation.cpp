#include "app/cli/chat_conversation.h"

#include "app/cli/adapter_flags.h"
#include "app/cli/generation_flags.h"
#include "app/cli/stop_signal.h"
#include "core/base/files.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace lathe {

ChatConversation::ChatConversation(std::vector<ChatSide> sides, GenerationOptions options,
                                   std::string promptTemplate)
    : m_sides(std::move(sides)), m_options(std::move(options)), m_promptTemplate(std::move(promptTemplate)) {}

void ChatConversation::reset() {
    for (ChatSide& side : m_sides) {
        side.messages.clear();
        if (!m_system.empty())
            side.messages.push_back({"system", m_system});
    }
}

void ChatConversation::setSystem(std::string system) {
    m_system = std::move(system);
    reset();
}

Status ChatConversation::setSeed(const std::string& text) {
    std::uint64_t seed = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seed);
    if (problem != std::errc() || end != text.data() + text.size())
        return inputError("/seed", "needs a whole number from 0 on, not \"" + text + "\"");
    m_options.seed = seed;
    return ok();
}

Status ChatConversation::setAdapter(const std::string& text) {
    if (text.empty())
        return ok();
    LATHE_ASSIGN(const AdapterChoice choice, parseAdapter(text));
    ChatSide& side = m_sides.back();
    AdapterMix mix = side.mix;
    const auto known = std::ranges::find(mix.adapters, choice.folder, &AdapterChoice::folder);
    if (known == mix.adapters.end())
        mix.adapters.push_back(choice);
    else
        known->strength = choice.strength;
    LATHE_TRY(side.generator->setAdapters(mix));
    side.mix = std::move(mix);
    return ok();
}

std::string ChatConversation::adapters() const {
    std::string text;
    for (const AdapterChoice& choice : m_sides.back().mix.adapters)
        text += (text.empty() ? "" : "\n") + choice.folder.string() + "  " + shortNumber(choice.strength);
    return text.empty() ? "No adapter is on." : text;
}

Status ChatConversation::save(const std::filesystem::path& file) const {
    if (file.empty())
        return inputError("/save", "needs the name of a file");
    nlohmann::ordered_json sides = nlohmann::ordered_json::array();
    for (const ChatSide& side : m_sides) {
        nlohmann::ordered_json messages = nlohmann::ordered_json::array();
        for (const ChatMessage& message : side.messages)
            messages.push_back({{"role", message.role}, {"content", message.content}});
        sides.push_back({{"name", side.name}, {"messages", messages}});
    }
    const nlohmann::ordered_json whole{{"sides", sides}};
    return writeFileAtomically(
        file, whole.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

Status ChatConversation::ask(const std::string& question, const Terminal& terminal) {
    m_wasStopped = false;
    const std::size_t before = m_sides.front().messages.size();
    Status answered = ok();
    for (std::size_t i = 0; i < m_sides.size() && answered; ++i)
        answered = askSide(m_sides[i], question, terminal);
    if (!answered) // all sides go on from the same questions
        for (ChatSide& side : m_sides)
            side.messages.resize(before);
    return answered;
}

Status ChatConversation::askSide(ChatSide& side, const std::string& question, const Terminal& terminal) {
    side.messages.push_back({"user", question});
    const auto answer = [&]() -> Result<GeneratedText> {
        LATHE_ASSIGN(const std::string prompt, promptFor(side));
        if (!side.name.empty())
            terminal.say(side.name + ":");
        const StopOnSignal stop;
        const auto show = [&terminal](std::string_view piece) {
            if (!terminal.isJson()) {
                std::fwrite(piece.data(), 1, piece.size(), stdout);
                std::fflush(stdout);
            }
        };
        return side.generator->generate(prompt, m_options, show, stop.token());
    }();
    if (!answer)
        return answer.error();
    m_wasStopped = m_wasStopped || answer->end == GeneratedText::End::Stopped;
    terminal.say("");
    terminal.emit({{"side", side.name},
                   {"question", question},
                   {"answer", answer->text},
                   {"end", endName(answer->end)},
                   {"tokens", answer->tokens},
                   {"seconds", answer->seconds}});
    side.messages.push_back({"assistant", answer->text});
    return ok();
}

Result<std::string> ChatConversation::promptFor(const ChatSide& side) const {
    if (m_promptTemplate.empty())
        return side.generator->prompt(side.messages);
    return templatedPrompt(m_promptTemplate, side.messages.back().content, "");
}

} // namespace lathe
