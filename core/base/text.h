#pragma once

#include <span>
#include <string>

namespace lathe {

/// "a, b, c": the names a message lists. Empty if there are none.
[[nodiscard]] std::string joined(std::span<const std::string> names);

/// A real as a CSV file holds it: the shortest text that reads back to the same bits, "nan" whatever the
/// NaN's sign.
[[nodiscard]] std::string csvNumber(double value);

/// A text as a CSV file holds it (RFC 4180): quoted where it holds a separator, with quotes doubled.
[[nodiscard]] std::string csvField(const std::string& text);

} // namespace lathe
