#include "core/base/text.h"

#include <array>
#include <charconv>
#include <cmath>

namespace lathe {

std::string joined(std::span<const std::string> names) {
    std::string all;
    for (const std::string& name : names)
        all += (all.empty() ? "" : ", ") + name;
    return all;
}

std::string csvNumber(double value) {
    if (std::isnan(value))
        return "nan";            // to_chars may write a sign or a payload, which mean nothing
    std::array<char, 32> text{}; // the shortest form of a double has at most 24 characters
    return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

std::string csvField(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos)
        return text;
    std::string quoted = "\"";
    for (const char c : text)
        quoted.append(c == '"' ? 2 : 1, c);
    return quoted + '"';
}

} // namespace lathe
