#pragma once

#include "core/base/result.h"
#include "core/text/chat_template.h"
#include "core/text/tokenizer.h"

#include <span>
#include <string>
#include <string_view>

namespace lathe {

/// Who says what.
struct ChatTurn {
    std::string role; ///< "system", "user", "assistant", or what else the template knows
    std::string content;
};

/// How a conversation is rendered. JSON texts are empty where there is none.
struct ChatRendering {
    bool addGenerationPrompt = false;  ///< ends with the head of the assistant's next turn
    bool continueFinalMessage = false; ///< ends with the last message, so that the model goes on with it
    std::string toolsJson = {};        ///< list of JSON schemas of functions
    std::string documentsJson = {};    ///< list of objects with title and text
    std::string extraJson = {};        ///< object of further variables (enable_thinking …)
    std::string templateName = {}; ///< of several; empty: "tool_use" where there are tools, else "default"
};

/// A conversation as the model reads it, by the tokenizer's own chat template, as apply_chat_template of
/// transformers 5 gives it: tokenize it without special tokens. The template sees the special tokens by their
/// names (bos_token …). Input error where there is no template, or with the template's own words. Any thread.
[[nodiscard]] Result<RenderedChat>
renderConversation(const Tokenizer& tokenizer, std::span<const ChatTurn> turns, const ChatRendering& options);

/// The same of messages as JSON: a list of objects with role, content, and perhaps tool_calls and the like.
[[nodiscard]] Result<RenderedChat>
renderConversation(const Tokenizer& tokenizer, std::string_view messagesJson, const ChatRendering& options);

} // namespace lathe
