#include "core/tasks/rouge.h"

#include "core/tasks/characters.h"

#include <algorithm>
#include <map>

namespace lathe {

namespace {

double fMeasure(double common, double expected, double given) {
    const double precision = common / std::max(given, 1.0);
    const double recall = common / std::max(expected, 1.0);
    return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0;
}

using Grams = std::map<std::vector<std::string>, double>;

Grams gramsOf(const std::vector<std::string>& words, std::size_t n) {
    Grams grams;
    for (std::size_t i = 0; i + n <= words.size(); ++i) {
        const auto begin = words.begin() + static_cast<std::ptrdiff_t>(i);
        ++grams[{begin, begin + static_cast<std::ptrdiff_t>(n)}];
    }
    return grams;
}

double countOf(const std::vector<std::string>& words, std::size_t n) {
    return words.size() >= n ? static_cast<double>(words.size() - n + 1) : 0;
}

double commonLength(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    std::vector<std::size_t> best(b.size() + 1); // of the words of `a` so far
    for (const std::string& word : a) {
        std::size_t diagonal = 0;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t above = best[j + 1];
            best[j + 1] = word == b[j] ? diagonal + 1 : std::max(above, best[j]);
            diagonal = above;
        }
    }
    return static_cast<double>(best.back());
}

} // namespace

std::vector<std::string> rougeWords(std::string_view text) {
    std::string plain = lowerCase(text);
    for (char& sign : plain)
        if ((sign < 'a' || sign > 'z') && (sign < '0' || sign > '9'))
            sign = ' ';
    return splitWords(plain);
}

double rougeN(std::string_view expected, std::string_view given, std::size_t n) {
    const std::vector<std::string> right = rougeWords(expected);
    const std::vector<std::string> said = rougeWords(given);
    const Grams rightGrams = gramsOf(right, n);
    double common = 0;
    for (const auto& [gram, count] : gramsOf(said, n))
        if (const auto found = rightGrams.find(gram); found != rightGrams.end())
            common += std::min(count, found->second);
    return fMeasure(common, countOf(right, n), countOf(said, n));
}

double rougeL(std::string_view expected, std::string_view given) {
    const std::vector<std::string> right = rougeWords(expected);
    const std::vector<std::string> said = rougeWords(given);
    if (right.empty() || said.empty())
        return 0;
    return fMeasure(commonLength(right, said), static_cast<double>(right.size()),
                    static_cast<double>(said.size()));
}

} // namespace lathe
