#pragma once

#include "core/base/random.h"
#include "core/data/prompt_template.h"
#include "core/data/table.h"
#include "core/text/tokenizer.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lathe {

/// No loss is taken at this label (the convention of PyTorch's cross entropy).
inline constexpr std::int32_t kIgnoreLabel = -100;

/// One training sequence. labels[i] is ids[i] where the token counts for the loss, else kIgnoreLabel; the
/// model shifts by one.
struct Example {
    std::vector<std::int32_t> ids;
    std::vector<std::int32_t> labels;
    std::string prompt; ///< the text before the answer, for samples; empty for plain text
    std::string answer;
    /// Of a text as a whole: the number of its label. Then `labels` are all ignored.
    std::optional<std::int32_t> textLabel;
    /// Of a text as a whole: the number that is told of it. Then `labels` are all ignored.
    std::optional<double> textNumber = {};
    std::vector<std::uint8_t> typeIds; ///< as Encoding::typeIds; empty: all 0
    std::size_t row = 0;               ///< of the table; 0 in blocks of plain text, which span rows
    bool isPromptWhole = false;        ///< the prompt writes its special tokens out, as chat templates do
};

/// What became of the rows.
struct ExampleSet {
    std::vector<Example> examples;
    std::vector<DroppedRow> dropped;
    std::vector<DroppedRow> cut;           ///< rows that are used, but not whole, and what they lost
    std::size_t truncatedCount = 0;        ///< size of `cut`
    std::size_t cutPromptCount = 0;        ///< of these, rows whose prompt lost its beginning
    std::size_t cutAnswerCount = 0;        ///< and those whose answer (or text) lost its end
    std::size_t droppedForLengthCount = 0; ///< of `dropped`
    std::vector<std::string> labelNames;   ///< of labelled texts, by number
};

/// What is done with a row that is longer than a sequence may be.
enum class LengthPolicy {
    CutPrompt, ///< the prompt loses its beginning; the begin token and the (last) answer stay whole
    CutAnswer, ///< the answer loses its end, and has no end token then
    Drop       ///< the row is left out
};

struct ExampleOptions {
    std::size_t maxLength = 256; ///< tokens
    LengthPolicy lengthPolicy = LengthPolicy::CutAnswer;
    bool lossOnPrompt = false;    ///< true: the prompt counts too ("train on inputs")
    bool shouldAppendEos = true;  ///< only where it fits
    bool shouldPrependBos = true; ///< where the tokenizer has one and does not add it itself
};

/// Instruction rows: prompt from the template, loss on the answer (and the end token). The boundary between
/// prompt and answer is found by character offsets, so a token that spans it counts as prompt only if it
/// begins there. Conversations, with the template "chat": loss on every turn of the assistant; all special
/// tokens are the template's own. Longer sequences are treated by the length policy, and counted. Dropped
/// with a reason: a row without an answer, one of which too little is left, and one the chat template
/// refuses. `dropped` begins with the table's own. Input error if a row lacks a column the template needs
/// (names line and column), or no example is left.
[[nodiscard]] Result<ExampleSet> makeInstructionExamples(const Table& table, const PromptTemplate& prompt,
                                                         const Tokenizer& tokenizer,
                                                         const ExampleOptions& options);

/// The tokens of a prompt alone, beginning as training sequences do: what generation starts from.
[[nodiscard]] Result<std::vector<std::int32_t>>
encodePrompt(const std::string& prompt, const Tokenizer& tokenizer, const ExampleOptions& options);
/// The same of an example's own prompt, whoever wrote its special tokens.
[[nodiscard]] Result<std::vector<std::int32_t>>
encodePrompt(const Example& example, const Tokenizer& tokenizer, const ExampleOptions& options);

/// Plain text: every row is tokenized, an end token put behind each (a line break where the tokenizer has
/// none) and a begin token before each, if it has one of its own; the stream is cut into blocks of maxLength
/// tokens (the rest is one shorter block). Every token counts. An empty column name stands for the column
/// that plays the text. Input error if no row has the column, or no example is left.
[[nodiscard]] Result<ExampleSet> makeTextExamples(const Table& table, const std::string& column,
                                                  const Tokenizer& tokenizer, const ExampleOptions& options);

