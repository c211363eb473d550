#include "core/tasks/bleu.h"

#include "core/base/contract.h"
#include "core/tasks/characters.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace lathe {

namespace {

constexpr std::size_t kOrders = 4;

void replaceAll(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

bool isDigit(char sign) { return sign >= '0' && sign <= '9'; }
bool isPointOrComma(char sign) { return sign == '.' || sign == ','; }

/// ASCII punctuation but for the apostrophe, comma, hyphen and full stop; and the space.
bool standsAlone(char sign) {
    const auto isIn = [sign](char first, char last) { return sign >= first && sign <= last; };
    return isIn('{', '~') || isIn('[', '`') || isIn(' ', '&') || isIn('(', '+') || isIn(':', '@') ||
           sign == '/';
}

/// Replaces each pair (first, second), from left to right and without overlap, by what `spaced` makes of it.
template <typename First, typename Second>
std::string spacedPairs(std::string_view text, First first, Second second, std::string_view form) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i + 1 == text.size() || !first(text[i]) || !second(text[i + 1])) {
            result += text[i];
            continue;
        }
        for (const char sign : form)
            result += sign == '1' ? text[i] : sign == '2' ? text[i + 1] : sign;
        ++i;
    }
    return result;
}

using Grams = std::map<std::vector<std::string>, double>;

Grams gramsOf(const std::vector<std::string>& tokens, std::size_t n) {
    Grams grams;
    for (std::size_t i = 0; i + n <= tokens.size(); ++i) {
        const auto begin = tokens.begin() + static_cast<std::ptrdiff_t>(i);
        ++grams[{begin, begin + static_cast<std::ptrdiff_t>(n)}];
    }
    return grams;
}

double brevityPenalty(double given, double expected) {
    if (given >= expected)
        return 1;
    return given > 0 ? std::exp(1 - expected / given) : 0;
}

} // namespace

std::vector<std::string> bleuTokens(std::string_view source) {
    std::string text(source);
    while (!text.empty() && trimmed(text.substr(text.size() - 1)).empty())
        text.pop_back();
    replaceAll(text, "<skipped>", "");
    replaceAll(text, "-\n", "");
    replaceAll(text, "\n", " ");
    for (const auto& [entity, sign] :
         {std::pair("&quot;", "\""), {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}})
        replaceAll(text, entity, sign);
    std::string spaced;
    for (const char sign : " " + text + " ")
        spaced += standsAlone(sign) ? std::string{' ', sign, ' '} : std::string(1, sign);
    const auto isNoDigit = [](char sign) { return !isDigit(sign); };
    spaced = spacedPairs(spaced, isNoDigit, isPointOrComma, "1 2 ");
    spaced = spacedPairs(spaced, isPointOrComma, isNoDigit, " 1 2");
    spaced = spacedPairs(
        spaced, isDigit, [](char sign) { return sign == '-'; }, "1 2 ");
    return splitWords(spaced);
}

std::vector<double> bleuCounts(std::string_view expected, std::string_view given) {
    const std::vector<std::string> right = bleuTokens(expected);
    const std::vector<std::string> said = bleuTokens(given);
    std::vector<double> counts(2 * kOrders + 2);
    for (std::size_t n = 1; n <= kOrders; ++n) {
        const Grams rightGrams = gramsOf(right, n);
        for (const auto& [gram, count] : gramsOf(said, n)) {
            const auto found = rightGrams.find(gram);
            counts[n - 1] += found == rightGrams.end() ? 0 : std::min(count, found->second);
            counts[kOrders + n - 1] += count;
        }
    }
    counts[2 * kOrders] = static_cast<double>(said.size());
    counts[2 * kOrders + 1] = static_cast<double>(right.size());
    return counts;
}

double bleuOf(std::span<const double> counts, BleuOrders orders) {
    LATHE_EXPECT(counts.size() == 2 * kOrders + 2);
    if (std::ranges::all_of(counts.first(kOrders), [](double matches) { return matches == 0; }))
        return 0;
    double smoothing = 1;
    double logSum = 0;
    std::size_t present = 0;
    for (; present < kOrders && counts[kOrders + present] > 0; ++present) {
        const double matches = counts[present];
        smoothing *= matches > 0 ? 1 : 2;
        logSum += std::log((matches > 0 ? matches : 1 / smoothing) / counts[kOrders + present]);
    }
    if (present < kOrders && orders == BleuOrders::All)
        return 0;
    return 100 * brevityPenalty(counts[2 * kOrders], counts[2 * kOrders + 1]) *
           std::exp(logSum / static_cast<double>(present));
}

} // namespace lathe
