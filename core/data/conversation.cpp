#include "core/data/conversation.h"

#include "core/text/chat.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace lathe {

namespace {

using Json = nlohmann::ordered_json; // templates write keys in the order they come

constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kVoices{
    {{"human", "user"},
     {"prompter", "user"},
     {"question", "user"},
     {"gpt", "assistant"},
     {"chatgpt", "assistant"},
     {"bot", "assistant"},
     {"bing", "assistant"},
     {"bard", "assistant"},
     {"model", "assistant"},
     {"answer", "assistant"},
     {"observation", "tool"},
     {"function_response", "tool"},
     {"tool_response", "tool"},
     {"ipython", "tool"}}};

std::string voiceOf(const std::string& name) {
    const auto known =
        std::ranges::find(kVoices, std::string_view(name), &decltype(kVoices)::value_type::first);
    return known == kVoices.end() ? name : std::string(known->second);
}

/// Renames a key in place, so that templates see the rest in the order it was written.
void rename(Json& message, const char* from, const char* to) {
    if (message.contains(to) || !message.contains(from))
        return;
    message[to] = message[from];
    message.erase(from);
}

bool isMessage(const Json& message) {
    return message.is_object() && (message.contains("role") || message.contains("from")) &&
           (message.contains("content") || message.contains("value") || message.contains("tool_calls"));
}

/// The list of messages in a cell; null where there is none.
Json listIn(std::string_view cell) {
    Json list = Json::parse(cell, nullptr, false);
    if (list.is_object())
        for (const char* key : {"messages", "conversations", "conversation"})
            if (list.contains(key)) {
                Json inner = list[key];
                list = std::move(inner);
                break;
            }
    return list.is_array() ? list : Json();
}

std::string roleOf(const Json& message) { return message.value("role", std::string()); }

/// The text of a message: its content, or the texts of its parts.
std::string contentOf(const Json& message) {
    const auto content = message.find("content");
    if (content == message.end())
        return {};
    if (content->is_string())
        return content->get<std::string>();
    std::string text;
    if (content->is_array())
        for (const Json& part : *content)
            if (part.is_object() && part.contains("text") && part["text"].is_string())
                text += part["text"].get<std::string>();
    return text;
}

std::string dumped(const Json& messages) {
    return messages.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json firstOf(const Json& messages, std::size_t count) {
    return Json(Json::array_t(messages.begin(), messages.begin() + static_cast<std::ptrdiff_t>(count)));
}

Result<RenderedChat> rendered(const Json& messages, const Tokenizer& tokenizer, bool addsHead) {
    ChatRendering options;
    options.addGenerationPrompt = addsHead;
    auto chat = renderConversation(tokenizer, dumped(messages), options);
    if (!chat)
        return inputError("", chat.error().message);
    return chat;
}

Error notStable(std::size_t turn, const std::string& what) {
    return inputError("", "the chat template " + what + " at message " + std::to_string(turn + 1) +
                              ", so the answer's place cannot be told exactly; use a template with {% "
                              "generation %} blocks, or another one");
}

/// What message `turn` adds to the conversation before it and the head of an answer.
Result<ByteRange> answerRange(const Json& messages, std::size_t turn, const std::string& whole,
                              const Tokenizer& tokenizer) {
    LATHE_ASSIGN(const RenderedChat before, rendered(firstOf(messages, turn), tokenizer, true));
    std::string upTo = whole;
    if (turn + 1 < messages.size()) {
        LATHE_ASSIGN(RenderedChat shorter, rendered(firstOf(messages, turn + 1), tokenizer, false));
        upTo = std::move(shorter.text);
    }
    if (!whole.starts_with(upTo))
        return notStable(turn, "changes what stands there when the conversation goes on");
    if (!upTo.starts_with(before.text))
        return notStable(turn, "begins an answer in another way than it asks for one");
    if (upTo.size() == before.text.size())
        return notStable(turn, "leaves out the answer");
    return ByteRange{before.text.size(), upTo.size()};
}

/// Where the messages' own words stand, as far as the template writes them unchanged.
std::vector<std::pair<std::string, ByteRange>> contentPlaces(const Json& messages, const std::string& text) {
    std::vector<std::pair<std::string, ByteRange>> places;
    std::size_t from = 0;
    for (const Json& message : messages) {
        std::string content = contentOf(message);
        std::size_t at = text.find(content, from);
        if (at == std::string::npos) { // many templates trim
            const std::size_t first = content.find_first_not_of(" \t\r\n");
            const std::size_t last = content.find_last_not_of(" \t\r\n");
            content = first == std::string::npos ? "" : content.substr(first, last - first + 1);
            at = text.find(content, from);
        }
        if (content.empty() || at == std::string::npos)
            continue;
        from = at + content.size();
        places.push_back({roleOf(message), {at, from}});
    }
    return places;
}

} // namespace

bool looksLikeConversation(std::string_view cell) {
    const std::size_t first = cell.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || (cell[first] != '[' && cell[first] != '{'))
        return false;
    const Json list = listIn(cell);
    return !list.empty() && std::ranges::all_of(list, isMessage);
}

