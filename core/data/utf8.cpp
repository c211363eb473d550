#include "core/data/utf8.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace lathe {

namespace {

struct LeadByte {
    std::size_t continuations = 0;
    std::uint8_t secondLow = 0x80; // the second byte is what rules out overlong forms and surrogates
    std::uint8_t secondHigh = 0xBF;
};

std::optional<LeadByte> leadByte(std::uint8_t byte) {
    if (byte >= 0xC2 && byte <= 0xDF)
        return LeadByte{1, 0x80, 0xBF};
    if (byte == 0xE0)
        return LeadByte{2, 0xA0, 0xBF};
    if (byte == 0xED)
        return LeadByte{2, 0x80, 0x9F};
    if (byte >= 0xE1 && byte <= 0xEF)
        return LeadByte{2, 0x80, 0xBF};
    if (byte == 0xF0)
        return LeadByte{3, 0x90, 0xBF};
    if (byte >= 0xF1 && byte <= 0xF3)
        return LeadByte{3, 0x80, 0xBF};
    if (byte == 0xF4)
        return LeadByte{3, 0x80, 0x8F};
    return std::nullopt;
}

bool isContinuation(char sign) { return (static_cast<std::uint8_t>(sign) & 0xC0U) == 0x80; }

/// Most text is ASCII for long stretches.
bool isEightAscii(std::string_view text, std::size_t at) {
    std::uint64_t bytes = ~std::uint64_t{0};
    if (text.size() - at >= sizeof bytes)
        std::memcpy(&bytes, text.data() + at, sizeof bytes);
    return (bytes & 0x8080808080808080U) == 0;
}

} // namespace

std::optional<std::size_t> firstInvalidUtf8(std::string_view text) {
    const auto byteAt = [text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    for (std::size_t i = 0; i < text.size();) {
        if (byteAt(i) < 0x80) {
            i = isEightAscii(text, i) ? i + 8 : i + 1;
            continue;
        }
        const auto lead = leadByte(byteAt(i));
        if (!lead || i + lead->continuations >= text.size())
            return i;
        if (byteAt(i + 1) < lead->secondLow || byteAt(i + 1) > lead->secondHigh)
            return i;
        for (std::size_t k = 2; k <= lead->continuations; ++k)
            if (byteAt(i + k) < 0x80 || byteAt(i + k) > 0xBF)
                return i;
        i += lead->continuations + 1;
    }
    return std::nullopt;
}

std::string_view utf8Beginning(std::string_view text, std::size_t size) {
    if (text.size() <= size)
        return text;
    while (size > 0 && isContinuation(text[size]))
        --size;
    return text.substr(0, size);
}

std::string_view utf8End(std::string_view text, std::size_t size) {
    std::size_t from = text.size() - std::min(size, text.size());
    while (from < text.size() && isContinuation(text[from]))
        ++from;
    return text.substr(from);
}

} // namespace lathe
