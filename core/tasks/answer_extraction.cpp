#include "core/tasks/answer_extraction.h"

#include "core/tasks/characters.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace lathe {

namespace {

constexpr std::string_view kLetters = "ABCDE";

bool isDigit(char sign) { return sign >= '0' && sign <= '9'; }

bool isWordSign(char sign) {
    return isDigit(sign) || (sign >= 'a' && sign <= 'z') || (sign >= 'A' && sign <= 'Z') || sign == '\'' ||
           static_cast<unsigned char>(sign) >= 0x80;
}

bool standsAlone(std::string_view text, std::size_t place) {
    return (place == 0 || !isWordSign(text[place - 1])) &&
           (place + 1 == text.size() || !isWordSign(text[place + 1]));
}

/// The place of a letter that stands alone. "A" before a word is the article, unless brackets or a sign
/// behind it say that it is an option.
bool isOption(std::string_view text, std::size_t place) {
    if (kLetters.find(text[place]) == std::string_view::npos || !standsAlone(text, place))
        return false;
    const std::string_view behind = text.substr(place + 1);
    return text[place] != 'A' || behind.size() < 2 || behind[0] != ' ' || !isWordSign(behind[1]);
}

std::string optionBehindAnswer(std::string_view text) {
    const std::string lower = lowerCase(text);
    // Lower case may be longer than the text itself, so that places differ; then only brackets count.
    const std::size_t answer = lower.size() == text.size() ? lower.rfind("answer") : std::string::npos;
    for (std::size_t i = answer; i < text.size() && answer != std::string::npos; ++i)
        if (isOption(text, i))
            return std::string(1, text[i]);
    return {};
}

std::string lastOption(std::string_view text) {
    std::string plain;
    std::string bracketed;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!isOption(text, i))
            continue;
        plain = text[i];
        if (i + 1 < text.size() && text[i + 1] == ')')
            bracketed = text[i];
    }
    return bracketed.empty() ? plain : bracketed;
}

/// The longest word that stands at this place.
std::string wordAt(std::string_view text, std::size_t place, std::span<const std::string> words) {
    std::string found;
    for (const std::string& word : words)
        if (word.size() > found.size() && text.substr(place).starts_with(word))
            found = word;
    return found;
}

} // namespace

std::optional<double> numberOf(std::string_view text) {
    text = trimmed(text);
    if (text.starts_with('+'))
        text.remove_prefix(1);
    double value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool isWhole = read.ec == std::errc() && read.ptr == text.data() + text.size();
    return isWhole && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::optional<std::string> lastNumber(std::string_view source) {
    std::string text(source);
    std::erase(text, ',');
    std::optional<std::string> last;
    for (std::size_t i = 0; i < text.size();) {
        const bool hasMinus = text[i] == '-' && i + 1 < text.size() && isDigit(text[i + 1]);
        if (!hasMinus && !isDigit(text[i])) {
            ++i;
            continue;
        }
        std::size_t end = i + 1;
        const auto skipDigits = [&] {
            while (end < text.size() && isDigit(text[end]))
                ++end;
        };
        skipDigits();
        if (end < text.size() && text[end] == '.') {
            ++end;
            skipDigits();
        }
        last = text.substr(i, end - i);
        i = end;
    }
    return last;
}

std::string optionLetter(std::string_view text, LetterRule rule) {
    if (rule == LetterRule::OptionAware) {
        const std::string behind = optionBehindAnswer(text);
        return behind.empty() ? lastOption(text) : behind;
    }
    const std::size_t place =
        rule == LetterRule::First ? text.find_first_of(kLetters) : text.find_last_of(kLetters);
    return place == std::string_view::npos ? std::string() : std::string(1, text[place]);
}

std::string firstOfWords(std::string_view text, std::span<const std::string> words) {
    for (std::size_t place = 0; place < text.size(); ++place)
        if (std::string word = wordAt(text, place, words); !word.empty())
            return word;
    return {};
}

std::string lastOfWords(std::string_view text, std::span<const std::string> words) {
    for (std::size_t place = text.size(); place-- > 0;)
        if (std::string word = wordAt(text, place, words); !word.empty())
            return word;
    return {};
}

} // namespace lathe
