#include "core/data/text_key.h"

#include <bit>
#include <cstring>

namespace lathe {

namespace {

constexpr std::uint64_t kFirst = 0x87c37b91114253d5;
constexpr std::uint64_t kSecond = 0x4cf5ad432745937f;

std::uint64_t scatter(std::uint64_t value, std::uint64_t by, int turn, std::uint64_t then) {
    return std::rotl(value * by, turn) * then;
}

std::uint64_t finished(std::uint64_t value) {
    value = (value ^ (value >> 33U)) * 0xff51afd7ed558ccd;
    value = (value ^ (value >> 33U)) * 0xc4ceb9fe1a85ec53;
    return value ^ (value >> 33U);
}

/// A code point and its bytes; a byte that begins none stands for itself, beyond Unicode.
struct CodePoint {
    char32_t value = 0;
    std::size_t bytes = 1;
};
constexpr char32_t kNoCodePoint = 0x110000;

CodePoint firstOf(std::string_view text) {
    const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = byte(0);
    if (lead < 0x80)
        return {lead, 1};
    const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
    if (bytes == 0 || text.size() < bytes)
        return {kNoCodePoint, 1};
    char32_t value = lead & (0xFFU >> (bytes + 1));
    for (std::size_t i = 1; i < bytes; ++i)
        value = value << 6U | (byte(i) & 0x3FU);
    return {value, bytes};
}

void append(std::string& text, char32_t value) {
    if (value < 0x80) {
        text += static_cast<char>(value);
    } else if (value < 0x800) {
        text += static_cast<char>(0xC0 | value >> 6U);
        text += static_cast<char>(0x80 | (value & 0x3F));
    } else {
        text += static_cast<char>(0xE0 | value >> 12U);
        text += static_cast<char>(0x80 | (value >> 6U & 0x3F));
        text += static_cast<char>(0x80 | (value & 0x3F));
    }
}

/// Of the letters whose lower case is a fixed distance away, or their neighbour (Unicode's UnicodeData.txt).
char32_t lowered(char32_t c) {
    const auto isIn = [c](char32_t from, char32_t to) { return c >= from && c <= to; };
    if (isIn('A', 'Z') || (isIn(0xC0, 0xDE) && c != 0xD7) || (isIn(0x391, 0x3A9) && c != 0x3A2) ||
        isIn(0x410, 0x42F))
        return c + 32;
    if (isIn(0x400, 0x40F))
        return c + 80;
    const bool isEvenUpper = (isIn(0x100, 0x137) && c != 0x130) || isIn(0x14A, 0x177) || isIn(0x460, 0x481) ||
                             isIn(0x48A, 0x4BF) || isIn(0x1E00, 0x1E95) || isIn(0x1EA0, 0x1EFF);
    const bool isOddUpper = isIn(0x139, 0x148) || isIn(0x179, 0x17E);
    if ((isEvenUpper && c % 2 == 0) || (isOddUpper && c % 2 == 1))
        return c + 1;
    return c;
}

bool isSpace(char32_t c) {
    return c == ' ' || (c >= 9 && c <= 13) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200B) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
           c == 0x3000;
}

bool isPunctuation(char32_t c) {
    const auto isIn = [c](char32_t from, char32_t to) { return c >= from && c <= to; };
    return isIn('!', '/') || isIn(':', '@') || isIn('[', '`') || isIn('{', '~') || isIn(0xA1, 0xA9) ||
           isIn(0xAB, 0xB1) || isIn(0xB4, 0xB8) || c == 0xBB || c == 0xBF || isIn(0x2010, 0x2027) ||
           isIn(0x2030, 0x205E) || isIn(0x3001, 0x3003) || isIn(0x3008, 0x3011) || isIn(0xFF01, 0xFF0F);
}

} // namespace

TextKey keyOf(std::string_view text) {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    const std::size_t whole = text.size() / 16 * 16;
    for (std::size_t at = 0; at < whole; at += 16) {
        std::uint64_t block[2];
        std::memcpy(block, text.data() + at, sizeof block);
        high = (std::rotl(high ^ scatter(block[0], kFirst, 31, kSecond), 27) + low) * 5 + 0x52dce729;
        low = (std::rotl(low ^ scatter(block[1], kSecond, 33, kFirst), 31) + high) * 5 + 0x38495ab5;
    }
    std::uint64_t rest[2] = {0, 0};
    if (whole < text.size())
        std::memcpy(rest, text.data() + whole, text.size() - whole);
    low ^= scatter(rest[1], kSecond, 33, kFirst);
    high ^= scatter(rest[0], kFirst, 31, kSecond);
    high ^= text.size();
    low ^= text.size();
    high += low;
    low += high;
    high = finished(high);
    low = finished(low);
    high += low;
    return {high, low + high};
}

std::string normalised(std::string_view text, Likeness likeness) {
    if (likeness == Likeness::Exact)
        return std::string(text);
    std::string result;
    result.reserve(text.size());
    bool isGapOpen = false;
    while (!text.empty()) {
        const CodePoint next = firstOf(text);
        if (isSpace(next.value) || (likeness == Likeness::Punctuation && isPunctuation(next.value))) {
            isGapOpen = !result.empty();
        } else {
            if (isGapOpen)
                result += ' ';
            isGapOpen = false;
            const char32_t low = lowered(next.value);
            if (low == next.value)
                result += text.substr(0, next.bytes);
            else
                append(result, low);
        }
        text.remove_prefix(next.bytes);
    }
    return result;
}

} // namespace lathe
