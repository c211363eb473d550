#include "core/data/text_window.h"

#include <algorithm>
#include <utility>

namespace lathe {

namespace {

// Fits the second-level cache, so that what was read is still near when it is looked at.
constexpr std::size_t kPiece = 512 * 1024;

} // namespace

TextWindow::TextWindow(std::unique_ptr<ByteSource> source, TextEncoding encoding, std::uint64_t firstOffset,
                       Hooks hooks)
    : m_source(std::move(source)),
      m_encoding(encoding),
      m_transcoder(encoding),
      m_hooks(std::move(hooks)),
      m_offset(firstOffset) {}

void TextWindow::advance(std::size_t size) {
    LATHE_EXPECT(size <= m_text.size() - m_begin);
    m_begin += size;
    m_offset += size;
}

Result<bool> TextWindow::grow() {
    if (m_isAtEnd)
        return false;
    m_text.erase(0, std::exchange(m_begin, 0));
    const std::size_t before = m_text.size();
    const std::size_t wanted = std::max(2 * before, before + 1);
    while (m_text.size() < wanted && !m_isAtEnd) {
        if (m_hooks.stop.stop_requested())
            return Error{Error::Kind::Cancelled, "", "the import was cancelled"};
        LATHE_ASSIGN(const std::size_t size, readPiece());
        m_isAtEnd = size == 0;
        if (m_hooks.onTaken)
            m_hooks.onTaken(m_source->taken());
    }
    if (m_hooks.onText)
        LATHE_TRY(m_hooks.onText(std::string_view(m_text).substr(before)));
    return m_text.size() > before;
}

Result<std::size_t> TextWindow::readPiece() {
    const std::size_t before = m_text.size();
    if (m_encoding == TextEncoding::Utf8) {
        m_text.resize(before + kPiece);
        auto size = m_source->read(std::span(m_text).subspan(before));
        m_text.resize(before + (size ? *size : 0));
        return size;
    }
    m_raw.resize(kPiece);
    LATHE_ASSIGN(const std::size_t size, m_source->read(m_raw));
    m_transcoder.add(std::string_view(m_raw).substr(0, size), m_text);
    if (size == 0)
        m_transcoder.finish(m_text);
    return size;
}

Result<std::optional<TextLine>> LineReader::next() {
    m_window.advance(std::exchange(m_used, 0));
    std::size_t searched = 0;
    std::size_t end = std::string_view::npos;
    while ((end = m_window.view().find('\n', searched)) == std::string_view::npos) {
        searched = m_window.view().size();
        if (searched > kLargestRow)
            return skipLongLine({++m_number, m_window.position(), {}, true});
        LATHE_ASSIGN(const bool isLonger, m_window.grow());
        if (!isLonger)
            break;
    }
    const std::string_view view = m_window.view();
    if (view.empty())
        return std::optional<TextLine>();
    m_used = end == std::string_view::npos ? view.size() : end + 1;
    std::string_view text = view.substr(0, std::min(end, view.size()));
    if (text.ends_with('\r'))
        text.remove_suffix(1);
    return std::optional(TextLine{++m_number, m_window.position(), text, text.size() > kLargestRow});
}

Result<std::optional<TextLine>> LineReader::skipLongLine(TextLine line) {
    while (true) {
        const std::size_t end = m_window.view().find('\n');
        if (end != std::string_view::npos) {
            m_used = end + 1;
            break;
        }
        m_window.advance(m_window.view().size());
        LATHE_ASSIGN(const bool isLonger, m_window.grow());
        if (!isLonger)
            break;
    }
    return std::optional(line);
}

bool isBlank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos;
}

} // namespace lathe
