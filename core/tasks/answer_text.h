#pragma once

#include <string>
#include <string_view>

namespace lathe {

/// An answer as it is compared: ASCII letters in lower case, white space at both ends gone and inside made
/// one space, one full stop or exclamation mark at the end gone. Signs inside ("3.5", "-2", "o'clock") stay.
[[nodiscard]] std::string normalisedAnswer(std::string_view text);

/// The first line that is not blank: a generated label is what the model says before it goes on talking.
[[nodiscard]] std::string_view firstLine(std::string_view text);

} // namespace lathe
