#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lathe {

/// The code points of a UTF-8 text; U+FFFD for each byte that belongs to none.
[[nodiscard]] std::vector<char32_t> codePoints(std::string_view text);

/// Lower case of Latin, Greek and Cyrillic letters; other scripts stay as they are.
[[nodiscard]] std::string lowerCase(std::string_view text);

/// The words between white space, that of Unicode included.
[[nodiscard]] std::vector<std::string> splitWords(std::string_view text);

/// Without white space at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

} // namespace lathe