Result<std::string> messagesOf(std::string_view cell, const std::string& system) {
    Json list = listIn(cell);
    if (list.is_null())
        return inputError("", "the conversation is no JSON list of messages");
    if (list.empty())
        return inputError("", "the conversation is empty");
    for (std::size_t i = 0; i < list.size(); ++i) {
        Json& message = list[i];
        if (!isMessage(message))
            return inputError("", "message " + std::to_string(i + 1) +
                                      " of the conversation has no role and content (or from and value)");
        rename(message, "from", "role");
        rename(message, "value", "content");
        if (!message["role"].is_string())
            return inputError("", "the role of message " + std::to_string(i + 1) + " is no text");
        message["role"] = voiceOf(message["role"].get<std::string>());
    }
    if (!system.empty() && roleOf(list.front()) != "system")
        list.insert(list.begin(), Json{{"role", "system"}, {"content", system}});
    return dumped(list);
}

std::string messagesOf(const std::string& system, const std::string& question, const std::string& answer) {
    Json list = Json::array();
    if (!system.empty())
        list.push_back(Json{{"role", "system"}, {"content", system}});
    list.push_back(Json{{"role", "user"}, {"content", question}});
    list.push_back(Json{{"role", "assistant"}, {"content", answer}});
    return dumped(list);
}

Result<Exchange> singleExchange(const std::string& messages) {
    const Json list = Json::parse(messages);
    const std::size_t first = !list.empty() && roleOf(list.front()) == "system" ? 1 : 0;
    if (list.size() != first + 2 || roleOf(list[first]) != "user" || roleOf(list[first + 1]) != "assistant")
        return inputError("", "a conversation of " + std::to_string(list.size()) +
                                  " messages is more than one question and its answer; choose the prompt "
                                  "template \"chat\"");
    return Exchange{first == 1 ? contentOf(list.front()) : "", contentOf(list[first]),
                    contentOf(list[first + 1])};
}

Result<MarkedChat> renderMarkedChat(const std::string& messages, const Tokenizer& tokenizer) {
    const Json list = Json::parse(messages);
    LATHE_ASSIGN(RenderedChat chat, rendered(list, tokenizer, false));
    MarkedChat marked;
    marked.isMarkedByTemplate = !chat.generated.empty();
    marked.answers = std::move(chat.generated);
    bool saysAnything = false;
    for (std::size_t turn = 0; turn < list.size(); ++turn) {
        if (roleOf(list[turn]) != "assistant")
            continue;
        marked.answer = contentOf(list[turn]);
        saysAnything = saysAnything || !marked.answer.empty() || list[turn].contains("tool_calls");
        if (marked.isMarkedByTemplate)
            continue;
        LATHE_ASSIGN(const ByteRange range, answerRange(list, turn, chat.text, tokenizer));
        marked.answers.push_back(range);
    }
    if (!saysAnything)
        return inputError("", marked.answers.empty() ? "the conversation has no turn of the assistant"
                                                     : "the assistant says nothing in the conversation");
    marked.prompt = chat.text.substr(0, marked.answers.back().first);
    marked.contents = contentPlaces(list, chat.text);
    marked.text = std::move(chat.text);
    return marked;
}

Result<std::pair<std::string, std::string>> renderAskedChat(const std::string& messages,
                                                            const Tokenizer& tokenizer) {
    const Json list = Json::parse(messages);
    std::size_t last = list.size();
    while (last > 0 && roleOf(list[last - 1]) != "assistant")
        --last;
    const bool isAnswered = last == list.size() && last > 0;
    LATHE_ASSIGN(RenderedChat chat,
                 rendered(firstOf(list, isAnswered ? last - 1 : list.size()), tokenizer, true));
    return std::pair(std::move(chat.text), isAnswered ? contentOf(list.back()) : std::string());
}

} // namespace lathe
