#pragma once

#include "core/base/registry.h"
#include "core/data/column_roles.h"
#include "core/data/conversation.h"

#include <string>
#include <vector>

namespace lathe {

/// How a row becomes a prompt and an answer. In the texts, {column} stands for a column's value; {{ and }}
/// for braces.
struct PromptTemplate {
    enum class Kind {
        Text, ///< the texts below
        Chat  ///< the model's own chat template; the texts are empty
    };
    std::string id;
    std::string withInput;    ///< used where the row's `input` column is there and not empty
    std::string withoutInput; ///< used otherwise
    std::string answerColumn; ///< "output"
    /// Put between prompt and answer, and counted as part of the answer: " " where the prompt ends in a word,
    /// because tokenizers join a space to the word behind it, so that a prompt ending in a space would be
    /// tokenized differently with and without an answer. Empty where the prompt ends in a line break.
    std::string answerPrefix;
    Kind kind = Kind::Text;
    /// {instruction}, {input}, {system} and the answer's column are those that play these roles, whatever
    /// they are called; other names are columns. A conversation of one exchange fills them too.
    bool usesRoles = false;
    /// Where usesRoles: the columns that are given, or rolesIn() a table.
    ColumnRoles roles = {};
};

inline constexpr const char* kChatTemplate = "chat";
inline constexpr const char* kCustomTemplate = "custom";

/// The presets: "plain" (short, for small models and small context lengths), "alpaca" (Alpaca without
/// trailing spaces), "llm-adapters-train" and "llm-adapters-eval" (byte for byte those of the LLM-Adapters
/// recipes, Hu et al. 2023, arXiv:2304.01933, which differ from each other in white space), "chat" (the
/// model's own chat template: system, instruction and input as the user's turn, the answer as the
/// assistant's; conversations whole) and "custom" (written by the user).
[[nodiscard]] std::vector<PartInfo> promptTemplates();
/// Input error listing the known ids. "custom" has no text yet.
[[nodiscard]] Result<PromptTemplate> findPromptTemplate(const std::string& id);
/// A template of the user's. The answer follows where it ends; spaces at the end are counted as part of the
/// answer. `withoutInput`, for rows without input, may be empty: then `text` serves for all.
[[nodiscard]] PromptTemplate customTemplate(const std::string& text, const std::string& withoutInput);
/// Input error (without `where`) with the position, from 1, of a brace that is alone, of an empty name, or of
/// the answer, which follows by itself; or if the text is empty.
[[nodiscard]] Status checkTemplateText(std::string_view text);

/// The template with its roles settled for this table; as it is where it uses none.
[[nodiscard]] PromptTemplate settledFor(const Table& table, PromptTemplate prompt);

/// The column that a name in a template stands for: that of the role of this name where the template uses
/// roles, else the name itself.
[[nodiscard]] std::string columnFor(const PromptTemplate& prompt, const std::string& name);

/// The two halves of a training text; `answer` begins with the template's answerPrefix.
struct RenderedPrompt {
    std::string prompt;
    std::string answer;
    std::vector<std::pair<ColumnRole, ByteRange>> parts = {}; ///< which bytes of the prompt are of a column
};
/// The template's prompt for this row alone, for a row without an answer. Input error naming a column the row
/// lacks, or what is wrong with the braces; or for "chat", which only a tokenizer can render.
[[nodiscard]] Result<std::string> renderPrompt(const PromptTemplate& prompt, const Row& row);
/// As renderPrompt(), and an input error if the answer's column is missing.
[[nodiscard]] Result<RenderedPrompt> render(const PromptTemplate& prompt, const Row& row);

/// A training text whole.
struct RenderedRow {
    std::string text;
    std::vector<ByteRange> answers;  ///< ascending; the last one ends the text unless it is a conversation
    bool isMarkedByTemplate = false; ///< as MarkedChat
    bool isWhole = false;            ///< special tokens are written out in it, and none are to be added
    std::string prompt;              ///< before the last answer
    std::string answer;
    std::vector<std::pair<ColumnRole, ByteRange>> parts; ///< which bytes are of a column
};
/// Input error (without `where`) if the row must be left out: it has no answer, a column is missing, a
/// conversation is broken, or the chat template refuses it.
[[nodiscard]] Result<RenderedRow> renderRow(const PromptTemplate& prompt, const Row& row,
                                            const Tokenizer& tokenizer);

/// What a row asks a model, and what is to be said.
struct AskedRow {
    std::string prompt;
    std::string expected; ///< without the template's answerPrefix; empty: the row has no answer
};
/// As renderPrompt(); conversations are asked for their last answer. Input error for "chat" where there is no
/// tokenizer.
[[nodiscard]] Result<AskedRow> askedIn(const PromptTemplate& prompt, const Row& row,
                                       const Tokenizer* tokenizer);

/// Input error at the first row that lacks a column the template needs; names line, column and the columns it
/// has.
[[nodiscard]] Status checkColumns(const Table& table, const PromptTemplate& prompt);

} // namespace lathe
