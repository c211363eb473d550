#include "core/tasks/characters.h"

#include <algorithm>
#include <array>

namespace lathe {

namespace {

constexpr char32_t kReplacement = 0xFFFD;

/// Continuation bytes behind a lead byte; -1 for a byte that leads nothing.
int continuationsOf(unsigned char lead) {
    if (lead < 0x80)
        return 0;
    if (lead >= 0xC2 && lead < 0xE0)
        return 1;
    if (lead >= 0xE0 && lead < 0xF0)
        return 2;
    return lead >= 0xF0 && lead < 0xF5 ? 3 : -1;
}

/// The code point at the text's begin, and how many bytes it has.
std::pair<char32_t, std::size_t> firstOf(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const int more = continuationsOf(lead);
    if (more == 0)
        return {lead, 1};
    if (more < 0 || text.size() <= static_cast<std::size_t>(more))
        return {kReplacement, 1};
    constexpr std::array<unsigned, 4> kLeadBits{0x7F, 0x1F, 0x0F, 0x07};
    char32_t point = lead & kLeadBits[static_cast<std::size_t>(more)];
    for (int i = 1; i <= more; ++i) {
        const auto next = static_cast<unsigned char>(text[static_cast<std::size_t>(i)]);
        if ((next & 0xC0U) != 0x80)
            return {kReplacement, 1};
        point = (point << 6U) | (next & 0x3FU);
    }
    return {point, static_cast<std::size_t>(more) + 1};
}

void append(std::string& text, char32_t point) {
    const auto byte = [&](char32_t value) { text += static_cast<char>(value); };
    if (point < 0x80)
        return byte(point);
    if (point < 0x800) {
        byte(0xC0U | (point >> 6U));
    } else if (point < 0x10000) {
        byte(0xE0U | (point >> 12U));
        byte(0x80U | ((point >> 6U) & 0x3FU));
    } else {
        byte(0xF0U | (point >> 18U));
        byte(0x80U | ((point >> 12U) & 0x3FU));
        byte(0x80U | ((point >> 6U) & 0x3FU));
    }
    byte(0x80U | (point & 0x3FU));
}

bool isBetween(char32_t point, char32_t first, char32_t last) { return point >= first && point <= last; }

/// Blocks in which upper and lower case alternate: upper case on even or on odd points.
char32_t alternating(char32_t point) {
    const bool isOddUpper = isBetween(point, 0x139, 0x148) || isBetween(point, 0x179, 0x17E);
    const bool isEvenUpper = isBetween(point, 0x100, 0x12F) || isBetween(point, 0x132, 0x137) ||
                             isBetween(point, 0x14A, 0x177) || isBetween(point, 0x460, 0x481) ||
                             isBetween(point, 0x48A, 0x4BF) || isBetween(point, 0x4D0, 0x52F) ||
                             isBetween(point, 0x1E00, 0x1E95) || isBetween(point, 0x1EA0, 0x1EFF);
    if ((isOddUpper && point % 2 == 1) || (isEvenUpper && point % 2 == 0))
        return point + 1;
    return point;
}

char32_t lowerOf(char32_t point) {
    if (isBetween(point, 'A', 'Z') || (isBetween(point, 0xC0, 0xDE) && point != 0xD7))
        return point + 0x20;
    if (isBetween(point, 0x391, 0x3AB) && point != 0x3A2)
        return point + 0x20;
    if (isBetween(point, 0x410, 0x42F))
        return point + 0x20;
    if (isBetween(point, 0x400, 0x40F))
        return point + 0x50;
    switch (point) {
    case 0x178: // Ÿ
        return 0xFF;
    case 0x212A: // the sign of kelvin
        return 'k';
    case 0x212B: // the sign of ångström
        return 0xE5;
    default:
        return alternating(point);
    }
}

bool isSpace(char32_t point) {
    return isBetween(point, 0x09, 0x0D) || isBetween(point, 0x1C, 0x20) || point == 0x85 || point == 0xA0 ||
           point == 0x1680 || isBetween(point, 0x2000, 0x200A) || point == 0x2028 || point == 0x2029 ||
           point == 0x202F || point == 0x205F || point == 0x3000;
}

} // namespace

std::vector<char32_t> codePoints(std::string_view text) {
    std::vector<char32_t> points;
    while (!text.empty()) {
        const auto [point, bytes] = firstOf(text);
        points.push_back(point);
        text.remove_prefix(bytes);
    }
    return points;
}

std::string lowerCase(std::string_view text) {
    std::string lower;
    while (!text.empty()) {
        const auto [point, bytes] = firstOf(text);
        if (point == 0x130) // İ becomes i and a dot above
            lower += "i\u0307";
        else if (point == kReplacement)
            lower += text.substr(0, bytes);
        else
            append(lower, lowerOf(point));
        text.remove_prefix(bytes);
    }
    return lower;
}

std::vector<std::string> splitWords(std::string_view text) {
    std::vector<std::string> words(1);
    while (!text.empty()) {
        const auto [point, bytes] = firstOf(text);
        if (!isSpace(point))
            words.back() += text.substr(0, bytes);
        else if (!words.back().empty())
            words.emplace_back();
        text.remove_prefix(bytes);
    }
    if (words.back().empty())
        words.pop_back();
    return words;
}

std::string_view trimmed(std::string_view text) {
    const auto isBlank = [](char sign) {
        return isSpace(static_cast<unsigned char>(sign)) && static_cast<unsigned char>(sign) < 0x80;
    };
    while (!text.empty() && isBlank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && isBlank(text.back()))
        text.remove_suffix(1);
    return text;
}

} // namespace lathe
