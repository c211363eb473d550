#include "core/data/text_encoding.h"

#include "core/data/utf8.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace lathe {

namespace {

/// What Windows-1252 has at 0x80 to 0x9F; the five places without a sign keep the control character of
/// Latin-1, as browsers do (WHATWG Encoding Standard).
constexpr std::array<std::uint16_t, 32> kWindowsSigns{
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

/// Quotes, dashes, the ellipsis, the Euro, the pound, the section sign and other signs of running text.
constexpr std::string_view kWindowsPunctuation =
    "\x80\x84\x85\x8B\x91\x92\x93\x94\x95\x96\x97\x99\x9B\xA0\xA3\xA7"
    "\xA9\xAB\xAE\xB0\xB4\xB7\xBB\xBD\xBF";

constexpr char kNoUtf8 = '\xFF';

void appendUtf8(std::uint32_t point, std::string& out) {
    const auto continuation = [&out, point](unsigned shift) {
        out += static_cast<char>(0x80 | (point >> shift & 0x3FU));
    };
    if (point < 0x80) {
        out += static_cast<char>(point);
    } else if (point < 0x800) {
        out += static_cast<char>(0xC0 | point >> 6U);
        continuation(0);
    } else if (point < 0x10000) {
        out += static_cast<char>(0xE0 | point >> 12U);
        continuation(6);
        continuation(0);
    } else {
        out += static_cast<char>(0xF0 | point >> 18U);
        continuation(12);
        continuation(6);
        continuation(0);
    }
}

bool isLetter(char sign) { return std::isalpha(static_cast<unsigned char>(sign)) != 0; }

/// True for a byte that Windows-1252 text could hold at this place.
bool isNatural(std::string_view sample, std::size_t at) {
    if (kWindowsPunctuation.find(sample[at]) != std::string_view::npos)
        return true;
    const bool isAccentedLetter = static_cast<unsigned char>(sample[at]) >= 0xC0;
    return isAccentedLetter &&
           ((at > 0 && isLetter(sample[at - 1])) || (at + 1 < sample.size() && isLetter(sample[at + 1])));
}

struct Utf8Census {
    std::size_t sequences = 0; // of several bytes, well formed
    std::size_t strays = 0;    // bytes that belong to none
    std::size_t natural = 0;   // of these, for Windows-1252
};

Utf8Census censusOf(std::string_view sample, SampleExtent extent) {
    Utf8Census census;
    std::size_t at = 0;
    while (at < sample.size()) {
        const std::string_view rest = sample.substr(at);
        const auto bad = firstInvalidUtf8(rest);
        const std::string_view good = rest.substr(0, bad.value_or(rest.size()));
        census.sequences += static_cast<std::size_t>(std::count_if(
            good.begin(), good.end(), [](char sign) { return static_cast<unsigned char>(sign) >= 0xC0; }));
        at += good.size();
        constexpr std::size_t kLongestSequence = 4;
        if (!bad || (extent == SampleExtent::Beginning && sample.size() - at < kLongestSequence))
            break;
        ++census.strays;
        census.natural += isNatural(sample, at) ? 1U : 0U;
        ++at;
    }
    return census;
}

/// Text of Latin letters has a zero in nearly each unit of UTF-16.
std::optional<Detected<TextEncoding>> utf16ByZeros(std::string_view sample) {
    std::array<std::size_t, 2> zeros{};
    for (std::size_t i = 0; i < sample.size(); ++i)
        zeros[i % 2] += sample[i] == '\0' ? 1U : 0U;
    const double units = std::max(1.0, static_cast<double>(sample.size() / 2));
    const double even = static_cast<double>(zeros[0]) / units;
    const double odd = static_cast<double>(zeros[1]) / units;
    constexpr double kMany = 0.25;
    constexpr double kTimes = 8; // some other signs have a zero in the other byte
    if (odd > kMany && odd > kTimes * even)
        return Detected<TextEncoding>{TextEncoding::Utf16Le, std::min(0.99, 0.5 + odd / 2)};
    if (even > kMany && even > kTimes * odd)
        return Detected<TextEncoding>{TextEncoding::Utf16Be, std::min(0.99, 0.5 + even / 2)};
    return std::nullopt;
}

} // namespace

EncodingGuess guessEncoding(std::string_view sample, SampleExtent extent) {
    if (sample.starts_with("\xEF\xBB\xBF"))
        return {{TextEncoding::Utf8, 1}, 3};
    if (sample.starts_with("\xFF\xFE"))
        return {{TextEncoding::Utf16Le, 1}, 2};
    if (sample.starts_with("\xFE\xFF"))
        return {{TextEncoding::Utf16Be, 1}, 2};
    if (const auto utf16 = utf16ByZeros(sample))
        return {*utf16, 0};
    const Utf8Census census = censusOf(sample, extent);
    if (census.strays == 0)
        return {{TextEncoding::Utf8, census.sequences > 0 || extent == SampleExtent::Whole ? 1 : 0.9}, 0};
    const auto share = [](std::size_t part, std::size_t other) {
        return static_cast<double>(part) / static_cast<double>(part + other);
    };
    constexpr double kMost = 0.8;
    if (census.strays > census.sequences && share(census.natural, census.strays - census.natural) >= kMost)
        return {{TextEncoding::Windows1252, kMost * share(census.strays, census.sequences)}, 0};
    return {{TextEncoding::Utf8, std::max(0.5, share(census.sequences, census.strays))}, 0};
}

void Transcoder::add(std::string_view piece, std::string& utf8) {
    switch (m_encoding) {
    case TextEncoding::Utf8:
        utf8 += piece;
        return;
    case TextEncoding::Latin1:
        for (const char sign : piece)
            appendUtf8(static_cast<unsigned char>(sign), utf8);
        return;
    case TextEncoding::Windows1252:
        for (const char sign : piece) {
            const auto byte = static_cast<unsigned char>(sign);
            appendUtf8(byte >= 0x80 && byte < 0xA0 ? kWindowsSigns[byte - 0x80U] : byte, utf8);
        }
        return;
    case TextEncoding::Utf16Le:
    case TextEncoding::Utf16Be:
        for (const char sign : piece) {
            const auto byte = static_cast<unsigned char>(sign);
            if (m_firstByte < 0) {
                m_firstByte = byte;
                continue;
            }
            const auto first = static_cast<std::uint32_t>(m_firstByte);
            m_firstByte = -1;
            addUnit(m_encoding == TextEncoding::Utf16Le ? first | std::uint32_t{byte} << 8U
                                                        : first << 8U | byte,
                    utf8);
        }
        return;
    }
}

void Transcoder::addUnit(std::uint32_t unit, std::string& utf8) {
    const bool isHigh = unit >= 0xD800 && unit < 0xDC00;
    const bool isLow = unit >= 0xDC00 && unit < 0xE000;
    if (m_highSurrogate != 0 && isLow) {
        appendUtf8(0x10000 + ((m_highSurrogate - 0xD800) << 10U) + (unit - 0xDC00), utf8);
        m_highSurrogate = 0;
        return;
    }
    if (m_highSurrogate != 0)
        utf8 += kNoUtf8;
    m_highSurrogate = isHigh ? unit : 0;
    if (isLow)
        utf8 += kNoUtf8;
    else if (!isHigh)
        appendUtf8(unit, utf8);
}

void Transcoder::finish(std::string& utf8) {
    if (m_highSurrogate != 0 || m_firstByte >= 0)
        utf8 += kNoUtf8;
    m_highSurrogate = 0;
    m_firstByte = -1;
}

} // namespace lathe
