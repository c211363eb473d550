#pragma once

#include "core/base/result.h"
#include "core/data/byte_source.h"
#include "core/data/text_encoding.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace lathe {

/// A row longer than this is not kept: whoever reads it must hold it in memory, several times over.
inline constexpr std::size_t kLargestRow = 32'000'000;

/// A text of any length in UTF-8, of which the part from the reader's position on is in memory as far as the
/// reader asked for it.
class TextWindow {
public:
    struct Hooks {
        std::function<Status(std::string_view)> onText = {}; ///< gets all of the text, piece by piece
        std::function<void(std::uint64_t taken)> onTaken = {};
        std::stop_token stop = {};
    };

    /// `firstOffset`: position() of the first byte that the source gives.
    TextWindow(std::unique_ptr<ByteSource> source, TextEncoding encoding, std::uint64_t firstOffset,
               Hooks hooks);

    /// From the position on; valid until grow() or advance().
    [[nodiscard]] std::string_view view() const { return std::string_view(m_text).substr(m_begin); }
    /// Makes the view longer, at least twice as long beyond the size of a piece. False at the end of the
    /// text. Cancelled if it was asked to stop.
    [[nodiscard]] Result<bool> grow();
    /// Contract: size <= view().size().
    void advance(std::size_t size);
    [[nodiscard]] std::uint64_t position() const { return m_offset; }

private:
    [[nodiscard]] Result<std::size_t> readPiece();

    std::unique_ptr<ByteSource> m_source;
    TextEncoding m_encoding;
    Transcoder m_transcoder;
    Hooks m_hooks;
    std::string m_text;
    std::string m_raw; // a piece before it is transcoded
    std::size_t m_begin = 0;
    std::uint64_t m_offset;
    bool m_isAtEnd = false;
};

struct TextLine {
    std::size_t number = 0;   ///< from 1
    std::uint64_t offset = 0; ///< in the text
    std::string_view text;    ///< without LF or CRLF; valid until the next line is asked for
    bool isTooLong = false;   ///< beyond kLargestRow: `text` is only its beginning
};

/// The lines of a text, one after the other; a last line without an ending counts too.
class LineReader {
public:
    explicit LineReader(TextWindow& window) : m_window(window) {}
    /// Nothing at the end. Errors as TextWindow::grow().
    [[nodiscard]] Result<std::optional<TextLine>> next();

private:
    [[nodiscard]] Result<std::optional<TextLine>> skipLongLine(TextLine line);

    TextWindow& m_window;
    std::size_t m_number = 0;
    std::size_t m_used = 0; // bytes of the line given last
};

/// True for a text of white space only.
[[nodiscard]] bool isBlank(std::string_view text);

} // namespace lathe
