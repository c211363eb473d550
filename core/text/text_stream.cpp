#include "core/text/text_stream.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

namespace lathe {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD"; // U+FFFD

/// Bytes of `text` that are sure: a U+FFFD at the end may be a character of which bytes are still to come,
/// and decoders write exactly one for it.
std::size_t sureLength(std::string_view text) {
    return text.ends_with(kReplacement) ? text.size() - kReplacement.size() : text.size();
}

/// The longest end of `text`, short of a whole stop text, that a stop text begins with.
std::size_t beginningAtEnd(std::string_view text, std::string_view stop) {
    for (std::size_t length = std::min(text.size(), stop.size() - 1); length > 0; --length)
        if (text.ends_with(stop.substr(0, length)))
            return length;
    return 0;
}

} // namespace

Result<std::string> TextStream::push(std::int32_t id) {
    if (id < 0)
        return m_tokenizer.decode({&id, 1}, true);
    // The decoders never see these, so they end no run of bytes either.
    if (!m_tokenizer.tokenOf(id) || m_tokenizer.isSpecial(id))
        return std::string();
    m_window.push_back(id);
    LATHE_ASSIGN(const bool isRunOfBytes, isByte(id));
    if (isRunOfBytes)
        return std::string();
    LATHE_ASSIGN(const std::string text, windowText());
    const std::size_t sure = sureLength(text);
    std::string piece = sure > m_given ? text.substr(m_given, sure - m_given) : std::string();
    m_given = std::max(m_given, sure);
    if (sure == text.size() && !piece.empty())
        LATHE_TRY(keepLastToken());
    else if (m_window.size() >= m_nextShortening)
        LATHE_TRY(shorten(text));
    return piece;
}

Result<std::string> TextStream::finish() {
    LATHE_ASSIGN(std::string text, windowText());
    std::string piece = text.size() > m_given ? text.substr(m_given) : std::string();
    m_window.clear();
    m_given = 0;
    return piece;
}

/// Whether the decoder reads the token as a byte. Its spelling alone does not tell: other vocabularies may
/// hold the same letters as text.
Result<bool> TextStream::isByte(std::int32_t id) const {
    const std::string token = m_tokenizer.tokenOf(id).value_or("");
    if (token.size() != 6 || !token.starts_with("<0x") || !token.ends_with(">"))
        return false;
    LATHE_ASSIGN(const std::string text, m_tokenizer.decode({&id, 1}, true));
    return text != token;
}

Result<std::string> TextStream::windowText() const { return m_tokenizer.decode(m_window, true); }

/// Decoders treat the first token apart (they drop a space before it) and never look further back than one.
Status TextStream::keepLastToken() {
    m_window.erase(m_window.begin(), m_window.end() - 1);
    LATHE_ASSIGN(const std::string text, windowText());
    m_given = text.size();
    m_nextShortening = 16;
    return ok();
}

/// Tokens without one sure end, such as bytes of no character, must not make the window grow for ever: cuts
/// where both sides decode to the same text as together. Such a place is where characters meet.
Status TextStream::shorten(std::string_view text) {
    const std::span<const std::int32_t> all(m_window);
    for (std::size_t kept = 1; kept <= 4; ++kept) {
        LATHE_ASSIGN(const std::string before, m_tokenizer.decode(all.first(all.size() - kept), true));
        LATHE_ASSIGN(const std::string after, m_tokenizer.decode(all.last(kept), true));
        if (before + after != text || before.size() > m_given)
            continue;
        m_given -= before.size();
        m_window.erase(m_window.begin(), m_window.end() - static_cast<std::ptrdiff_t>(kept));
        return ok();
    }
    m_nextShortening = 2 * m_window.size();
    return ok();
}

StopTexts::StopTexts(std::vector<std::string> texts) : m_texts(std::move(texts)) {
    std::erase(m_texts, std::string());
}

std::string StopTexts::push(std::string_view piece) {
    if (m_hasStopped)
        return {};
    std::string text = std::exchange(m_held, {});
    text += piece;
    std::optional<std::pair<std::size_t, std::size_t>> first; // end, begin
    std::size_t held = 0;
    for (const std::string& stop : m_texts) {
        if (const std::size_t begin = text.find(stop); begin != std::string::npos) {
            const std::pair found{begin + stop.size(), begin};
            first = first ? std::min(*first, found) : found;
        }
        held = std::max(held, beginningAtEnd(text, stop));
    }
    if (first) {
        m_hasStopped = true;
        text.resize(first->second);
        return text;
    }
    m_held = text.substr(text.size() - held);
    text.resize(text.size() - held);
    return text;
}

std::string StopTexts::finish() { return std::exchange(m_held, {}); }

} // namespace lathe
