#pragma once

#include <span>
#include <string_view>

namespace lathe::examples {

/// How the further forms of a word are made where the list does not write them out after a slash.
enum class Forms {
    Plain,  ///< one form; with an article before it where asked
    Mass,   ///< one form, never with an article
    Noun,   ///< singular / plural
    Name,   ///< one form, capitalised, never with an article
    Person, ///< name / "f" or "m"
};

/// A category of words, written as "one, two, three"; a slash separates a word's forms.
struct WordList {
    std::string_view category;
    Forms forms;
    std::string_view words;
};

/// The word lists of the example corpus, by topic. All of it was written for this project.
[[nodiscard]] std::span<const WordList> wordsOfThings();
[[nodiscard]] std::span<const WordList> wordsOfPeople();
[[nodiscard]] std::span<const WordList> wordsOfPlaces();
[[nodiscard]] std::span<const WordList> wordsOfNature();
[[nodiscard]] std::span<const WordList> wordsOfOpinion();

} // namespace lathe::examples
