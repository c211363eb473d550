#include "core/text/chat.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace lathe {

namespace {

using Json = nlohmann::ordered_json; // templates write keys in the order they come

/// The same words as in transformers, so that templates that trim messages behave alike.
constexpr std::string_view kTag = "CONTINUE_FINAL_MESSAGE_TAG ";

/// White space of Python's str.strip().
constexpr std::array<std::string_view, 29> kSpaces{
    " ",      "\t",     "\n",     "\v",     "\f",     "\r",     "\x1C",   "\x1D",   "\x1E",   "\x1F",
    "\u0085", "\u00A0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
    "\u2007", "\u2008", "\u2009", "\u200A", "\u2028", "\u2029", "\u202F", "\u205F", "\u3000"};

std::string_view withoutSpaceAtEnd(std::string_view text) {
    for (bool isTrimmed = false; !isTrimmed;) {
        const auto space =
            std::ranges::find_if(kSpaces, [&](std::string_view s) { return text.ends_with(s); });
        isTrimmed = space == kSpaces.end();
        if (!isTrimmed)
            text.remove_suffix(space->size());
    }
    return text;
}

std::string_view trimmed(std::string_view text) {
    text = withoutSpaceAtEnd(text);
    for (bool isTrimmed = false; !isTrimmed;) {
        const auto space =
            std::ranges::find_if(kSpaces, [&](std::string_view s) { return text.starts_with(s); });
        isTrimmed = space == kSpaces.end();
        if (!isTrimmed)
            text.remove_prefix(space->size());
    }
    return text;
}

Result<Json> parsed(std::string_view text, const char* what, bool isObject) {
    if (text.empty())
        return Json();
    Json value = Json::parse(text, nullptr, false);
    if (value.is_discarded() || (isObject ? !value.is_object() : !value.is_array()))
        return inputError("chat", std::string("the ") + what + " are not a JSON " +
                                      (isObject ? "object" : "list") + ": correct them");
    return value;
}

/// A message's reasoning goes by several names; templates read these two.
void aliasReasoning(Json& message) {
    for (const char* name : {"reasoning_content", "thinking", "reasoning"})
        if (const auto found = message.find(name); found != message.end() && !found->is_null()) {
            const Json reasoning = *found;
            message["reasoning_content"] = reasoning;
            if (!message.contains("thinking"))
                message["thinking"] = reasoning;
            return;
        }
}

Result<std::string> templateFor(const Tokenizer& tokenizer, const ChatRendering& options) {
    const auto& templates = tokenizer.chatTemplates();
    std::string name = options.templateName;
    if (name.empty())
        name = !options.toolsJson.empty() && templates.contains("tool_use") ? "tool_use" : "default";
    if (const auto found = templates.find(name); found != templates.end())
        return found->second;
    if (templates.empty())
        return inputError("chat",
                          "the model has no chat template: write the prompt as plain text, or choose a "
                          "model that was tuned for conversations");
    std::string known;
    for (const auto& [other, text] : templates)
        known += (known.empty() ? "" : ", ") + other;
    return inputError("chat", "the model has no chat template called " + name + ", only " + known +
                                  ": choose one of them");
}

/// Appends the tag to the last message's text and returns that text as it was.
Result<std::string> tagLastMessage(Json& messages) {
    if (messages.empty())
        return inputError("chat", "the conversation is empty, so there is no message to continue");
    Json& content = messages.back()["content"];
    Json* text = content.is_string() ? &content : nullptr;
    if (content.is_array())
        for (Json& block : content) // of several parts the last one with a text
            if (block.is_object() && block.contains("text") && block["text"].is_string())
                text = &block["text"];
    if (!text)
        return inputError("chat", "the last message has no text to continue");
    std::string before = text->get<std::string>();
    *text = before + std::string(kTag);
    return before;
}

/// Ends the chat where the last message ends.
Status cutAfterLastMessage(RenderedChat& chat, std::string_view lastText) {
    const std::size_t tag = chat.text.rfind(trimmed(kTag));
    if (tag == std::string::npos || chat.text.find(trimmed(lastText)) == std::string::npos)
        return inputError("chat", "the chat template leaves out or changes the last message, so it cannot be "
                                  "continued: answer with a new message instead");
    const bool keepsSpace = std::string_view(chat.text).substr(tag).starts_with(kTag);
    chat.text.resize(tag);
    if (!keepsSpace) // the template trims messages
        chat.text.resize(withoutSpaceAtEnd(chat.text).size());
    std::erase_if(chat.generated, [&](const auto& range) { return range.first >= chat.text.size(); });
    for (auto& range : chat.generated)
        range.second = std::min(range.second, chat.text.size());
    return ok();
}

Result<RenderedChat> render(const Tokenizer& tokenizer, Json messages, const ChatRendering& options) {
    if (options.addGenerationPrompt && options.continueFinalMessage)
        return inputError("chat",
                          "a message cannot be both continued and followed by a new one: choose one of "
                          "continueFinalMessage and addGenerationPrompt");
    LATHE_ASSIGN(const std::string source, templateFor(tokenizer, options));
    LATHE_ASSIGN(Json context, parsed(options.extraJson, "extra variables", true));
    if (context.is_null())
        context = Json::object();
    LATHE_ASSIGN(context["tools"], parsed(options.toolsJson, "tools", false));
    LATHE_ASSIGN(context["documents"], parsed(options.documentsJson, "documents", false));
    for (const auto& [role, name] : tokenizer.specialTokens())
        if (!context.contains(role))
            context[role] = name;
    for (Json& message : messages) {
        if (!message.is_object())
            return inputError("chat", "a message is not a JSON object: give each a role and a content");
        aliasReasoning(message);
    }
    std::string lastText;
    if (options.continueFinalMessage) {
        LATHE_ASSIGN(lastText, tagLastMessage(messages));
    }
    context["messages"] = std::move(messages);
    context["add_generation_prompt"] = options.addGenerationPrompt;
    LATHE_ASSIGN(RenderedChat chat,
                 renderChat(source, context.dump(-1, ' ', false, Json::error_handler_t::replace)));
    if (options.continueFinalMessage)
        LATHE_TRY(cutAfterLastMessage(chat, lastText));
    return chat;
}

} // namespace

Result<RenderedChat> renderConversation(const Tokenizer& tokenizer, std::span<const ChatTurn> turns,
                                        const ChatRendering& options) {
    Json messages = Json::array();
    for (const ChatTurn& turn : turns)
        messages.push_back(Json{{"role", turn.role}, {"content", turn.content}});
    return render(tokenizer, std::move(messages), options);
}

Result<RenderedChat> renderConversation(const Tokenizer& tokenizer, std::string_view messagesJson,
                                        const ChatRendering& options) {
    LATHE_ASSIGN(Json messages, parsed(messagesJson, "messages", false));
    if (messages.is_null())
        messages = Json::array();
    return render(tokenizer, std::move(messages), options);
}

} // namespace lathe
