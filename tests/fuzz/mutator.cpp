#include "tests/fuzz/mutator.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

namespace lathe::fuzz {

namespace {

constexpr std::size_t kKept = 512;        // mutated inputs in the pool, beside the seeds
constexpr std::size_t kLeastLimit = 4096; // bytes an input may have, however small the seeds are

constexpr std::array<std::int64_t, 20> kIntegers{0,
                                                 1,
                                                 2,
                                                 7,
                                                 8,
                                                 127,
                                                 128,
                                                 255,
                                                 256,
                                                 32767,
                                                 65535,
                                                 65536,
                                                 2147483647,
                                                 2147483648,
                                                 4294967295,
                                                 4294967296,
                                                 -1,
                                                 -2,
                                                 std::numeric_limits<std::int64_t>::max(),
                                                 std::numeric_limits<std::int64_t>::min()};

constexpr std::array kTokens{"null",
                             "true",
                             "0",
                             "-1",
                             "1e999",
                             "1.5",
                             "9223372036854775807",
                             "18446744073709551615",
                             "-9223372036854775808",
                             "99999999999999999999",
                             "4294967296",
                             "[]",
                             "{}",
                             "\"\"",
                             "[[",
                             "]]",
                             "{\"a\":",
                             "}",
                             "NaN",
                             "\"\\u0000\"",
                             "\"\\ud800\"",
                             "\"..\"",
                             ",",
                             ":"};

/// Begin and end of each token of JSON: a string, a number or a word, a single mark.
std::vector<std::pair<std::size_t, std::size_t>> tokensOf(const std::string& input) {
    std::vector<std::pair<std::size_t, std::size_t>> tokens;
    for (std::size_t at = 0; at < input.size();) {
        std::size_t end = at + 1;
        if (input[at] == '"') {
            while (end < input.size() && input[end] != '"')
                end += input[end] == '\\' ? 2 : 1;
            end = std::min(end + 1, input.size());
        } else if (std::isalnum(static_cast<unsigned char>(input[at])) != 0 || input[at] == '-') {
            while (end < input.size() &&
                   (std::isalnum(static_cast<unsigned char>(input[end])) != 0 || input[end] == '.'))
                ++end;
        }
        if (std::isspace(static_cast<unsigned char>(input[at])) == 0)
            tokens.emplace_back(at, end);
        at = end;
    }
    return tokens;
}

} // namespace

Mutator::Mutator(std::vector<std::string> seeds, std::vector<std::string> words, bool isText,
                 std::uint64_t seed)
    : m_random(seed),
      m_pool(std::move(seeds)),
      m_words(std::move(words)),
      m_isText(isText),
      m_seedCount(m_pool.size()),
      m_largest(kLeastLimit) {
    for (const std::string& each : m_pool)
        m_largest = std::max(m_largest, 4 * each.size());
}

std::size_t Mutator::below(std::size_t limit) {
    return static_cast<std::size_t>(m_random.integer(0, static_cast<std::int64_t>(limit) - 1));
}

std::string Mutator::next() {
    std::string input = chance(3) ? m_pool[below(m_seedCount)] : any(m_pool);
    do
        mutate(input);
    while (chance(2));
    if (input.size() > m_largest)
        input.resize(m_largest);
    return input;
}

void Mutator::keep(std::string input) {
    if (m_pool.size() < m_seedCount + kKept)
        m_pool.push_back(std::move(input));
    else
        m_pool[m_seedCount + below(kKept)] = std::move(input);
}

void Mutator::mutate(std::string& input) {
    if (input.empty()) {
        insertWord(input);
        return;
    }
    const bool isToken = m_isText ? !chance(4) : chance(16);
    switch (isToken ? 0 : 1 + below(8)) {
    case 0:
        changeToken(input);
        break;
    case 1:
    case 2:
    case 3:
        changeByte(input);
        break;
    case 4:
    case 5:
        changeInteger(input);
        break;
    case 6:
        changeRange(input);
        break;
    case 7:
        insertWord(input);
        break;
    default:
        splice(input);
        break;
    }
}

void Mutator::changeByte(std::string& input) {
    const std::size_t at = below(input.size());
    if (chance(2))
        input[at] = static_cast<char>(input[at] ^ static_cast<char>(1U << below(8)));
    else
        input[at] = static_cast<char>(below(256));
}

void Mutator::changeInteger(std::string& input) {
    const std::size_t width = std::size_t{1} << below(4);
    if (input.size() < width)
        return;
    const std::size_t at = below(input.size() - width + 1);
    std::uint64_t value = 0;
    std::memcpy(&value, input.data() + at, width);
    if (chance(3))
        value += below(17) - 8; // wraps, as meant
    else if (chance(4))
        value = input.size() - below(std::min<std::size_t>(input.size(), 64));
    else
        value = static_cast<std::uint64_t>(kIntegers[below(kIntegers.size())]);
    std::memcpy(input.data() + at, &value, width);
}

void Mutator::changeRange(std::string& input) {
    const std::size_t begin = below(input.size());
    const std::size_t length =
        1 + below(std::min<std::size_t>(input.size() - begin, chance(4) ? input.size() : 32));
    const std::string part = input.substr(begin, length);
    switch (below(5)) {
    case 0:
        input.resize(begin);
        break;
    case 1:
        input.erase(begin, length);
        break;
    case 2:
        input.insert(below(input.size() + 1), part);
        break;
    case 3:
        input.replace(below(input.size()), part.size(), part);
        break;
    default:
        for (std::size_t copies = below(chance(8) ? 512 : 8); copies > 0 && input.size() < m_largest;
             --copies)
            input.insert(begin, part);
    }
}

void Mutator::changeToken(std::string& input) {
    const auto tokens = tokensOf(input);
    if (tokens.empty())
        return;
    const auto [begin, end] = tokens[below(tokens.size())];
    const auto [otherBegin, otherEnd] = tokens[below(tokens.size())];
    const std::string other = input.substr(otherBegin, otherEnd - otherBegin);
    const bool isMark = std::ispunct(static_cast<unsigned char>(input[begin])) != 0 && input[begin] != '"';
    if (isMark && !chance(4)) {
        changeToken(input); // a mark more or less breaks all that follows
        return;
    }
    switch (below(8)) {
    case 0:
        input.insert(begin, other);
        break;
    case 1:
        input.erase(begin, end - begin);
        break;
    case 2:
    case 3:
        input.replace(begin, end - begin, other);
        break;
    case 4:
        if (!m_words.empty())
            input.replace(begin, end - begin, any(m_words));
        break;
    default:
        input.replace(begin, end - begin, kTokens[below(kTokens.size())]);
    }
}

void Mutator::insertWord(std::string& input) {
    const std::string word =
        m_words.empty() || chance(4) ? std::string(kTokens[below(kTokens.size())]) : any(m_words);
    const std::size_t at = below(input.size() + 1);
    if (chance(2))
        input.insert(at, word);
    else
        input.replace(at, word.size(), word);
}

void Mutator::splice(std::string& input) {
    const std::string& other = any(m_pool);
    if (other.empty())
        return;
    input.resize(below(input.size() + 1));
    input += other.substr(chance(2) ? std::min(input.size(), other.size() - 1) : below(other.size()));
}

} // namespace lathe::fuzz
