#pragma once

#include "core/text/tokenizer.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lathe {

/// Byte range [from, to) of a text.
using ByteRange = std::pair<std::size_t, std::size_t>;

/// Whether a cell is a JSON list of messages, each with who speaks and what is said.
[[nodiscard]] bool looksLikeConversation(std::string_view cell);

/// A cell's conversation as chat templates read it: a JSON list of {"role", "content", …}. Takes lists of
/// {role, content} and of ShareGPT's {from, value}, bare or under "messages" or "conversations"; human, gpt
/// and the like become user and assistant; whatever else a message holds stays. `system`, where it is not
/// empty and the conversation has no system message, goes in front. Input error (without `where`) if it is
/// no such list, or empty.
[[nodiscard]] Result<std::string> messagesOf(std::string_view cell, const std::string& system);

/// One question and one answer as a conversation; a system message where there is one.
[[nodiscard]] std::string messagesOf(const std::string& system, const std::string& question,
                                     const std::string& answer);

/// A conversation with two voices and one exchange, perhaps after a system message.
struct Exchange {
    std::string system;
    std::string question;
    std::string answer;
};
/// Input error (without `where`) if there is more than that, or less.
[[nodiscard]] Result<Exchange> singleExchange(const std::string& messages);

/// A conversation in the model's own words, and what of it the model is to say.
struct MarkedChat {
    std::string text;
    std::vector<ByteRange> answers; ///< ascending
    /// Whether the template's own {% generation %} blocks marked them. A token belongs to such a range if it
    /// overlaps it, as in transformers' assistant mask; else if it begins in it.
    bool isMarkedByTemplate = false;
    std::string prompt; ///< what stands before the last answer, and makes the model give it
    std::string answer; ///< the content of the last answer
    std::vector<std::pair<std::string, ByteRange>> contents; ///< role and place of what the messages say
};

/// Renders by the tokenizer's chat template. Every assistant turn is an answer: where the template does not
/// mark them, the answer is what the turn adds to the conversation before it with the generation prompt.
/// Input error (without `where`) with the template's own words where it fails; if no turn is the
/// assistant's; and if a turn does not just continue the text before it, so that nobody could tell exactly
/// what to take the loss on.
[[nodiscard]] Result<MarkedChat> renderMarkedChat(const std::string& messages, const Tokenizer& tokenizer);

/// The conversation up to the assistant's last turn, ready for the model to give it, and the turn's content
/// (empty where the conversation does not end in one). Errors as renderMarkedChat().
[[nodiscard]] Result<std::pair<std::string, std::string>> renderAskedChat(const std::string& messages,
                                                                          const Tokenizer& tokenizer);

} // namespace lathe
