#include "core/tasks/answer_score.h"

#include "core/base/contract.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lathe {

namespace {

double ratio(double part, std::int64_t whole) {
    return whole > 0 ? part / static_cast<double>(whole) : std::numeric_limits<double>::quiet_NaN();
}

} // namespace

Interval wilsonInterval(std::int64_t hits, std::int64_t tried, double z) {
    LATHE_EXPECT(0 <= hits && hits <= tried);
    if (tried == 0)
        return {};
    const auto n = static_cast<double>(tried);
    const double p = static_cast<double>(hits) / n;
    const double scale = 1 / (1 + z * z / n);
    const double centre = scale * (p + z * z / (2 * n));
    const double half = scale * z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    return {std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

double AnswerScore::accuracy() const { return ratio(static_cast<double>(exactExamples), examples); }

double AnswerScore::tokenAccuracy() const {
    return ratio(static_cast<double>(correctTokens), labelledTokens);
}

double AnswerScore::meanLoss() const { return ratio(lossSum, labelledTokens); }

double AnswerScore::perplexity() const { return std::exp(meanLoss()); }

AnswerScore sumUp(std::span<const ExampleScore> scores) {
    AnswerScore sum;
    for (const ExampleScore& score : scores) {
        LATHE_EXPECT(score.correctTokens <= score.labelledTokens);
        if (score.labelledTokens == 0)
            continue;
        ++sum.examples;
        sum.exactExamples += score.correctTokens == score.labelledTokens ? 1 : 0;
        sum.correctTokens += score.correctTokens;
        sum.labelledTokens += score.labelledTokens;
        sum.lossSum += score.lossSum;
    }
    return sum;
}

} // namespace lathe
