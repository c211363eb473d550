#pragma once

#include <optional>
#include <string_view>

namespace lathe {

/// Position of the first byte that does not belong to well-formed UTF-8 (Unicode 15, table 3-7: no overlong
/// forms, no surrogates, nothing above U+10FFFF), or nothing.
[[nodiscard]] std::optional<std::size_t> firstInvalidUtf8(std::string_view text);

/// At most `size` bytes of valid UTF-8, from its beginning or its end, cut between characters.
[[nodiscard]] std::string_view utf8Beginning(std::string_view text, std::size_t size);
[[nodiscard]] std::string_view utf8End(std::string_view text, std::size_t size);

} // namespace lathe
