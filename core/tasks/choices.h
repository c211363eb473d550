#pragma once

#include "core/tasks/task.h"

namespace lathe {

/// The choices a cell holds: a JSON list of texts, or an object whose "text" is one, as ARC and
/// CommonsenseQA keep them. Input error (its `where` is empty) for anything else, or fewer than two.
[[nodiscard]] Result<std::vector<std::string>> choicesIn(const std::string& cell);

/// The choice that an answer names: by its text, by a letter (A is the first) or by its number from 0. Input
/// error (its `where` is empty) where it names none.
[[nodiscard]] Result<std::string> choiceNamed(const std::string& answer,
                                              const std::vector<std::string>& choices);

/// Right if the choice with the highest sum of log likelihoods is the expected one; the score "accuracy_norm"
/// takes the sums by character of the choice, so that short ones have no advantage (as the evaluation harness
/// of EleutherAI does). Of equals the first wins. Contract: a likelihood for each choice.
[[nodiscard]] RowVerdict judgeChoice(const Question& question, const ModelAnswer& answer);

} // namespace lathe
