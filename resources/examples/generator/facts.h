#pragma once

#include "resources/examples/generator/scene.h"

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lathe::examples {

/// A question about a fact, as templates over the fact's names.
struct FactQuestion {
    std::string_view text;
    std::string_view answer; ///< the bare words, as they stand in the statement
    std::string_view spoken; ///< how somebody would say it
};

/// A kind of simple fact: what is drawn, how it is told and what can be asked. In the statements {S} is the
/// subject (the person A, or a pronoun) at the sentence's start. The last statement is held out: the test
/// rows of the passages prefer it, the training rows never use it.
struct FactKind {
    std::string_view draws;
    std::array<std::string_view, 4> statements;
    std::vector<FactQuestion> questions;
};

[[nodiscard]] std::span<const FactKind> factKinds();

/// A question that a passage answers.
struct AskedQuestion {
    std::size_t sentence = 0; ///< of the passage, which holds the answer
    std::string text;
    std::string answer;
    std::string spoken;
    std::string full; ///< the sentence again, with the name in place of a pronoun
};

/// Some sentences with facts, and all questions about them.
struct Passage {
    std::vector<std::string> sentences;
    std::vector<AskedQuestion> questions;
};

/// A passage of `factCount` facts: of one kind with different people, or of different kinds, some about the
/// same person.
[[nodiscard]] Passage makePassage(Scene& scene, std::size_t factCount);

} // namespace lathe::examples
