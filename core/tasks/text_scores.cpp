#include "core/tasks/text_scores.h"

#include "core/tasks/bleu.h"
#include "core/tasks/rouge.h"
#include "core/tasks/short_answer.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>

namespace lathe {

namespace {

using Measure = std::function<double(const std::string& expected, const std::string& given)>;

const std::map<std::string, Measure>& measures() {
    static const std::map<std::string, Measure> all{
        {"exact_match",
         [](const auto& expected, const auto& given) { return isExactMatch(expected, given); }},
        {"token_f1", wordF1},
        {"rouge1", [](const auto& expected, const auto& given) { return rougeN(expected, given, 1); }},
        {"rouge2", [](const auto& expected, const auto& given) { return rougeN(expected, given, 2); }},
        {"rougeL", rougeL},
    };
    return all;
}

double bestOf(const Measure& measure, const std::vector<std::string>& expected, const std::string& given) {
    double best = 0;
    for (const std::string& right : expected)
        best = std::max(best, measure(right, given));
    return best;
}

} // namespace

std::vector<std::string> rightAnswersIn(const std::string& cell) {
    if (!cell.starts_with('[') && !cell.starts_with('{'))
        return {cell};
    nlohmann::json list = nlohmann::json::parse(cell, nullptr, false);
    if (list.is_object())
        list = list.value("text", nlohmann::json());
    std::vector<std::string> answers;
    if (list.is_array() && std::ranges::all_of(list, [](const auto& item) { return item.is_string(); }))
        list.get_to(answers);
    return answers.empty() ? std::vector{cell} : answers;
}

RowVerdict scoredText(std::string given, const std::string& expected,
                      const std::vector<std::string>& scores) {
    RowVerdict verdict;
    verdict.extracted = std::move(given);
    verdict.expected = expected;
    if (expected.empty())
        return verdict;
    const std::vector<std::string> right = rightAnswersIn(expected);
    for (const std::string& name : scores) {
        if (const auto measure = measures().find(name); measure != measures().end())
            verdict.scores[name] = bestOf(measure->second, right, verdict.extracted);
        if (name == "bleu") {
            verdict.parts["bleu"] = bleuCounts(right.front(), verdict.extracted);
            verdict.scores["bleu"] = bleuOf(verdict.parts["bleu"], BleuOrders::Present);
        }
        if (name == "exact_match")
            verdict.isCorrect = verdict.scores.at(name) > 0;
    }
    return verdict;
}

} // namespace lathe
