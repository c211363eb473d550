#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace lathe {

/// The finite number a text writes, or nothing if it writes more or less than one.
[[nodiscard]] std::optional<double> numberOf(std::string_view text);

/// The last number in a text as it is written there, after all commas are taken out: an optional minus,
/// digits, an optional point and more digits (LLM-Adapters, Hu et al. 2023, arXiv:2304.01933). So "10-5" ends
/// in -5, "1/2" in 2, and "5." in 5.
[[nodiscard]] std::optional<std::string> lastNumber(std::string_view text);

/// Which capital letter of A to E is the answer of a multiple choice.
enum class LetterRule {
    First,      ///< the first anywhere, even inside a word: "Divide" is D (as LLM-Adapters published)
    Last,       ///< the last anywhere (as its authors counted later)
    OptionAware ///< one that stands alone, best one behind the last "answer", else one in brackets, the last
};
/// Empty where there is none.
[[nodiscard]] std::string optionLetter(std::string_view text, LetterRule rule);

/// The accepted word that occurs first, case-sensitive and even inside another word; the longest of those
/// that begin there. Empty where none occurs.
[[nodiscard]] std::string firstOfWords(std::string_view text, std::span<const std::string> words);
/// The one that occurs last.
[[nodiscard]] std::string lastOfWords(std::string_view text, std::span<const std::string> words);

} // namespace lathe
