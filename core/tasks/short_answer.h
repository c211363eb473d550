#pragma once

#include <string>
#include <string_view>

namespace lathe {

/// An answer as SQuAD compares it, Rajpurkar et al. 2016 (arXiv:1606.05250): lower case, without ASCII
/// punctuation, without the words a, an and the, words one space apart.
[[nodiscard]] std::string bareAnswer(std::string_view text);

/// Whether both are the same as bareAnswer().
[[nodiscard]] bool isExactMatch(std::string_view expected, std::string_view given);

/// F1 of the words of both as bareAnswer(), each word as often as it is there. Where one has no word left: 1
/// if neither has, else 0.
[[nodiscard]] double wordF1(std::string_view expected, std::string_view given);

} // namespace lathe
