#include "core/data/sequences.h"

#include <algorithm>

namespace lathe {

namespace {

const std::string kLimit = "; the maximum length is ";

/// A token of white space can have had its offsets trimmed to an empty range at its end; it stands before it.
std::size_t beginOf(const ByteRange& offset) {
    return offset.first == offset.second && offset.first > 0 ? offset.first - 1 : offset.first;
}

/// Which tokens the model is to say.
std::vector<std::uint8_t> answerTokens(const RenderedRow& row, const Tokens& tokens) {
    std::vector<std::uint8_t> isAnswer(tokens.ids.size(), 0);
    for (const ByteRange& range : row.answers) {
        if (range.first == range.second)
            continue;
        bool hasBegun = false;
        for (std::size_t i = tokens.leading; i < tokens.ids.size(); ++i) {
            const ByteRange& offset = tokens.offsets[i];
            if (beginOf(offset) >= range.second)
                break;
            const bool overlaps = row.isMarkedByTemplate && offset.second > range.first;
            hasBegun = hasBegun || overlaps || beginOf(offset) >= range.first;
            if (hasBegun)
                isAnswer[i] = 1;
        }
    }
    return isAnswer;
}

struct Cut {
    std::size_t from = 0; ///< tokens [leading, from) go
    std::size_t to = 0;   ///< and those from here on
    bool hasEnd = false;  ///< an end token is appended
};

/// Keeps the last answer whole, and at least one token of what stands before it.
Result<Cut> cutFromPrompt(const Tokens& tokens, const std::vector<std::uint8_t>& isAnswer, Cut cut,
                          std::size_t maxLength) {
    const std::size_t excess = tokens.ids.size() + (cut.hasEnd ? 1 : 0) - maxLength;
    const auto last = std::ranges::find(isAnswer.rbegin(), isAnswer.rend(), 1);
    const auto before = std::find(last, isAnswer.rend(), 0);
    const auto answerBegin = static_cast<std::size_t>(isAnswer.rend() - before);
    cut.from = tokens.leading + excess;
    if (cut.from >= answerBegin) {
        const std::size_t answer = tokens.ids.size() - answerBegin + (cut.hasEnd ? 1 : 0);
        return inputError("", "the answer alone has " + tokenCount(answer) +
                                  ", and some of the prompt must " + "stand before it" +
                                  lengthLimit(maxLength));
    }
    return cut;
}

/// What of a sequence fits. An error's message is why the row must be left out.
Result<Cut> fit(const Tokens& tokens, const std::vector<std::uint8_t>& isAnswer, bool hasEnd,
                const ExampleOptions& options) {
    const std::size_t count = tokens.ids.size();
    Cut cut{tokens.leading, count, hasEnd};
    const auto first = static_cast<std::size_t>(std::ranges::find(isAnswer, 1) - isAnswer.begin());
    const std::size_t whole = count + (hasEnd ? 1 : 0);
    if (first == count && count < options.maxLength)
        return inputError("", "the answer has no token of its own");
    if (options.lengthPolicy == LengthPolicy::CutAnswer) {
        if (first >= options.maxLength)
            return inputError("",
                              "the prompt alone has " + tokenCount(first) + lengthLimit(options.maxLength));
        cut.to = std::min(count, options.maxLength);
        cut.hasEnd = hasEnd && count < options.maxLength;
        return cut;
    }
    if (first == count)
        return inputError("", "the answer has no token of its own");
    if (whole <= options.maxLength)
        return cut;
    if (options.lengthPolicy == LengthPolicy::Drop)
        return inputError("", "the row has " + tokenCount(whole) + lengthLimit(options.maxLength));
    return cutFromPrompt(tokens, isAnswer, cut, options.maxLength);
}

/// The tokens of a text that writes its special tokens out.
Tokens wholeTokens(Encoding encoding, const Tokenizer& tokenizer) {
    Tokens tokens{std::move(encoding.ids), std::move(encoding.offsets), 0};
    tokens.leading = !tokens.ids.empty() && tokenizer.bosId() == tokens.ids.front() ? 1 : 0;
    return tokens;
}

void append(Sequence& sequence, std::int32_t id, const ByteRange& offset, bool isAdded, bool counts) {
    sequence.example.ids.push_back(id);
    sequence.example.labels.push_back(counts ? id : kIgnoreLabel);
    sequence.offsets.push_back(offset);
    sequence.isAdded.push_back(isAdded ? 1 : 0);
}

} // namespace

std::optional<std::int32_t> endToken(const Tokenizer& tokenizer, const ExampleOptions& options) {
    return options.shouldAppendEos ? tokenizer.eosId() : std::nullopt;
}

std::optional<std::int32_t> beginToken(const Tokenizer& tokenizer, const ExampleOptions& options) {
    return options.shouldPrependBos ? tokenizer.bosId() : std::nullopt;
}

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
    const auto bos = beginToken(tokenizer, options);
    if (bos && (tokens.leading == 0 || tokens.ids.front() != *bos)) {
        tokens.ids.insert(tokens.ids.begin(), *bos);
        tokens.offsets.insert(tokens.offsets.begin(), {0, 0});
        ++tokens.leading;
    }
    return tokens;
}

Result<Sequence> makeSequence(RenderedRow row, Encoding encoding, const Tokenizer& tokenizer,
                              const ExampleOptions& options) {
    const Tokens tokens = row.isWhole ? wholeTokens(std::move(encoding), tokenizer)
                                      : unifiedTokens(std::move(encoding), tokenizer, options);
    const auto eos = row.isWhole ? std::nullopt : endToken(tokenizer, options);
    const std::vector<std::uint8_t> isAnswer = answerTokens(row, tokens);
    LATHE_ASSIGN(const Cut cut, fit(tokens, isAnswer, eos.has_value(), options));
    Sequence sequence;
    for (std::size_t i = 0; i < cut.to; ++i)
        if (i < tokens.leading || i >= cut.from)
            append(sequence, tokens.ids[i], tokens.offsets[i], i < tokens.leading && !row.isWhole,
                   options.lossOnPrompt || isAnswer[i] != 0);
    if (cut.hasEnd)
        append(sequence, *eos, {row.text.size(), row.text.size()}, true, true);
    sequence.cutPrompt = cut.from - tokens.leading;
    sequence.cutAnswer = tokens.ids.size() - cut.to;
    sequence.example.prompt = std::move(row.prompt);
    sequence.example.answer = std::move(row.answer);
    sequence.example.isPromptWhole = row.isWhole;
    return sequence;
}

std::string lengthLimit(std::size_t maxLength) { return kLimit + std::to_string(maxLength); }

bool isForLength(std::string_view reason) { return reason.find(kLimit) != std::string_view::npos; }

std::string tokenCount(std::size_t count) {
    return std::to_string(count) + (count == 1 ? " token" : " tokens");
}

std::string cutReason(const Sequence& sequence, std::size_t maxLength) {
    const bool isPrompt = sequence.cutPrompt > 0;
    return tokenCount(isPrompt ? sequence.cutPrompt : sequence.cutAnswer) + " of the " +
           (isPrompt ? "prompt's beginning" : "answer's end") + " were cut" + lengthLimit(maxLength);
}

} // namespace lathe
