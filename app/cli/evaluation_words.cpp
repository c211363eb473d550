#include "app/cli/evaluation_words.h"

#include "app/cli/terminal.h"
#include "app/cli/text_table.h"
#include "core/session/evaluation_list_model.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace lathe {

namespace {

using Json = nlohmann::ordered_json;

std::string differenceWords(const std::string& name, double value) {
    if (std::isnan(value))
        return "-";
    return (value > 0 ? "+" : "") +
           (isShare(name) ? shortNumber(100 * value) + " points" : shortNumber(value));
}

Json numberOrNull(const std::optional<double>& value) {
    return value && !std::isnan(*value) ? Json(*value) : Json();
}

Json toJson(const EvaluationFigure& figure) {
    return {{"metric", figure.name},
            {"label", figure.label},
            {"value", numberOrNull(figure.value)},
            {"low", numberOrNull(figure.low)},
            {"high", numberOrNull(figure.high)},
            {"rows", figure.count}};
}

std::string verdictWords(const EvaluationComparison& comparison) {
    if (comparison.figures.empty())
        return "There is no figure to compare.";
    const FigureDifference& main = comparison.figures.front();
    const std::string interval = " (95 %: from " + differenceWords(main.first.name, main.low) + " to " +
                                 differenceWords(main.first.name, main.high) + ")";
    if (std::isnan(main.low) || (main.low <= 0 && main.high >= 0))
        return main.first.label + ": the difference of " + differenceWords(main.first.name, main.difference) +
               " is within the noise" + interval;
    const bool isSecondBetter = (main.difference > 0) == main.first.isHigherBetter;
    return main.first.label + ": \"" +
           (isSecondBetter ? comparison.secondName : comparison.firstName).toStdString() +
           "\" is better: " + differenceWords(main.first.name, main.difference) + interval;
}

} // namespace

std::string figureWords(const std::string& name, double value) {
    if (std::isnan(value))
        return "-";
    return isShare(name) ? percent(value) : shortNumber(value);
}

std::string figureTable(const std::vector<EvaluationFigure>& figures) {
    std::vector<std::vector<std::string>> rows{{"Metric", "Value", "95 % interval", "Rows"}};
    for (const EvaluationFigure& figure : figures)
        rows.push_back({figure.label, figureWords(figure.name, figure.value),
                        figure.low && figure.high ? figureWords(figure.name, *figure.low) + " to " +
                                                        figureWords(figure.name, *figure.high)
                                                  : "-",
                        std::to_string(figure.count)});
    return textTable(rows);
}

std::string countWords(const EvaluationRecord& record) {
    std::string text = std::to_string(record.rowsDone) + " of " + std::to_string(record.rowsTotal) + " rows";
    bool isFirst = true;
    const auto add = [&](std::int64_t count, const char* what) {
        if (count > 0)
            text += std::string(isFirst ? ": " : ", ") + std::to_string(count) + " " + what;
        isFirst = isFirst && count == 0;
    };
    add(record.rowsRight, "right");
    add(record.rowsWrong, "wrong");
    add(record.rowsFailed, "could not be asked");
    return text;
}

std::string comparisonWords(const EvaluationComparison& comparison) {
    std::vector<std::vector<std::string>> rows{{"Metric", "First", "Second", "Difference", "95 % interval"}};
    for (const FigureDifference& one : comparison.figures) {
        const std::string& name = one.first.name;
        rows.push_back({one.first.label, figureWords(name, one.first.value),
                        figureWords(name, one.second.value), differenceWords(name, one.difference),
                        differenceWords(name, one.low) + " to " + differenceWords(name, one.high)});
    }
    return "First:  " + comparison.firstName.toStdString() +
           "\nSecond: " + comparison.secondName.toStdString() + "\n\n" + verdictWords(comparison) + "\n" +
           std::to_string(comparison.rows) + " rows in pairs: " + std::to_string(comparison.gained) +
           " gained, " + std::to_string(comparison.lost) + " lost, " + std::to_string(comparison.bothRight) +
           " right in both, " + std::to_string(comparison.bothWrong) + " wrong in both\n\n" + textTable(rows);
}

std::string predictionWords(const PredictionRecord& row) {
    std::string text = "Row " + std::to_string(row.row + 1) + " (line " + std::to_string(row.line) + ")\n";
    text += row.prompt + "\n";
    text += "  expected:  " + row.expected + "\n";
    if (!row.problem.empty())
        return text + "  not asked: " + row.problem + "\n";
    text += "  answer:    " + row.answer + "\n";
    return row.extracted == row.answer ? text : text + "  compared:  " + row.extracted + "\n";
}

Json toJson(const EvaluationRecord& record) {
    Json json{{"evaluation", record.id.value},
              {"name", record.name},
              {"state", toString(record.state)},
              {"note", record.note},
              {"trial", record.trial.isValid() ? Json(record.trial.value) : Json()},
              {"rows", record.rowsTotal},
              {"done", record.rowsDone},
              {"right", record.rowsRight},
              {"wrong", record.rowsWrong},
              {"not_asked", record.rowsFailed},
              {"seconds", record.seconds},
              {"data_sha256", record.dataHash},
              {"metrics", Json::array()},
              {"spec", Json::parse(record.spec, nullptr, false)}};
    for (const EvaluationFigure& figure : record.figures)
        json["metrics"].push_back(toJson(figure));
    return json;
}

Json toJson(const EvaluationComparison& comparison) {
    Json json{{"first", comparison.first.value},
              {"second", comparison.second.value},
              {"rows", comparison.rows},
              {"gained", comparison.gained},
              {"lost", comparison.lost},
              {"both_right", comparison.bothRight},
              {"both_wrong", comparison.bothWrong},
              {"metrics", Json::array()}};
    for (const FigureDifference& one : comparison.figures)
        json["metrics"].push_back({{"metric", one.first.name},
                                   {"first", numberOrNull(one.first.value)},
                                   {"second", numberOrNull(one.second.value)},
                                   {"difference", numberOrNull(one.difference)},
                                   {"low", numberOrNull(one.low)},
                                   {"high", numberOrNull(one.high)},
                                   {"is_beyond_noise", one.low > 0 || one.high < 0}});
    return json;
}

} // namespace lathe
