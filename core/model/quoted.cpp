#include "core/model/quoted.h"

#include <cstddef>

namespace lathe {

namespace {

constexpr std::size_t kLongest = 120;

/// Bytes of the UTF-8 character that `text` starts with; 0 if it starts with none. Overlong forms pass: this
/// is for showing, not for checking.
std::size_t characterLength(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    if (first < 0x80)
        return first >= 0x20 && first != 0x7f ? 1 : 0;
    const std::size_t length = first >= 0xf5   ? 0
                               : first >= 0xf0 ? 4
                               : first >= 0xe0 ? 3
                               : first >= 0xc2 ? 2
                                               : 0;
    if (length > text.size())
        return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80)
            return 0;
    const bool isSurrogate = first == 0xed && static_cast<unsigned char>(text[1]) >= 0xa0;
    return isSurrogate ? 0 : length;
}

} // namespace

std::string inQuotes(std::string_view name) {
    std::string text = "\"";
    while (!name.empty() && text.size() < kLongest) {
        const std::size_t length = characterLength(name);
        text += length == 0 ? "?" : name.substr(0, length);
        name.remove_prefix(length == 0 ? 1 : length);
    }
    return text + (name.empty() ? "\"" : "…\"");
}

} // namespace lathe
