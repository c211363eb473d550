#include "core/base/files.h"
#include "core/base/text.h"
#include "core/store/evaluation_reader.h"

#include <nlohmann/json.hpp>

namespace lathe {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kPage = 1000; ///< rows held at a time
constexpr const char* kHeading = "row,line,correct,expected,extracted,answer,prompt,problem,verdict\n";

std::string jsonLine(const PredictionRecord& row) {
    Json json{{"row", row.row}, {"line", row.line}, {"prompt", row.prompt}, {"expected", row.expected}};
    json["answer"] = row.answer;
    json["extracted"] = row.extracted;
    json["correct"] = row.isCorrect ? Json(*row.isCorrect) : Json(nullptr);
    if (!row.problem.empty())
        json["problem"] = row.problem;
    if (!row.verdict.empty())
        json["verdict"] = Json::parse(row.verdict, nullptr, false);
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string csvLine(const PredictionRecord& row) {
    const char* verdict = !row.isCorrect ? "" : *row.isCorrect ? "true" : "false";
    std::string line = std::to_string(row.row) + "," + std::to_string(row.line) + "," + verdict;
    for (const std::string& text :
         {row.expected, row.extracted, row.answer, row.prompt, row.problem, row.verdict})
        line += "," + csvField(text);
    return line + "\n";
}

} // namespace

Status exportPredictions(const EvaluationReader& reader, EvaluationId id,
                         const std::filesystem::path& target) {
    const bool isJson = target.extension() == ".jsonl";
    std::int64_t last = -1;
    bool isBegun = false;
    std::string part;
    return writeFileAtomically(target, [&]() -> Result<std::optional<std::string_view>> {
        LATHE_ASSIGN(const auto rows, reader.following(id, last, kPage));
        part = isBegun || isJson ? "" : kHeading;
        if (isBegun && rows.empty())
            return std::optional<std::string_view>();
        isBegun = true;
        for (const PredictionRecord& row : rows) {
            part += isJson ? jsonLine(row) : csvLine(row);
            last = row.row;
        }
        return std::optional<std::string_view>(part);
    });
}

} // namespace lathe
