#include "core/data/prompt_template.h"

#include "core/base/text.h"

#include <algorithm>
#include <optional>
#include <span>

namespace lathe {

namespace {

struct Preset {
    PartInfo info;
    PromptTemplate prompt;
};

const std::string kTask = "Below is an instruction that describes a task";
const std::string kRequest = "Write a response that appropriately completes the request.";
const std::string kHeader = kTask + ". " + kRequest;
const std::string kHeaderWithInput =
    kTask + ", paired with an input that provides further context. " + kRequest;
const std::string kIndent(16, ' ');

/// The three blocks of an Alpaca prompt; `gap` stands between them.
std::string alpacaBlocks(const std::string& indent, const std::string& gap, bool hasInput) {
    std::string text = indent + "### Instruction:\n" + indent + "{instruction}" + gap;
    if (hasInput)
        text += indent + "### Input:\n" + indent + "{input}" + gap;
    return text + indent + "### Response:\n" + indent;
}

Preset textPreset(PartInfo info, std::string withInput, std::string withoutInput, std::string answerPrefix) {
    PromptTemplate prompt{info.id, std::move(withInput), std::move(withoutInput), "output",
                          std::move(answerPrefix)};
    prompt.usesRoles = true;
    return {std::move(info), std::move(prompt)};
}

const std::vector<Preset>& presets() {
    static const std::vector<Preset> all = [] {
        std::vector<Preset> made{
            textPreset({"plain", "Plain", "Instruction, input and \"Answer:\"; few tokens, for small models"},
                       "{instruction}\n\n{input}\n\nAnswer:", "{instruction}\n\nAnswer:", " "),
            textPreset({"alpaca", "Alpaca", "The Alpaca prompt without trailing spaces"},
                       kHeaderWithInput + "\n\n" + alpacaBlocks("", "\n\n", true),
                       kHeader + "\n\n" + alpacaBlocks("", "\n\n", false), ""),
            textPreset({"llm-adapters-train", "LLM-Adapters, training",
                        "Byte for byte what LLM-Adapters trains with"},
                       kHeaderWithInput + " \n\n" + alpacaBlocks(kIndent, "\n" + kIndent + "\n", true),
                       kHeader + "  \n\n" + alpacaBlocks(kIndent, "\n" + kIndent + "\n", false), ""),
            textPreset({"llm-adapters-eval", "LLM-Adapters, evaluation",
                        "Byte for byte what LLM-Adapters evaluates with"},
                       kHeaderWithInput + "\n\n" + alpacaBlocks(kIndent, "\n\n", true),
                       kHeader + " \n\n" + alpacaBlocks(kIndent, "\n\n", false), ""),
            textPreset({kChatTemplate, "The model's chat template",
                        "As the model was tuned for conversations; whole conversations too"},
                       "", "", ""),
            textPreset({kCustomTemplate, "Your own", "Written in the recipe, with columns in braces"}, "", "",
                       "")};
        made[4].prompt.kind = PromptTemplate::Kind::Chat;
        return made;
    }();
    return all;
}

/// A template cut at its braces: texts and column names in turn.
struct Piece {
    bool isColumn = false;
    std::string text;
    std::size_t position = 0; ///< of a column, from 1
};

Result<std::vector<Piece>> cutTemplate(const std::string& id, std::string_view source) {
    std::vector<Piece> pieces(1);
    for (std::size_t i = 0; i < source.size(); ++i) {
        const char sign = source[i];
        const bool isDoubled = i + 1 < source.size() && source[i + 1] == sign;
        if ((sign != '{' && sign != '}') || isDoubled) {
            pieces.back().text += sign;
            i += (sign == '{' || sign == '}') ? 1 : 0;
            continue;
        }
        const std::size_t end = source.find('}', i);
        if (sign == '}' || end == std::string_view::npos || end == i + 1)
            return inputError(id, "has a single '" + std::string(1, sign) + "' at position " +
                                      std::to_string(i + 1) +
                                      "; write {column} for a column and {{ or }} for a brace");
        pieces.push_back({true, std::string(source.substr(i + 1, end - i - 1)), i + 1});
        pieces.emplace_back();
        i = end;
    }
    return pieces;
}

Error missingColumn(const std::string& where, const std::string& column, const Row& row) {
    std::vector<std::string> names;
    for (const auto& [name, value] : row)
        names.push_back(name);
    return inputError(where, "has no column \"" + column + "\"; its columns are " +
                                 (names.empty() ? "none" : joined(names)));
}

std::optional<ColumnRole> roleNamed(std::string_view name) {
    if (name == "output")
        return ColumnRole::Answer;
    for (const ColumnRole role : allRoles())
        if (roleId(role) == name)
            return role;
    return std::nullopt;
}

} // namespace

std::string columnFor(const PromptTemplate& prompt, const std::string& name) {
    const auto role = prompt.usesRoles ? roleNamed(name) : std::nullopt;
    const auto given = role ? prompt.roles.find(*role) : prompt.roles.end();
    return given == prompt.roles.end() ? name : given->second;
}

namespace {

const std::string* cellFor(const PromptTemplate& prompt, const Row& row, const std::string& name) {
    const auto cell = row.find(columnFor(prompt, name));
    return cell == row.end() ? nullptr : &cell->second;
}

std::string textFor(const PromptTemplate& prompt, const Row& row, const std::string& name) {
    const std::string* cell = cellFor(prompt, row, name);
    return cell == nullptr ? std::string() : *cell;
}

/// The row's conversation; null where it has none. The better of two answers may be one.
const std::string* conversationIn(const PromptTemplate& prompt, const Row& row) {
    if (!prompt.usesRoles)
        return nullptr;
    if (const auto role = prompt.roles.find(ColumnRole::Conversation); role != prompt.roles.end())
        if (const auto cell = row.find(role->second); cell != row.end() && !cell->second.empty())
            return &cell->second;
    const std::string* answer = prompt.roles.contains(ColumnRole::Chosen)
                                    ? cellFor(prompt, row, std::string(roleId(ColumnRole::Answer)))
                                    : nullptr;
    return answer != nullptr && looksLikeConversation(*answer) ? answer : nullptr;
}

const std::string& sourceFor(const PromptTemplate& prompt, const Row& row) {
    const std::string* input = cellFor(prompt, row, "input");
    return input != nullptr && !input->empty() ? prompt.withInput : prompt.withoutInput;
}

Result<RenderedPrompt> promptOf(const PromptTemplate& prompt, const Row& row) {
    if (prompt.kind == PromptTemplate::Kind::Chat)
        return inputError(prompt.id, "is written by the model's tokenizer, which is not at hand here");
    if (prompt.withInput.empty() && prompt.withoutInput.empty())
        return inputError(prompt.id, "has no text; it is written in a recipe, so write the prompt out");
    LATHE_ASSIGN(const auto pieces, cutTemplate(prompt.id, sourceFor(prompt, row)));
    RenderedPrompt rendered;
    for (const Piece& piece : pieces) {
        const std::string* cell = piece.isColumn ? cellFor(prompt, row, piece.text) : &piece.text;
        if (cell == nullptr)
            return missingColumn("the row", columnFor(prompt, piece.text), row);
        if (piece.isColumn)
            rendered.parts.push_back({roleNamed(piece.text).value_or(ColumnRole::Input),
                                      {rendered.prompt.size(), rendered.prompt.size() + cell->size()}});
        rendered.prompt += *cell;
    }
    return rendered;
}

Error emptyAnswer(const PromptTemplate& prompt) {
    return inputError("", "the column \"" + columnFor(prompt, prompt.answerColumn) + "\" is empty");
}

/// A row with the roles' own names, from a conversation of one exchange.
Result<Row> exchangeRow(const PromptTemplate& prompt, const Row& row, const std::string& cell) {
    LATHE_ASSIGN(const std::string messages, messagesOf(cell, textFor(prompt, row, "system")));
    LATHE_ASSIGN(Exchange exchange, singleExchange(messages));
    Row fields = row;
    fields.insert_or_assign("system", exchange.system);
    fields.insert_or_assign("instruction", exchange.question);
    fields.insert_or_assign("input", std::string());
    fields.insert_or_assign(prompt.answerColumn, exchange.answer);
    return fields;
}

PromptTemplate withoutRoles(PromptTemplate prompt) {
    prompt.roles.clear();
    prompt.usesRoles = false;
    return prompt;
}

/// What a row without a conversation says to a chat template.
Result<std::string> messagesFrom(const PromptTemplate& prompt, const Row& row, const std::string& answer) {
    const std::string* question = cellFor(prompt, row, "instruction");
    if (question == nullptr)
        return missingColumn("", columnFor(prompt, "instruction"), row);
    const std::string input = textFor(prompt, row, "input");
    return messagesOf(textFor(prompt, row, "system"),
                      *question + (input.empty() || question->empty() ? "" : "\n\n") + input, answer);
}

/// Its messages, whatever form it has; an error where it has no answer.
Result<std::string> answeredMessages(const PromptTemplate& prompt, const Row& row) {
    if (const std::string* cell = conversationIn(prompt, row))
        return messagesOf(*cell, textFor(prompt, row, "system"));
    const std::string* answer = cellFor(prompt, row, prompt.answerColumn);
    if (answer == nullptr)
        return missingColumn("", columnFor(prompt, prompt.answerColumn), row);
    if (answer->empty())
        return emptyAnswer(prompt);
    return messagesFrom(prompt, row, *answer);
}

Result<RenderedRow> renderChatRow(const PromptTemplate& prompt, const Row& row, const Tokenizer& tokenizer) {
    LATHE_ASSIGN(const std::string messages, answeredMessages(prompt, row));
    LATHE_ASSIGN(MarkedChat chat, renderMarkedChat(messages, tokenizer));
    RenderedRow rendered;
    rendered.isWhole = true;
    rendered.isMarkedByTemplate = chat.isMarkedByTemplate;
    rendered.answers = std::move(chat.answers);
    rendered.prompt = std::move(chat.prompt);
    rendered.answer = std::move(chat.answer);
    rendered.text = std::move(chat.text);
    for (const auto& [role, place] : chat.contents)
        rendered.parts.push_back({role == "system"      ? ColumnRole::System
                                  : role == "assistant" ? ColumnRole::Answer
                                                        : ColumnRole::Instruction,
                                  place});
    return rendered;
}

} // namespace

std::vector<PartInfo> promptTemplates() {
    std::vector<PartInfo> infos;
    for (const Preset& preset : presets())
        infos.push_back(preset.info);
    return infos;
}

Result<PromptTemplate> findPromptTemplate(const std::string& id) {
    std::vector<std::string> ids;
    for (const Preset& preset : presets()) {
        if (preset.info.id == id)
            return preset.prompt;
        ids.push_back(preset.info.id);
    }
    return inputError("prompt template " + id, "is not known; choose one of " + joined(ids));
}

PromptTemplate customTemplate(const std::string& text, const std::string& withoutInput) {
    PromptTemplate prompt = findPromptTemplate(kCustomTemplate).value();
    prompt.withInput = text;
    prompt.withoutInput = withoutInput.empty() ? text : withoutInput;
    // Both halves end alike, or the answer could not begin alike.
    const auto spaces = [](const std::string& half) { return half.size() - half.find_last_not_of(' ') - 1; };
    const std::size_t common = std::min(spaces(prompt.withInput), spaces(prompt.withoutInput));
    prompt.answerPrefix = std::string(common, ' ');
    prompt.withInput.resize(prompt.withInput.size() - common);
    prompt.withoutInput.resize(prompt.withoutInput.size() - common);
    return prompt;
}

Status checkTemplateText(std::string_view text) {
    if (text.empty())
        return inputError("", "is empty; write the prompt, with {instruction} where the question stands");
    auto pieces = cutTemplate("", text);
    if (!pieces)
        return pieces.error();
    for (const Piece& piece : *pieces)
        if (piece.isColumn && roleNamed(piece.text) == ColumnRole::Answer)
            return inputError("", "has the answer {" + piece.text + "} at position " +
                                      std::to_string(piece.position) +
                                      "; leave it out, as the answer follows where the prompt ends");
    return ok();
}

PromptTemplate settledFor(const Table& table, PromptTemplate prompt) {
    if (prompt.usesRoles)
        prompt.roles = rolesIn(table, prompt.roles);
    return prompt;
}

Result<std::string> renderPrompt(const PromptTemplate& prompt, const Row& row) {
    LATHE_ASSIGN(RenderedPrompt rendered, promptOf(prompt, row));
    return std::move(rendered.prompt);
}

Result<RenderedPrompt> render(const PromptTemplate& prompt, const Row& row) {
    if (const std::string* cell = conversationIn(prompt, row)) {
        LATHE_ASSIGN(const Row fields, exchangeRow(prompt, row, *cell));
        return render(withoutRoles(prompt), fields);
    }
    LATHE_ASSIGN(RenderedPrompt rendered, promptOf(prompt, row));
    const std::string* answer = cellFor(prompt, row, prompt.answerColumn);
    if (answer == nullptr)
        return missingColumn("the row", columnFor(prompt, prompt.answerColumn), row);
    rendered.answer = prompt.answerPrefix + *answer;
    return rendered;
}

Result<RenderedRow> renderRow(const PromptTemplate& prompt, const Row& row, const Tokenizer& tokenizer) {
    if (prompt.kind == PromptTemplate::Kind::Chat)
        return renderChatRow(prompt, row, tokenizer);
    auto half = render(prompt, row);
    if (!half)
        return inputError("", half.error().message);
    if (half->answer.size() == prompt.answerPrefix.size())
        return emptyAnswer(prompt);
    RenderedRow rendered;
    rendered.text = half->prompt + half->answer;
    rendered.answers = {{half->prompt.size(), rendered.text.size()}};
    rendered.parts = std::move(half->parts);
    rendered.parts.push_back({ColumnRole::Answer, rendered.answers.front()});
    rendered.prompt = std::move(half->prompt);
    rendered.answer = std::move(half->answer);
    return rendered;
}

Result<AskedRow> askedIn(const PromptTemplate& prompt, const Row& row, const Tokenizer* tokenizer) {
    const std::string* cell = conversationIn(prompt, row);
    if (prompt.kind == PromptTemplate::Kind::Chat && tokenizer != nullptr) {
        const std::string expected = cell == nullptr ? textFor(prompt, row, prompt.answerColumn) : "";
        LATHE_ASSIGN(const std::string messages, cell != nullptr
                                                     ? messagesOf(*cell, textFor(prompt, row, "system"))
                                                     : messagesFrom(prompt, row, expected));
        LATHE_ASSIGN(auto asked, renderAskedChat(messages, *tokenizer));
        return AskedRow{std::move(asked.first), std::move(asked.second)};
    }
    if (cell != nullptr) {
        LATHE_ASSIGN(const Row fields, exchangeRow(prompt, row, *cell));
        return askedIn(withoutRoles(prompt), fields, tokenizer);
    }
    LATHE_ASSIGN(std::string text, renderPrompt(prompt, row));
    return AskedRow{std::move(text), textFor(prompt, row, prompt.answerColumn)};
}

Status checkColumns(const Table& table, const PromptTemplate& prompt) {
    const PromptTemplate settled = settledFor(table, prompt);
    LATHE_TRY(checkRoles(table, prompt.roles));
    for (std::size_t i = 0; i < table.size(); ++i) {
        const Row row = table.row(i);
        if (conversationIn(settled, row) != nullptr)
            continue; // what is wrong in it costs its own row
        Status problem = ok();
        if (settled.kind == PromptTemplate::Kind::Chat) {
            for (const std::string& name : {std::string("instruction"), settled.answerColumn})
                if (problem.has_value() && cellFor(settled, row, name) == nullptr)
                    problem = missingColumn("", columnFor(settled, name), row);
        } else if (const auto rendered = render(settled, row); !rendered) {
            problem = rendered.error();
        }
        if (!problem.has_value())
            return inputError(table.source.string() + ", line " + std::to_string(table.line(i)),
                              problem.error().message);
    }
    return ok();
}

} // namespace lathe
