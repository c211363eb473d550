#include "core/base/contract.h"
#include "core/base/numbers.h"
#include "core/tasks/bleu.h"
#include "core/tasks/bootstrap.h"
#include "core/tasks/label_metrics.h"
#include "core/tasks/number_metrics.h"
#include "core/tasks/verdict.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lathe {

namespace {

/// The rows of an evaluation that a metric can use, and what it makes of any of them.
struct Prepared {
    std::size_t rows = 0;
    RowStatistic statistic;
    std::optional<std::int64_t> hits; ///< of a proportion
};

using Verdicts = std::span<const RowVerdict>;
using Prepare = std::function<Prepared(Verdicts, const std::string& name)>;

double meanAt(const std::vector<double>& numbers, std::span<const std::size_t> rows) {
    double sum = 0;
    for (const std::size_t row : rows)
        sum += numbers[row];
    return sum / static_cast<double>(rows.size());
}

/// The score of that name, row by row; "accuracy" is whether the answer is right.
std::vector<double> scoresOf(Verdicts verdicts, const std::string& name) {
    std::vector<double> scores;
    for (const RowVerdict& verdict : verdicts) {
        if (const auto score = verdict.scores.find(name); score != verdict.scores.end())
            scores.push_back(score->second);
        else if (name == "accuracy" && verdict.isCorrect)
            scores.push_back(*verdict.isCorrect ? 1 : 0);
    }
    return scores;
}

Prepared prepareMean(Verdicts verdicts, const std::string& name) {
    std::vector<double> scores = scoresOf(verdicts, name);
    const std::size_t rows = scores.size();
    return {
        rows,
        [scores = std::move(scores)](std::span<const std::size_t> drawn) { return meanAt(scores, drawn); },
        {}};
}

Prepared prepareShare(Verdicts verdicts, const std::string& name) {
    const std::vector<double> scores = scoresOf(verdicts, name);
    Prepared prepared = prepareMean(verdicts, name);
    prepared.hits = std::ranges::count_if(scores, [](double score) { return score > 0.5; });
    return prepared;
}

/// The parts of that name of the rows that have them.
std::vector<std::vector<double>> partsOf(Verdicts verdicts, const std::string& name) {
    std::vector<std::vector<double>> all;
    for (const RowVerdict& verdict : verdicts)
        if (const auto part = verdict.parts.find(name); part != verdict.parts.end())
            all.push_back(part->second);
    return all;
}

/// Labels by number where the verdicts have them, else as they are told apart by their texts.
std::vector<LabelPair> labelsOf(Verdicts verdicts) {
    std::map<std::string, std::int32_t> numbers;
    const auto numberOf = [&](const std::string& label) {
        return numbers.try_emplace(label, static_cast<std::int32_t>(numbers.size())).first->second;
    };
    std::vector<LabelPair> pairs;
    for (const RowVerdict& verdict : verdicts) {
        if (const auto part = verdict.parts.find("labels"); part != verdict.parts.end())
            pairs.push_back({static_cast<std::int32_t>(part->second.at(0)),
                             static_cast<std::int32_t>(part->second.at(1))});
        else if (!verdict.expected.empty())
            pairs.push_back({numberOf(verdict.expected), numberOf(verdict.extracted)});
    }
    return pairs;
}

Prepare labelMetric(double (*figure)(const LabelTally&)) {
    return [figure](Verdicts verdicts, const std::string&) {
        std::vector<LabelPair> pairs = labelsOf(verdicts);
        const std::size_t rows = pairs.size();
        return Prepared{rows,
                        [figure, pairs = std::move(pairs)](std::span<const std::size_t> drawn) {
                            LabelTally tally;
                            for (const std::size_t row : drawn)
                                tally.add(pairs[row]);
                            return figure(tally);
                        },
                        {}};
    };
}

Prepare numberMetric(double (*figure)(std::span<const double>, std::span<const double>)) {
    return [figure](Verdicts verdicts, const std::string&) {
        std::vector<std::vector<double>> pairs = partsOf(verdicts, "numbers");
        const std::size_t rows = pairs.size();
        return Prepared{rows,
                        [figure, pairs = std::move(pairs)](std::span<const std::size_t> drawn) {
                            std::vector<double> expected;
                            std::vector<double> given;
                            for (const std::size_t row : drawn) {
                                expected.push_back(pairs[row].at(0));
                                given.push_back(pairs[row].at(1));
                            }
                            return figure(expected, given);
                        },
                        {}};
    };
}

/// A metric of the sums of a part over all rows.
Prepare sumMetric(std::string part, double (*figure)(std::span<const double>)) {
    return [part = std::move(part), figure](Verdicts verdicts, const std::string&) {
        std::vector<std::vector<double>> parts = partsOf(verdicts, part);
        const std::size_t rows = parts.size();
        return Prepared{rows,
                        [figure, parts = std::move(parts)](std::span<const std::size_t> drawn) {
                            std::vector<double> sums(parts.front().size());
                            for (const std::size_t row : drawn)
                                for (std::size_t i = 0; i < sums.size(); ++i)
                                    sums[i] += parts[row].at(i);
                            return figure(sums);
                        },
                        {}};
    };
}

double meanLoss(std::span<const double> sums) { return sums[0] / sums[1]; }

struct AnswerMetric {
    MetricInfo info;
    Prepare prepare;
};

const std::vector<AnswerMetric>& answerMetricTable() {
    static const std::vector<AnswerMetric> all{
        {{"accuracy", "Accuracy", true}, prepareShare},
        {{"accuracy_norm", "Accuracy by length-normalised likelihood", true}, prepareShare},
        {{"exact_match", "Exact match", true}, prepareShare},
        {{"macro_f1", "Macro F1", true}, labelMetric([](const LabelTally& t) { return t.macroF1(); })},
        {{"f1", "F1 of the second label", true}, labelMetric([](const LabelTally& t) { return t.f1(); })},
        {{"matthews", "Matthews correlation", true},
         labelMetric([](const LabelTally& t) { return t.matthews(); })},
        {{"pearson", "Pearson correlation", true}, numberMetric(pearson)},
        {{"spearman", "Spearman correlation", true}, numberMetric(spearman)},
        {{"mse", "Mean squared error", false}, numberMetric(meanSquaredError)},
        {{"mae", "Mean absolute error", false}, numberMetric(meanAbsoluteError)},
        {{"r2", "Coefficient of determination", true}, numberMetric(rSquared)},
        {{"token_f1", "F1 of words", true}, prepareMean},
        {{"rouge1", "ROUGE-1", true}, prepareMean},
        {{"rouge2", "ROUGE-2", true}, prepareMean},
        {{"rougeL", "ROUGE-L", true}, prepareMean},
        {{"bleu", "BLEU", true},
         sumMetric("bleu", [](std::span<const double> sums) { return bleuOf(sums); })},
        {{"loss", "Loss", false}, sumMetric("loss", meanLoss)},
        {{"perplexity", "Perplexity", false},
         sumMetric("loss", [](std::span<const double> sums) { return std::exp(meanLoss(sums)); })},
    };
    return all;
}

const AnswerMetric* findAnswerMetric(const std::string& name) {
    for (const AnswerMetric& metric : answerMetricTable())
        if (metric.info.name == name)
            return &metric;
    return nullptr;
}

/// The point that a standard normal variable exceeds with the chance (1 - confidence) / 2, by bisection.
double zOf(double confidence) {
    double low = 0;
    double high = 40;
    for (int i = 0; i < 200; ++i) {
        const double middle = (low + high) / 2;
        (std::erfc(middle / std::sqrt(2.0)) > 1 - confidence ? low : high) = middle;
    }
    return (low + high) / 2;
}

/// NaN where there is no row.
double figureOfAll(const Prepared& metric) {
    if (metric.rows == 0)
        return std::numeric_limits<double>::quiet_NaN();
    std::vector<std::size_t> rows(metric.rows);
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    return metric.statistic(rows);
}

} // namespace

