#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lathe {

/// RFC 4648, with padding.
[[nodiscard]] std::string toBase64(std::string_view bytes);
/// None where `text` is not base64 with all its padding.
[[nodiscard]] std::optional<std::string> fromBase64(std::string_view text);

} // namespace lathe