/// Where a labelled text stands in a row.
struct LabelColumns {
    std::string text = "text";   ///< empty: the column that plays this role
    std::string pair;            ///< a second text; empty: there is none, unless `text` is empty too
    std::string label = "label"; ///< empty: as `text`
    bool isNumber = false;       ///< the label is a number that is told, not one of a few names
};
/// The columns with empty names filled by rolesIn(). A role that no column plays gets its usual name.
[[nodiscard]] LabelColumns columnsIn(const Table& table, LabelColumns columns);
/// The labels that stand in a column, in the order of numbers where all are whole numbers, else of the
/// alphabet.
[[nodiscard]] std::vector<std::string> labelNamesIn(const Table& table, const std::string& column);
/// The column of plain text: `column`, or, if that is empty, the one that plays this role, else "text".
[[nodiscard]] std::string textColumnIn(const Table& table, const std::string& column);

/// Texts, or pairs of texts, with one label each. `labelNames`: the labels there are; empty: those of the
/// rows, in the order of numbers where all are whole numbers, else of the alphabet. Of a text that is too
/// long the end is cut (of a pair, that of the longer one), and counted, unless the policy is to drop it.
/// Dropped with a reason: a row without
/// text or label, and one whose label is none of the names. Input error if a column is missing, or there is
/// only one label.
[[nodiscard]] Result<ExampleSet> makeLabelExamples(const Table& table, const LabelColumns& columns,
                                                   std::vector<std::string> labelNames,
                                                   const Tokenizer& tokenizer, const ExampleOptions& options);

/// The same with one number each in the place of a label. Dropped with a reason: a row whose label is no
/// number.
[[nodiscard]] Result<ExampleSet> makeNumberExamples(const Table& table, const LabelColumns& columns,
                                                    const Tokenizer& tokenizer,
                                                    const ExampleOptions& options);

/// The number of the label that a cell writes: its name, or, where no name is a number, its number from 0, as
/// data sets with named labels are exported.
[[nodiscard]] std::optional<std::size_t> labelNumber(const std::string& cell,
                                                     std::span<const std::string> names);

/// Puts `fraction` of the examples (at least one, at most all but one) aside for evaluation, chosen by the
/// seed.
struct Split {
    std::vector<Example> train;
    std::vector<Example> held;
};
[[nodiscard]] Split splitExamples(std::vector<Example> examples, double fraction, std::uint64_t seed);

/// A rectangular batch, padded on the right. All row-major [rows, length].
struct Batch {
    std::size_t rows = 0;
    std::size_t length = 0;
    std::vector<std::int32_t> ids;
    std::vector<std::int32_t> labels;     ///< kIgnoreLabel on padding
    std::vector<std::uint8_t> mask;       ///< 1 for real tokens
    std::vector<std::uint8_t> typeIds;    ///< empty: all 0
    std::vector<std::int32_t> textLabels; ///< [rows] of labelled texts, else empty
    bool isPacked = false;                ///< rows that together fill sequences: see packRows()
    std::vector<double> textNumbers;      ///< [rows] of texts with numbers, else empty
    std::size_t realTokens = 0;
    std::size_t labelledTokens =
        0; ///< labels that are not ignored, the first position of each row left out (it predicts nothing)
};
[[nodiscard]] Batch makeBatch(std::span<const Example* const> examples, std::int32_t padId);

/// Endless seeded order over a training set: each epoch is a fresh shuffle. Its position is two numbers, so a
/// run can go on exactly where it stopped.
class BatchCursor {
public:
    BatchCursor(std::size_t exampleCount, std::size_t batchSize, std::uint64_t seed);
    /// Indices of the next batch; the last batch of an epoch may be smaller.
    [[nodiscard]] std::vector<std::size_t> next();
    [[nodiscard]] std::size_t batchesPerEpoch() const;
    [[nodiscard]] std::int64_t batchesDone() const { return m_batchesDone; }
    /// Continues as if next() had been called this often.
    void seek(std::int64_t batchesDone);

private:
    void shuffleEpoch(std::int64_t epoch);

    std::size_t m_exampleCount;
    std::size_t m_batchSize;
    std::uint64_t m_seed;
    std::int64_t m_batchesDone = 0;
    std::int64_t m_shuffledEpoch = -1;
    std::vector<std::size_t> m_order;
};

} // namespace lathe
