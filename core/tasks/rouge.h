#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lathe {

/// ROUGE, Lin 2004 ("ROUGE: A Package for Automatic Evaluation of Summaries"), of one text against one
/// reference, as the Python package rouge-score computes it without a stemmer: F measures with equal weight,
/// of runs of ASCII letters and digits in lower case.

/// F measure of the n-grams both have, each as often as it is there; 0 where there is none.
[[nodiscard]] double rougeN(std::string_view expected, std::string_view given, std::size_t n);
/// F measure of the longest common subsequence of both whole texts.
[[nodiscard]] double rougeL(std::string_view expected, std::string_view given);

[[nodiscard]] std::vector<std::string> rougeWords(std::string_view text);

} // namespace lathe
