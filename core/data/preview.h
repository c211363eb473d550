#pragma once

#include "core/data/examples.h"

#include <optional>
#include <string>
#include <vector>

namespace lathe {

/// What a token of a training sequence stands for.
enum class TokenRole {
    Template,    ///< words of the prompt template
    System,      ///< the system message
    Instruction, ///< what is asked
    Input,       ///< what it is about, or another column
    Answer,      ///< what the model shall say
    Special,     ///< a special token
    Text,        ///< plain or labelled text
    TextPair     ///< the second of two labelled texts
};

/// A token as the model will see it.
struct PreviewToken {
    std::int32_t id = 0;
    std::string text; ///< its part of the text, white space before it included; a special token's name
    ByteRange range;  ///< in RowPreview::text (in `pair` for TextPair); empty for tokens that were added
    TokenRole role = TokenRole::Template;
    bool isMasked = false;  ///< no loss is taken on it
    bool isSpecial = false; ///< begin, end, padding and the like, written in the text or added to it
};

/// A row as the model will see it.
struct RowPreview {
    std::string text; ///< the rendered text
    std::string pair; ///< the second of two labelled texts
    std::vector<PreviewToken> tokens;
    std::optional<std::string> label; ///< of a labelled text
    std::string cutReason;            ///< what was cut, in a sentence; empty: nothing
    std::string dropReason; ///< why the row is left out; then there are no tokens. Empty: it is used
    std::size_t cutTokens = 0;
};

/// The very tokens and masks that makeInstructionExamples() gives of this row; both share their code. Input
/// error as that function's where the table as a whole cannot be read so. Contract: row < table.size().
[[nodiscard]] Result<RowPreview> previewInstruction(const Table& table, std::size_t row,
                                                    const PromptTemplate& prompt, const Tokenizer& tokenizer,
                                                    const ExampleOptions& options);

/// The same of makeLabelExamples(). `labelNames`: empty: those of the rows, which are all looked through.
[[nodiscard]] Result<RowPreview> previewLabel(const Table& table, std::size_t row,
                                              const LabelColumns& columns,
                                              std::vector<std::string> labelNames, const Tokenizer& tokenizer,
                                              const ExampleOptions& options);

/// The row's part of the stream that makeTextExamples() cuts into blocks, which it may be spread over.
[[nodiscard]] Result<RowPreview> previewText(const Table& table, std::size_t row, const std::string& column,
                                             const Tokenizer& tokenizer, const ExampleOptions& options);

} // namespace lathe
