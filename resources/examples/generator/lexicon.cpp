#include "resources/examples/generator/lexicon.h"

#include "core/base/contract.h"
#include "resources/examples/generator/word_lists.h"

#include <array>

namespace lathe::examples {
namespace {

bool isVowel(char letter) { return std::string_view("aeiou").find(letter) != std::string_view::npos; }

bool endsWith(std::string_view text, std::initializer_list<std::string_view> endings) {
    for (std::string_view ending : endings)
        if (text.ends_with(ending))
            return true;
    return false;
}

std::vector<std::string> splitAt(std::string_view text, std::string_view separator) {
    std::vector<std::string> parts;
    while (true) {
        const std::size_t end = text.find(separator);
        parts.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos)
            return parts;
        text.remove_prefix(end + separator.size());
    }
}

std::vector<Word> readList(const WordList& list) {
    std::vector<Word> words;
    for (const std::string& entry : splitAt(list.words, ", ")) {
        Word word{splitAt(entry, "/"), list.forms == Forms::Noun || list.forms == Forms::Plain};
        if (list.forms == Forms::Noun && word.forms.size() == 1)
            word.forms.push_back(pluralOf(word.text()));
        LATHE_EXPECT(!word.text().empty());
        LATHE_EXPECT(list.forms != Forms::Person || word.forms.size() == 2);
        words.push_back(std::move(word));
    }
    return words;
}

} // namespace

std::string_view articleFor(std::string_view word) {
    // Spelt with a vowel but spoken with a consonant.
    for (std::string_view exception : {"uniform", "university", "ukulele", "useful", "user"})
        if (word.starts_with(exception))
            return "a";
    for (std::string_view exception : {"honest", "hour"})
        if (word.starts_with(exception))
            return "an";
    return isVowel(word.front()) ? "an" : "a";
}

std::string pluralOf(std::string_view noun) {
    std::string plural(noun);
    const std::size_t size = noun.size();
    if (endsWith(noun, {"s", "x", "z", "ch", "sh"}))
        return plural + "es";
    if (noun.ends_with('y') && size > 1 && !isVowel(noun[size - 2]))
        return plural.substr(0, size - 1) + "ies";
    return plural + "s";
}

std::string numberWord(int number) {
    static constexpr std::array<std::string_view, 20> kSmall = {
        "zero",     "one",     "two",     "three",     "four",     "five",    "six",
        "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",  "thirteen",
        "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
    static constexpr std::array<std::string_view, 8> kTens = {"twenty", "thirty",  "forty",  "fifty",
                                                              "sixty",  "seventy", "eighty", "ninety"};
    LATHE_EXPECT(number >= 0 && number <= 100);
    if (number == 100)
        return "a hundred";
    if (number < 20)
        return std::string(kSmall[static_cast<std::size_t>(number)]);
    std::string word(kTens[static_cast<std::size_t>(number / 10 - 2)]);
    if (number % 10 != 0)
        word.append("-").append(kSmall[static_cast<std::size_t>(number % 10)]);
    return word;
}

std::string capitalised(std::string_view text) {
    std::string result(text);
    if (!result.empty() && result[0] >= 'a' && result[0] <= 'z')
        result[0] = static_cast<char>(result[0] - 'a' + 'A');
    return result;
}

Lexicon::Lexicon() {
    for (const auto& lists :
         {wordsOfThings(), wordsOfPeople(), wordsOfPlaces(), wordsOfNature(), wordsOfOpinion()})
        for (const WordList& list : lists) {
            const bool isNew = m_categories.emplace(list.category, readList(list)).second;
            LATHE_EXPECT(isNew);
        }
}

const std::vector<Word>& Lexicon::category(std::string_view name) const {
    const auto found = m_categories.find(name);
    LATHE_EXPECT(found != m_categories.end());
    return found->second;
}

} // namespace lathe::examples
