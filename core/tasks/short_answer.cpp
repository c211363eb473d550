#include "core/tasks/short_answer.h"

#include "core/tasks/characters.h"

#include <algorithm>
#include <cstdint>
#include <map>

namespace lathe {

namespace {

bool isPunctuation(char sign) {
    constexpr std::string_view kSigns = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
    return kSigns.find(sign) != std::string_view::npos;
}

/// What stands in a word, as far as the border of an article goes: letters and digits, and all of what is
/// beyond ASCII but general punctuation.
bool isWordSign(std::string_view text, std::size_t place) {
    const auto sign = static_cast<unsigned char>(text[place]);
    if (sign < 0x80)
        return (sign >= 'a' && sign <= 'z') || (sign >= '0' && sign <= '9') || sign == '_';
    const auto startsAt = [&](std::size_t from) {
        return from < text.size() &&
               (text.substr(from).starts_with("\xE2\x80") || text.substr(from, 2) == "\xC2\xA0");
    };
    for (std::size_t back = 0; back < 3 && back <= place; ++back)
        if (startsAt(place - back))
            return false;
    return true;
}

/// Articles that stand alone become a space.
std::string withoutArticles(std::string_view text) {
    std::string kept;
    for (std::size_t i = 0; i < text.size();) {
        const bool isStart = i == 0 || !isWordSign(text, i - 1);
        std::size_t length = 0;
        for (const std::string_view article : {"a", "an", "the"}) {
            const std::size_t end = i + article.size();
            if (isStart && text.substr(i).starts_with(article) &&
                (end == text.size() || !isWordSign(text, end)))
                length = article.size();
        }
        kept += length > 0 ? ' ' : text[i];
        i += std::max<std::size_t>(length, 1);
    }
    return kept;
}

} // namespace

std::string bareAnswer(std::string_view text) {
    std::string plain = lowerCase(text);
    std::erase_if(plain, isPunctuation);
    std::string bare;
    for (const std::string& word : splitWords(withoutArticles(plain)))
        bare += (bare.empty() ? "" : " ") + word;
    return bare;
}

bool isExactMatch(std::string_view expected, std::string_view given) {
    return bareAnswer(expected) == bareAnswer(given);
}

double wordF1(std::string_view expected, std::string_view given) {
    const std::vector<std::string> right = splitWords(bareAnswer(expected));
    const std::vector<std::string> said = splitWords(bareAnswer(given));
    if (right.empty() || said.empty())
        return right.empty() && said.empty() ? 1 : 0;
    std::map<std::string_view, std::int64_t> left;
    for (const std::string& word : right)
        ++left[word];
    double common = 0;
    for (const std::string& word : said)
        common += left[word]-- > 0 ? 1 : 0;
    return 2 * common / static_cast<double>(right.size() + said.size());
}

} // namespace lathe
