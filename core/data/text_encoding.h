#pragma once

#include "core/data/import_format.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace lathe {

struct EncodingGuess {
    Detected<TextEncoding> encoding;
    std::size_t markSize = 0; ///< bytes of the byte order mark at the beginning
};

enum class SampleExtent { Whole, Beginning };

/// By byte order mark; else UTF-16 by where the zero bytes stand; else UTF-8 where the sample is valid UTF-8
/// or has more multi-byte sequences than bytes that fit none; else Windows-1252 where most of these bytes
/// stand beside letters or are its punctuation.
[[nodiscard]] EncodingGuess guessEncoding(std::string_view sample, SampleExtent extent);

/// Turns a text that comes in pieces into UTF-8. What the encoding does not allow (half a surrogate pair, an
/// odd byte at the end) becomes the byte 0xFF, which no UTF-8 text holds: a reader that checks its rows drops
/// them.
class Transcoder {
public:
    explicit Transcoder(TextEncoding encoding) : m_encoding(encoding) {}
    void add(std::string_view piece, std::string& utf8);
    void finish(std::string& utf8);

private:
    void addUnit(std::uint32_t unit, std::string& utf8);

    TextEncoding m_encoding;
    int m_firstByte = -1;              // of a unit of UTF-16 that the last piece cut in two
    std::uint32_t m_highSurrogate = 0; // waits for its second half
};

} // namespace lathe
