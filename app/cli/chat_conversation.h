#pragma once

#include "app/cli/terminal.h"
#include "core/tasks/text_generator.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace lathe {

/// A model that takes part in a conversation, and how the conversation went with it.
struct ChatSide {
    std::string name; ///< shown above its answers; empty where it is the only one
    std::unique_ptr<TextGenerator> generator;
    std::vector<ChatMessage> messages;
    AdapterMix mix = {};
};

/// A conversation with one model, or with two that get the same questions and the same seed.
class ChatConversation {
public:
    /// `promptTemplate`: asks each question alone through it; empty: through the model's chat template.
    ChatConversation(std::vector<ChatSide> sides, GenerationOptions options, std::string promptTemplate);

    void reset();
    /// Empty: none. Begins a new conversation.
    void setSystem(std::string system);
    /// Input error if it is not a whole number from 0 on.
    [[nodiscard]] Status setSeed(const std::string& text);
    /// Puts an adapter on the last side's model, or changes its strength, without loading the model anew.
    /// `text`: as parseAdapter() reads it; empty: changes nothing. Input error as setAdapters().
    [[nodiscard]] Status setAdapter(const std::string& text);
    /// Which adapters the last side has on, for people.
    [[nodiscard]] std::string adapters() const;
    /// Writes {"sides": [{"name", "messages": [{"role", "content"}]}]}.
    [[nodiscard]] Status save(const std::filesystem::path& file) const;
    /// Streams each side's answer for people; a line a side for machines. An answer that a stop signal cuts
    /// short stays in the conversation. After an error the question is forgotten.
    [[nodiscard]] Status ask(const std::string& question, const Terminal& terminal);
    /// Whether a stop signal cut the last answer short.
    [[nodiscard]] bool wasStopped() const { return m_wasStopped; }

private:
    [[nodiscard]] Status askSide(ChatSide& side, const std::string& question, const Terminal& terminal);
    [[nodiscard]] Result<std::string> promptFor(const ChatSide& side) const;

    std::vector<ChatSide> m_sides;
    GenerationOptions m_options;
    std::string m_promptTemplate;
    std::string m_system;
    bool m_wasStopped = false;
};

} // namespace lathe
