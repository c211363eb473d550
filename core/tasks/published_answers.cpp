#include "core/tasks/published_answers.h"

#include "core/base/files.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace lathe {

namespace {

using nlohmann::json;

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kPythonTokens{
    {{"-Infinity", "\"-inf\""}, {"Infinity", "\"inf\""}, {"NaN", "\"nan\""}}};

/// Appends what stands at this place outside of a string, a token as a text in quotes; returns its length.
std::size_t copyOutside(std::string_view text, std::string& strict) {
    for (const auto& [token, written] : kPythonTokens)
        if (text.starts_with(token)) {
            strict += written;
            return token.size();
        }
    strict += text.front();
    return 1;
}

std::string withoutPythonTokens(std::string_view text) {
    std::string strict;
    bool isInString = false;
    while (!text.empty()) {
        std::size_t length = 1;
        if (isInString) {
            length = text.front() == '\\' && text.size() > 1 ? 2 : 1;
            strict += text.substr(0, length);
        } else {
            length = copyOutside(text, strict);
        }
        if (text.front() == '"')
            isInString = !isInString;
        text.remove_prefix(length);
    }
    return strict;
}

std::string textOf(const json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

PublishedAnswer answerOf(const json& row) {
    PublishedAnswer answer;
    answer.dataset = row.value("dataset", "");
    answer.output = row.at("output_pred").get<std::string>();
    answer.prediction = textOf(row.at("pred"));
    answer.expected = textOf(row.contains("label") ? row.at("label") : row.at("answer"));
    if (const auto flag = row.find("flag"); flag != row.end())
        answer.isRight = flag->get<bool>();
    return answer;
}

json rowsOf(const std::string& strict) {
    if (strict.starts_with('['))
        return json::parse(strict);
    json rows = json::array();
    for (std::size_t at = 0; at < strict.size();) {
        const std::size_t end = std::min(strict.find('\n', at), strict.size());
        if (end > at)
            rows.push_back(json::parse(strict.substr(at, end - at)));
        at = end + 1;
    }
    return rows;
}

} // namespace

Result<std::vector<PublishedAnswer>> publishedAnswersFrom(std::string_view text, const std::string& source) {
    std::vector<PublishedAnswer> answers;
    try {
        for (const json& row : rowsOf(withoutPythonTokens(text)))
            answers.push_back(answerOf(row));
    } catch (const json::exception& reason) {
        return inputError(source, "is no result file of LLM-Adapters from row " +
                                      std::to_string(answers.size() + 1) + " on: " + reason.what());
    }
    return answers;
}

Result<std::vector<PublishedAnswer>> readPublishedAnswers(const std::filesystem::path& file) {
    LATHE_ASSIGN(const std::string content, readFile(file));
    return publishedAnswersFrom(content, file.string());
}

} // namespace lathe
