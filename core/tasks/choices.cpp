#include "core/tasks/choices.h"

#include "core/base/text.h"
#include "core/tasks/characters.h"
#include "core/tasks/task_parts.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace lathe {

namespace {

using nlohmann::json;

std::optional<std::size_t> placeOf(const std::string& answer) {
    if (answer.size() == 1 && answer[0] >= 'A' && answer[0] <= 'Z')
        return static_cast<std::size_t>(answer[0] - 'A');
    std::size_t number = 0;
    const char* end = answer.data() + answer.size();
    const auto read = std::from_chars(answer.data(), end, number);
    return read.ec == std::errc() && read.ptr == end ? std::optional(number) : std::nullopt;
}

std::size_t likeliest(const std::vector<double>& scores) {
    return static_cast<std::size_t>(std::ranges::max_element(scores) - scores.begin());
}

} // namespace

Result<std::vector<std::string>> choicesIn(const std::string& cell) {
    json list = json::parse(cell, nullptr, false);
    if (list.is_object())
        list = list.value("text", json());
    if (!list.is_array() || !std::ranges::all_of(list, [](const json& item) { return item.is_string(); }))
        return inputError("", "the choices are not a JSON list of texts, but " + cell.substr(0, 40));
    auto choices = list.get<std::vector<std::string>>();
    if (choices.size() < 2)
        return inputError("",
                          "there is " + std::to_string(choices.size()) + " choice; at least two are needed");
    return choices;
}

Result<std::string> choiceNamed(const std::string& answer, const std::vector<std::string>& choices) {
    if (std::ranges::find(choices, answer) != choices.end())
        return answer;
    if (const auto place = placeOf(answer); place && *place < choices.size())
        return choices[*place];
    return inputError("", "the answer \"" + answer + "\" is none of the choices " + joined(choices));
}

RowVerdict judgeChoice(const Question& question, const ModelAnswer& answer) {
    const auto& choices = question.choices;
    LATHE_EXPECT(!choices.empty() && answer.choices.size() == choices.size());
    std::vector<double> byCharacter;
    for (std::size_t i = 0; i < choices.size(); ++i)
        byCharacter.push_back(answer.choices[i] /
                              static_cast<double>(std::max<std::size_t>(1, codePoints(choices[i]).size())));
    RowVerdict verdict = compared(choices[likeliest(answer.choices)], question.expected);
    if (verdict.isCorrect)
        verdict.scores["accuracy_norm"] = choices[likeliest(byCharacter)] == question.expected ? 1 : 0;
    return verdict;
}

} // namespace lathe