std::vector<MetricValue> sumVerdicts(std::span<const RowVerdict> verdicts,
                                     std::span<const MetricInfo> metrics, const IntervalOptions& options) {
    std::vector<MetricValue> values;
    for (const MetricInfo& info : metrics) {
        const AnswerMetric* metric = findAnswerMetric(info.name);
        LATHE_EXPECT(metric != nullptr);
        const Prepared prepared = metric->prepare(verdicts, info.name);
        MetricValue value;
        value.name = info.name;
        value.value = figureOfAll(prepared);
        value.count = static_cast<std::int64_t>(prepared.rows);
        if (prepared.rows > 0) {
            const Interval interval =
                prepared.hits ? wilsonInterval(*prepared.hits, value.count, zOf(options.confidence))
                              : bootstrapInterval(prepared.rows, prepared.statistic, options);
            value.low = interval.low;
            value.high = interval.high;
        }
        values.push_back(std::move(value));
    }
    return values;
}

namespace {

/// Whether a metric can use the row.
bool isUsable(const AnswerMetric& metric, const RowVerdict& verdict) {
    return metric.prepare(std::span(&verdict, 1), metric.info.name).rows == 1;
}

MetricDifference differenceOf(const AnswerMetric& metric, Verdicts first, Verdicts second,
                              const IntervalOptions& options) {
    std::vector<RowVerdict> both[2];
    for (std::size_t row = 0; row < first.size(); ++row)
        if (isUsable(metric, first[row]) && isUsable(metric, second[row])) {
            both[0].push_back(first[row]);
            both[1].push_back(second[row]);
        }
    MetricDifference found;
    found.name = metric.info.name;
    found.count = static_cast<std::int64_t>(both[0].size());
    if (both[0].empty())
        return found;
    const Prepared before = metric.prepare(both[0], found.name);
    const Prepared after = metric.prepare(both[1], found.name);
    found.first = figureOfAll(before);
    found.second = figureOfAll(after);
    found.difference = found.second - found.first;
    const auto statistic = [&](std::span<const std::size_t> drawn) {
        return after.statistic(drawn) - before.statistic(drawn);
    };
    const Interval interval = bootstrapInterval(before.rows, statistic, options);
    found.low = interval.low;
    found.high = interval.high;
    return found;
}

} // namespace

std::vector<MetricDifference> compareVerdicts(std::span<const RowVerdict> first,
                                              std::span<const RowVerdict> second,
                                              std::span<const MetricInfo> metrics,
                                              const IntervalOptions& options) {
    LATHE_EXPECT(first.size() == second.size());
    std::vector<MetricDifference> differences;
    for (const MetricInfo& info : metrics) {
        const AnswerMetric* metric = findAnswerMetric(info.name);
        LATHE_EXPECT(metric != nullptr);
        differences.push_back(differenceOf(*metric, first, second, options));
    }
    return differences;
}

const std::vector<MetricInfo>& answerMetricNames() {
    static const std::vector<MetricInfo> all = [] {
        std::vector<MetricInfo> infos;
        for (const AnswerMetric& metric : answerMetricTable())
            infos.push_back(metric.info);
        return infos;
    }();
    return all;
}

std::vector<MetricInfo> answerMetricsOf(const std::vector<std::string>& names) {
    std::vector<MetricInfo> infos;
    for (const std::string& name : names) {
        const AnswerMetric* metric = findAnswerMetric(name);
        LATHE_EXPECT(metric != nullptr);
        infos.push_back(metric->info);
    }
    return infos;
}

} // namespace lathe
