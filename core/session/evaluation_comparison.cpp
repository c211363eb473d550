#include "core/session/evaluation_comparison.h"

#include "core/session/evaluation_list_model.h"
#include "core/session/metric_label.h"
#include "core/session/text.h"
#include "core/tasks/verdict.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

struct Texts {
    Q_DECLARE_TR_FUNCTIONS(Comparison)
};

/// The metrics that both evaluations report.
std::vector<MetricInfo> commonMetrics(const EvaluationRecord& first, const EvaluationRecord& second) {
    std::vector<MetricInfo> metrics;
    for (const EvaluationFigure& figure : first.figures)
        if (std::ranges::find(second.figures, figure.name, &EvaluationFigure::name) != second.figures.end())
            metrics.push_back({figure.name, figure.label, figure.isHigherBetter});
    return metrics;
}

Status checkComparable(const EvaluationRecord& first, const EvaluationRecord& second) {
    const std::string where = "evaluation " + std::to_string(second.id.value);
    if (first.rowsDone == 0 || second.rowsDone == 0)
        return inputError("evaluation " + std::to_string((first.rowsDone == 0 ? first : second).id.value),
                          "has no row yet; let it run first");
    if (first.dataHash != second.dataHash)
        return inputError(where, "was made on other data than evaluation " + std::to_string(first.id.value) +
                                     "; compare evaluations of the same file");
    return ok();
}

QString signedNumber(double value, int decimals) {
    return (value > 0 ? QStringLiteral("+") : QString()) + QLocale().toString(value, 'f', decimals);
}

/// A difference as it is said: points of a hundred for shares.
QString amountText(const EvaluationFigure& figure, double value) {
    return isShare(figure.name) ? QLocale().toString(100 * value, 'f', 1) : QLocale().toString(value, 'g', 3);
}

} // namespace

Result<EvaluationComparison> compareEvaluations(const StudyReader& reader, EvaluationId first,
                                                EvaluationId second) {
    LATHE_ASSIGN(const EvaluationRecord before, reader.evaluations().one(first));
    LATHE_ASSIGN(const EvaluationRecord after, reader.evaluations().one(second));
    LATHE_TRY(checkComparable(before, after));
    LATHE_ASSIGN(const auto pairs, reader.evaluations().pairs(first, second));
    EvaluationComparison comparison{first, second, toQString(before.name), toQString(after.name), 0, 0, 0, 0,
                                    0,     {}};
    std::vector<RowVerdict> firsts;
    std::vector<RowVerdict> seconds;
    for (const PredictionPair& pair : pairs) {
        if (pair.firstVerdict.empty() || pair.secondVerdict.empty())
            continue; // one of them could not be asked
        LATHE_ASSIGN(firsts.emplace_back(), verdictFromJson(pair.firstVerdict));
        LATHE_ASSIGN(seconds.emplace_back(), verdictFromJson(pair.secondVerdict));
        ++comparison.rows;
        if (!pair.first || !pair.second)
            continue;
        ++(*pair.first ? (*pair.second ? comparison.bothRight : comparison.lost)
                       : (*pair.second ? comparison.gained : comparison.bothWrong));
    }
    for (const MetricDifference& one : compareVerdicts(firsts, seconds, commonMetrics(before, after))) {
        const auto figure = std::ranges::find(before.figures, one.name, &EvaluationFigure::name);
        EvaluationFigure a{one.name, figure->label, one.first, {}, {}, figure->isHigherBetter, one.count};
        EvaluationFigure b = a;
        b.value = one.second;
        comparison.figures.push_back({a, b, one.difference, one.low, one.high});
    }
    return comparison;
}

QString verdictText(const EvaluationComparison& comparison) {
    if (comparison.figures.empty() || std::isnan(comparison.figures.front().difference))
        return Texts::tr("There is no figure to compare.");
    const FigureDifference& main = comparison.figures.front();
    const QString label = figureLabel(main.first);
    const bool isHigherBetter = main.first.isHigherBetter;
    const double low = std::min(main.low, main.high);
    const double high = std::max(main.low, main.high);
    if (std::isnan(low) || (low <= 0 && high >= 0))
        return Texts::tr("%1: the difference of %2 is within the noise (95 %: from %3 to %4)")
            .arg(label, amountText(main.first, main.difference), amountText(main.first, low),
                 amountText(main.first, high));
    const bool isSecondBetter = (main.difference > 0) == isHigherBetter;
    const QString better = isSecondBetter ? comparison.secondName : comparison.firstName;
    const double sign = main.difference > 0 ? 1 : -1;
    const double least = sign > 0 ? low : -high;
    const double most = sign > 0 ? high : -low;
    const QString text = isShare(main.first.name)
                             ? Texts::tr("%1: “%2” is better by %3 points (95 %: from %4 to %5)")
                             : Texts::tr("%1: “%2” is better by %3 (95 %: from %4 to %5)");
    return text.arg(label, better, amountText(main.first, sign * main.difference),
                    amountText(main.first, least), amountText(main.first, most));
}

QString differenceText(const FigureDifference& figure) {
    const auto amount = [&](double value) {
        return isShare(figure.first.name) ? signedNumber(100 * value, 1) : signedNumber(value, 3);
    };
    return std::isnan(figure.difference)
               ? QStringLiteral("–")
               : Texts::tr("%1 (%2 to %3)", "a difference and its interval")
                     .arg(amount(figure.difference), amount(figure.low), amount(figure.high));
}

} // namespace lathe
