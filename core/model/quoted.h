#pragma once

#include <string>
#include <string_view>

namespace lathe {

/// A name out of a file, as a message can hold it: in quotes, cut to a readable length, with "?" for control
/// characters and for what is not UTF-8.
[[nodiscard]] std::string inQuotes(std::string_view name);

} // namespace lathe
