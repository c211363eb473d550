#include "core/data/examples.h"

#include "core/data/sequences.h"

#include <algorithm>

namespace lathe {

namespace {

constexpr std::size_t kRowsAtOnce = 2048; // encoded together: bounds what their offsets take

Status requireExamples(const ExampleSet& set, const Table& table) {
    if (!set.examples.empty())
        return ok();
    std::string why = "gives no training example";
    if (!set.dropped.empty())
        why += "; the first problem is in line " + std::to_string(set.dropped.front().line) + ": " +
               set.dropped.front().reason;
    return inputError(table.source.string(), why);
}

/// The rows from `begin` on as texts; those that cannot be rendered are dropped.
struct RenderedRows {
    std::vector<RenderedRow> rows;
    std::vector<std::string> texts;
    std::vector<std::size_t> places; ///< in the table
};

RenderedRows renderRows(const Table& table, std::size_t begin, const PromptTemplate& prompt,
                        const Tokenizer& tokenizer, std::vector<DroppedRow>& dropped) {
    RenderedRows rendered;
    for (std::size_t i = begin; i < std::min(begin + kRowsAtOnce, table.size()); ++i) {
        auto row = renderRow(prompt, table.row(i), tokenizer);
        if (!row) {
            dropped.push_back({table.line(i), row.error().message});
            continue;
        }
        rendered.texts.push_back(row->text);
        rendered.rows.push_back(std::move(*row));
        rendered.places.push_back(i);
    }
    return rendered;
}

void add(Sequence sequence, std::size_t line, const ExampleOptions& options, ExampleSet& set) {
    if (sequence.cutPrompt + sequence.cutAnswer > 0)
        set.cut.push_back({line, cutReason(sequence, options.maxLength)});
    set.cutPromptCount += sequence.cutPrompt > 0 ? 1 : 0;
    set.cutAnswerCount += sequence.cutAnswer > 0 ? 1 : 0;
    set.examples.push_back(std::move(sequence.example));
}

Status addRows(RenderedRows rendered, const Table& table, bool isWhole, const Tokenizer& tokenizer,
               const ExampleOptions& options, ExampleSet& set) {
    LATHE_ASSIGN(auto encodings, tokenizer.encodeBatch(rendered.texts, !isWhole));
    for (std::size_t i = 0; i < encodings.size(); ++i) {
        auto sequence =
            makeSequence(std::move(rendered.rows[i]), std::move(encodings[i]), tokenizer, options);
        if (!sequence) {
            set.dropped.push_back({table.line(rendered.places[i]), sequence.error().message});
            set.droppedForLengthCount += isForLength(sequence.error().message) ? 1 : 0;
            continue;
        }
        sequence->example.row = rendered.places[i];
        add(std::move(*sequence), table.line(rendered.places[i]), options, set);
    }
    return ok();
}

/// The stream of all rows, each between its begin and end tokens.
Result<std::vector<std::int32_t>> textStream(std::vector<std::string> texts, const Tokenizer& tokenizer,
                                             const ExampleOptions& options) {
    const auto bos = beginToken(tokenizer, options);
    const auto eos = endToken(tokenizer, options);
    if (!eos)
        for (std::string& text : texts)
            text += '\n';
    LATHE_ASSIGN(const auto encodings, tokenizer.encodeBatch(texts, false));
    std::vector<std::int32_t> stream;
    for (const Encoding& encoding : encodings) {
        // One token that stands for both begin and end (GPT-2) separates rows once, not twice.
        if (bos && (bos != eos || stream.empty()))
            stream.push_back(*bos);
        stream.insert(stream.end(), encoding.ids.begin(), encoding.ids.end());
        if (eos)
            stream.push_back(*eos);
    }
    return stream;
}

} // namespace

Result<std::vector<std::int32_t>> encodePrompt(const std::string& prompt, const Tokenizer& tokenizer,
                                               const ExampleOptions& options) {
    LATHE_ASSIGN(Encoding encoding, tokenizer.encode(prompt, true));
    return unifiedTokens(std::move(encoding), tokenizer, options).ids;
}

Result<std::vector<std::int32_t>> encodePrompt(const Example& example, const Tokenizer& tokenizer,
                                               const ExampleOptions& options) {
    if (!example.isPromptWhole)
        return encodePrompt(example.prompt, tokenizer, options);
    LATHE_ASSIGN(Encoding encoding, tokenizer.encode(example.prompt, false));
    return std::move(encoding.ids);
}

Result<ExampleSet> makeInstructionExamples(const Table& table, const PromptTemplate& prompt,
                                           const Tokenizer& tokenizer, const ExampleOptions& options) {
    LATHE_EXPECT(options.maxLength >= 2);
    LATHE_TRY(checkColumns(table, prompt));
    const PromptTemplate settled = settledFor(table, prompt);
    ExampleSet set;
    set.dropped = table.dropped;
    for (std::size_t begin = 0; begin < table.size(); begin += kRowsAtOnce)
        LATHE_TRY(addRows(renderRows(table, begin, settled, tokenizer, set.dropped), table,
                          settled.kind == PromptTemplate::Kind::Chat, tokenizer, options, set));
    set.truncatedCount = set.cut.size();
    // In the order of the file, whatever stage left them out.
    std::ranges::stable_sort(set.dropped.begin() + static_cast<std::ptrdiff_t>(table.dropped.size()),
                             set.dropped.end(), {}, &DroppedRow::line);
    LATHE_TRY(requireExamples(set, table));
    return set;
}

std::string textColumnIn(const Table& table, const std::string& column) {
    if (!column.empty())
        return column;
    const ColumnRoles roles = rolesIn(table, {});
    const auto text = roles.find(ColumnRole::Text);
    return text == roles.end() ? "text" : text->second;
}

Result<ExampleSet> makeTextExamples(const Table& table, const std::string& given, const Tokenizer& tokenizer,
                                    const ExampleOptions& options) {
    LATHE_EXPECT(options.maxLength >= 2);
    const std::string column = textColumnIn(table, given);
    if (std::find(table.columns.begin(), table.columns.end(), column) == table.columns.end())
        return checkColumns(table, {"text", "", "{" + column + "}", column, ""}).error();
    ExampleSet set;
    set.dropped = table.dropped;
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < table.size(); ++i) {
        const Row row = table.row(i);
        const auto text = row.find(column);
        if (text == row.end() || text->second.empty())
            set.dropped.push_back({table.line(i), "the column \"" + column + "\" is empty or missing"});
        else
            texts.push_back(text->second);
    }
    LATHE_ASSIGN(const auto stream, textStream(std::move(texts), tokenizer, options));
    for (std::size_t from = 0; from + 1 < stream.size(); from += options.maxLength) {
        const std::size_t count = std::min(options.maxLength, stream.size() - from);
        const auto begin = stream.begin() + static_cast<std::ptrdiff_t>(from);
        Example example;
        example.ids.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
        example.labels = example.ids;
        set.examples.push_back(std::move(example));
    }
    LATHE_TRY(requireExamples(set, table));
    return set;
}

} // namespace lathe
