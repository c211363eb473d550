#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lathe::examples {

/// A word and its other forms: nouns singular and plural, people name and "f" or "m".
struct Word {
    std::vector<std::string> forms;
    bool takesArticle = false;

    [[nodiscard]] const std::string& text() const { return forms.front(); }
};

/// "a" or "an", by sound as far as the first letters tell it.
[[nodiscard]] std::string_view articleFor(std::string_view word);
/// The regular plural: baker → bakers, cherry → cherries, box → boxes.
[[nodiscard]] std::string pluralOf(std::string_view noun);
/// The word for 0 … 100: "seventy-two".
[[nodiscard]] std::string numberWord(int number);
/// With the first letter in upper case (ASCII).
[[nodiscard]] std::string capitalised(std::string_view text);

/// All word lists by category.
class Lexicon {
public:
    Lexicon();
    /// Contract: the category exists.
    [[nodiscard]] const std::vector<Word>& category(std::string_view name) const;

private:
    std::map<std::string, std::vector<Word>, std::less<>> m_categories;
};

} // namespace lathe::examples
