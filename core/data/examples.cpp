#include "core/data/examples.h"

#include <algorithm>

namespace lathe {

namespace {

constexpr std::int32_t kNoToken = -1;

/// Tokens of one text without any that stand behind it, and how many that stand before it (the begin token).
struct Tokens {
    std::vector<std::int32_t> ids;
    std::vector<std::pair<std::size_t, std::size_t>> offsets;
    std::size_t leading = 0;
};

/// The end token to append, or kNoToken.
std::int32_t endToken(const Tokenizer& tokenizer, const ExampleOptions& options) {
    return options.shouldAppendEos ? tokenizer.eosId().value_or(kNoToken) : kNoToken;
}

/// The begin token to prepend, or kNoToken.
std::int32_t beginToken(const Tokenizer& tokenizer, const ExampleOptions& options) {
    return options.shouldPrependBos ? tokenizer.bosId().value_or(kNoToken) : kNoToken;
}

/// Tokenizers differ in what they add by themselves (nothing, a begin token, an end token, both); after this
/// all sequences have the same form: [begin] text.
Tokens unifiedTokens(Encoding encoding, const Tokenizer& tokenizer, const ExampleOptions& options) {
    const auto isAdded = [&encoding](std::size_t i) {
        return encoding.specialMask[i] != 0 && encoding.offsets[i].second == 0;
    };
    std::size_t end = encoding.ids.size();
    Tokens tokens;
    while (tokens.leading < end && isAdded(tokens.leading))
        ++tokens.leading;
    while (end > tokens.leading && isAdded(end - 1))
        --end;
    encoding.ids.resize(end);
    encoding.offsets.resize(end);
    tokens.ids = std::move(encoding.ids);
    tokens.offsets = std::move(encoding.offsets);
    const std::int32_t bos = beginToken(tokenizer, options);
    if (bos != kNoToken && (tokens.leading == 0 || tokens.ids.front() != bos)) {
        tokens.ids.insert(tokens.ids.begin(), bos);
        tokens.offsets.insert(tokens.offsets.begin(), {0, 0});
        ++tokens.leading;
    }
    return tokens;
}

/// How many of the tokens belong to the prompt, which is the first `promptBytes` bytes of the text. A token
/// of white space can have had its offsets trimmed to an empty range at its end; it belongs to what it ends.
std::size_t promptLength(const Tokens& tokens, std::size_t promptBytes) {
    std::size_t count = tokens.leading;
    while (count < tokens.ids.size() &&
           (tokens.offsets[count].first < promptBytes || tokens.offsets[count].second <= promptBytes))
        ++count;
    return count;
}

/// The rows that can be rendered, as texts.
struct RenderedRows {
    std::vector<RenderedPrompt> prompts;
    std::vector<std::string> texts;
    std::vector<std::size_t> lines;
    std::vector<std::size_t> rows;
};

Result<RenderedRows> renderRows(const Table& table, const PromptTemplate& prompt,
                                std::vector<DroppedRow>& dropped) {
    LATHE_TRY(checkColumns(table, prompt));
    RenderedRows rows;
    for (std::size_t i = 0; i < table.size(); ++i) {
        LATHE_ASSIGN(RenderedPrompt rendered, render(prompt, table.row(i)));
        if (rendered.answer.size() == prompt.answerPrefix.size()) {
            dropped.push_back({table.line(i), "the column \"" + prompt.answerColumn + "\" is empty"});
            continue;
        }
        rows.texts.push_back(rendered.prompt + rendered.answer);
        rows.prompts.push_back(std::move(rendered));
        rows.lines.push_back(table.line(i));
        rows.rows.push_back(i);
    }
    return rows;
}

Status requireExamples(const ExampleSet& set, const Table& table) {
    if (!set.examples.empty())
        return ok();
    std::string why = "gives no training example";
    if (!set.dropped.empty())
        why += "; the first problem is in line " + std::to_string(set.dropped.front().line) + ": " +
               set.dropped.front().reason;
    return inputError(table.source.string(), why);
}

std::string tooLong(std::size_t promptTokens, std::size_t maxLength) {
    return "the prompt alone has " + std::to_string(promptTokens) + " tokens; the maximum length is " +
           std::to_string(maxLength);
}

/// Cuts and labels one sequence. An error's message is why the row must be dropped.
Result<Example> makeExample(Tokens tokens, RenderedPrompt rendered, const Tokenizer& tokenizer,
                            const ExampleOptions& options) {
    const std::size_t promptTokens = promptLength(tokens, rendered.prompt.size());
    if (promptTokens >= options.maxLength)
        return inputError("", tooLong(promptTokens, options.maxLength));
    if (promptTokens == tokens.ids.size())
        return inputError("", "the answer has no token of its own");
    Example example;
    example.ids = std::move(tokens.ids);
    const std::int32_t eos = endToken(tokenizer, options);
    if (eos != kNoToken && example.ids.size() < options.maxLength)
        example.ids.push_back(eos);
    example.ids.resize(std::min(example.ids.size(), options.maxLength));
    example.labels = example.ids;
    if (!options.lossOnPrompt)
        std::fill_n(example.labels.begin(), promptTokens, kIgnoreLabel);
    example.prompt = std::move(rendered.prompt);
    example.answer = std::move(rendered.answer);
    return example;
}

/// The stream of all rows, each between its begin and end tokens.
Result<std::vector<std::int32_t>> textStream(std::vector<std::string> texts, const Tokenizer& tokenizer,
                                             const ExampleOptions& options) {
    const std::int32_t bos = beginToken(tokenizer, options);
    const std::int32_t eos = endToken(tokenizer, options);
    if (eos == kNoToken)
        for (std::string& text : texts)
            text += '\n';
    LATHE_ASSIGN(const auto encodings, tokenizer.encodeBatch(texts, false));
    std::vector<std::int32_t> stream;
    for (const Encoding& encoding : encodings) {
        // One token that stands for both begin and end (GPT-2) separates rows once, not twice.
        if (bos != kNoToken && (bos != eos || stream.empty()))
            stream.push_back(bos);
        stream.insert(stream.end(), encoding.ids.begin(), encoding.ids.end());
        if (eos != kNoToken)
            stream.push_back(eos);
    }
    return stream;
}

} // namespace

Result<std::vector<std::int32_t>> encodePrompt(const std::string& prompt, const Tokenizer& tokenizer,
                                               const ExampleOptions& options) {
    LATHE_ASSIGN(Encoding encoding, tokenizer.encode(prompt, true));
    return unifiedTokens(std::move(encoding), tokenizer, options).ids;
}

Result<ExampleSet> makeInstructionExamples(const Table& table, const PromptTemplate& prompt,
                                           const Tokenizer& tokenizer, const ExampleOptions& options) {
    LATHE_EXPECT(options.maxLength >= 2);
    ExampleSet set;
    set.dropped = table.dropped;
    LATHE_ASSIGN(RenderedRows rows, renderRows(table, prompt, set.dropped));
    LATHE_ASSIGN(auto encodings, tokenizer.encodeBatch(rows.texts, true));
    for (std::size_t i = 0; i < encodings.size(); ++i) {
        Tokens tokens = unifiedTokens(std::move(encodings[i]), tokenizer, options);
        const bool isTruncated = tokens.ids.size() > options.maxLength;
        auto example = makeExample(std::move(tokens), std::move(rows.prompts[i]), tokenizer, options);
        if (!example) {
            set.dropped.push_back({rows.lines[i], example.error().message});
            continue;
        }
        example->row = rows.rows[i];
        set.truncatedCount += isTruncated ? 1 : 0;
        set.examples.push_back(std::move(*example));
    }
    LATHE_TRY(requireExamples(set, table));
    return set;
}

Result<ExampleSet> makeTextExamples(const Table& table, const std::string& column, const Tokenizer& tokenizer,
                                    const ExampleOptions& options) {
    LATHE_EXPECT(options.maxLength >= 2);
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
