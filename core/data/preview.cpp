#include "core/data/preview.h"

#include "core/base/text.h"
#include "core/data/sequences.h"

#include <algorithm>

namespace lathe {

namespace {

TokenRole roleFor(ColumnRole column) {
    switch (column) {
    case ColumnRole::System:
        return TokenRole::System;
    case ColumnRole::Instruction:
        return TokenRole::Instruction;
    case ColumnRole::Answer:
    case ColumnRole::Chosen:
    case ColumnRole::Rejected:
        return TokenRole::Answer;
    case ColumnRole::Text:
        return TokenRole::Text;
    case ColumnRole::TextPair:
        return TokenRole::TextPair;
    case ColumnRole::Input:
    case ColumnRole::Label:
    case ColumnRole::Conversation:
        break;
    }
    return TokenRole::Input;
}

bool isSpace(char sign) { return std::string_view(" \t\r\n\f\v").find(sign) != std::string_view::npos; }

/// Writes tokens down one after the other, each with the text that is its own.
class Writer {
public:
    Writer(const Tokenizer& tokenizer, std::vector<PreviewToken>& tokens)
        : m_tokenizer(tokenizer), m_tokens(tokens) {}

    /// Begins another text.
    void begin(const std::string& text) {
        m_text = &text;
        m_shown = 0;
    }

    PreviewToken& add(std::int32_t id, const ByteRange& range, bool isAdded, bool isMasked) {
        PreviewToken token{
            id, {}, range, TokenRole::Template, isMasked, isAdded || m_tokenizer.isSpecial(id)};
        if (isAdded || token.isSpecial) {
            token.text = m_tokenizer.tokenOf(id).value_or(std::string());
            token.role = TokenRole::Special;
        } else {
            token.text = shownText(id, range);
        }
        if (!isAdded)
            m_shown = std::max(m_shown, range.second);
        m_tokens.push_back(std::move(token));
        return m_tokens.back();
    }

private:
    /// Its bytes and the white space before them that no token before it has; the name of a token that shares
    /// a character with the one before it.
    std::string shownText(std::int32_t id, const ByteRange& range) const {
        if (range.second <= m_shown)
            return m_tokenizer.tokenOf(id).value_or(std::string());
        std::size_t from = range.first;
        while (from > m_shown && isSpace((*m_text)[from - 1]))
            --from;
        return m_text->substr(from, range.second - from);
    }

    const Tokenizer& m_tokenizer;
    std::vector<PreviewToken>& m_tokens;
    const std::string* m_text = nullptr;
    std::size_t m_shown = 0; ///< bytes of the text that stand in tokens
};

using Parts = std::vector<std::pair<ColumnRole, ByteRange>>;

/// The part a token lies in, by its first sign that is no space.
TokenRole roleAt(const Parts& parts, const std::string& text, ByteRange range) {
    while (range.first + 1 < range.second && isSpace(text[range.first]))
        ++range.first;
    for (const auto& [role, place] : parts)
        if (range.first >= place.first && range.first < place.second)
            return roleFor(role);
    return TokenRole::Template;
}

RowPreview dropped(std::string reason) {
    RowPreview preview;
    preview.dropReason = std::move(reason);
    return preview;
}

} // namespace

Result<RowPreview> previewInstruction(const Table& table, std::size_t row, const PromptTemplate& prompt,
                                      const Tokenizer& tokenizer, const ExampleOptions& options) {
    LATHE_TRY(checkRoles(table, prompt.roles));
    auto rendered = renderRow(settledFor(table, prompt), table.row(row), tokenizer);
    if (!rendered)
        return dropped(rendered.error().message);
    RowPreview preview;
    preview.text = rendered->text;
    const Parts parts = rendered->parts;
    const bool isWhole = rendered->isWhole;
    LATHE_ASSIGN(Encoding encoding, tokenizer.encode(preview.text, !isWhole));
    const auto sequence = makeSequence(std::move(*rendered), std::move(encoding), tokenizer, options);
    if (!sequence) {
        preview.dropReason = sequence.error().message;
        return preview;
    }
    Writer writer(tokenizer, preview.tokens);
    writer.begin(preview.text);
    for (std::size_t i = 0; i < sequence->offsets.size(); ++i) {
        PreviewToken& token =
            writer.add(sequence->example.ids[i], sequence->offsets[i], sequence->isAdded[i] != 0,
                       sequence->example.labels[i] == kIgnoreLabel);
        if (!token.isSpecial)
            token.role = roleAt(parts, preview.text, token.range);
    }
    preview.cutTokens = sequence->cutPrompt + sequence->cutAnswer;
    if (preview.cutTokens > 0)
        preview.cutReason = cutReason(*sequence, options.maxLength);
    return preview;
}

Result<RowPreview> previewLabel(const Table& table, std::size_t row, const LabelColumns& given,
                                std::vector<std::string> labelNames, const Tokenizer& tokenizer,
                                const ExampleOptions& options) {
    const LabelColumns columns = columnsIn(table, given);
    if (labelNames.empty())
        labelNames = labelNamesIn(table, columns.label);
    const auto made = makeLabelSequence(table.row(row), columns, labelNames, tokenizer, options);
    if (!made)
        return dropped(made.error().message);
    RowPreview preview;
    preview.text = made->text;
    preview.pair = made->pair;
    preview.label = made->example.answer;
    preview.cutTokens = made->cutTokens;
    if (made->cutTokens > 0)
        preview.cutReason = tokenCount(made->cutTokens) + " of the text's end were cut";
    Writer writer(tokenizer, preview.tokens);
    writer.begin(preview.text);
    const Encoding& encoding = made->encoding;
    std::size_t last = 0;
    bool isPair = false;
    for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
        const bool isAdded = encoding.specialMask[i] != 0;
        // Not every tokenizer tells the second text by its type: its offsets begin anew.
        if (!isPair && !isAdded && !columns.pair.empty() &&
            (encoding.typeIds[i] == 1 || encoding.offsets[i].second < last)) {
            isPair = true;
            writer.begin(preview.pair);
        }
        PreviewToken& token = writer.add(encoding.ids[i], encoding.offsets[i], isAdded, true);
        if (!token.isSpecial)
            token.role = isPair ? TokenRole::TextPair : TokenRole::Text;
        last = isAdded ? last : encoding.offsets[i].second;
    }
    return preview;
}

Result<RowPreview> previewText(const Table& table, std::size_t row, const std::string& given,
                               const Tokenizer& tokenizer, const ExampleOptions& options) {
    const std::string column = textColumnIn(table, given);
    const Row cells = table.row(row);
    const auto cell = cells.find(column);
    if (cell == cells.end() || cell->second.empty())
        return dropped("the column \"" + column + "\" is empty or missing");
    RowPreview preview;
    preview.text = cell->second;
    const auto bos = beginToken(tokenizer, options);
    const auto eos = endToken(tokenizer, options);
    if (!eos)
        preview.text += '\n';
    LATHE_ASSIGN(const Encoding encoding, tokenizer.encode(preview.text, false));
    Writer writer(tokenizer, preview.tokens);
    writer.begin(preview.text);
    if (bos && (bos != eos || row == 0)) // one token for both separates rows once
        writer.add(*bos, {0, 0}, true, false);
    for (std::size_t i = 0; i < encoding.ids.size(); ++i)
        if (PreviewToken& token = writer.add(encoding.ids[i], encoding.offsets[i], false, false);
            !token.isSpecial)
            token.role = TokenRole::Text;
    if (eos)
        writer.add(*eos, {preview.text.size(), preview.text.size()}, true, false);
    return preview;
}

} // namespace lathe
