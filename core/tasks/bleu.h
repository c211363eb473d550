#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lathe {

/// BLEU, Papineni et al. 2002, as sacreBLEU computes it (Post 2018, arXiv:1804.08771): 13a tokens, n-grams up
/// to 4, and counts of 0 smoothed one after the other by 1/2, 1/4, … ("exp").

/// What bleuOf() adds up: matches of the four n-grams, those said, words said, words of the reference.
[[nodiscard]] std::vector<double> bleuCounts(std::string_view expected, std::string_view given);

/// In [0, 100], of the sums of the counts of any number of texts. For one text alone BleuOrders::Present, so
/// that a text of three words is not worth nothing for having no 4-gram.
enum class BleuOrders { All, Present };
[[nodiscard]] double bleuOf(std::span<const double> counts, BleuOrders orders = BleuOrders::All);

/// The tokens of mteval-v13a, the tokenizer of the WMT evaluations.
[[nodiscard]] std::vector<std::string> bleuTokens(std::string_view text);

} // namespace lathe
