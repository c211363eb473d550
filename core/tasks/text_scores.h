#pragma once

#include "core/tasks/verdict.h"

#include <string>
#include <vector>

namespace lathe {

/// The right answers a cell holds: one text, or several as data sets of questions keep them, a JSON list of
/// texts or an object whose "text" is one.
[[nodiscard]] std::vector<std::string> rightAnswersIn(const std::string& cell);

/// A verdict with the scores of these names ("exact_match", "token_f1", "rouge1", "rouge2", "rougeL", "bleu")
/// of a text against rightAnswersIn(`expected`), each the best over them; BLEU against the first alone.
/// Without a right answer it has no score. Other names are passed over. isCorrect is the exact match, where
/// it is asked for.
[[nodiscard]] RowVerdict scoredText(std::string given, const std::string& expected,
                                    const std::vector<std::string>& scores);

} // namespace lathe
