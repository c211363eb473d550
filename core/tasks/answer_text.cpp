#include "core/tasks/answer_text.h"

#include "core/tasks/characters.h"

#include <algorithm>

namespace lathe {

namespace {

constexpr std::string_view kSpace = " \t\r\n\f\v";

} // namespace

std::string normalisedAnswer(std::string_view text) {
    text = trimmed(text);
    if (text.ends_with('.') || text.ends_with('!'))
        text = trimmed(text.substr(0, text.size() - 1));
    std::string normal;
    for (const char sign : text) {
        const bool isSpace = kSpace.find(sign) != std::string_view::npos;
        if (isSpace && normal.back() == ' ')
            continue;
        const bool isUpper = sign >= 'A' && sign <= 'Z';
        normal += isSpace ? ' ' : isUpper ? static_cast<char>(sign - 'A' + 'a') : sign;
    }
    return normal;
}

std::string_view firstLine(std::string_view text) {
    text = trimmed(text);
    return trimmed(text.substr(0, text.find('\n')));
}

} // namespace lathe
