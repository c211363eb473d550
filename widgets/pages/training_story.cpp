#include "widgets/pages/training_story.h"

#include "core/session/run_table_model.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

namespace lathe {

namespace {

/// A context of its own, for functions without a class.
struct TrainingStory {
    Q_DECLARE_TR_FUNCTIONS(TrainingStory)
};

constexpr double kClearFall = 0.97;
constexpr double kClearRise = 1.05;
constexpr double kOverfitting = 1.02;
constexpr std::size_t kFewPoints = 8;

double mean(std::span<const double> values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

QString lossStory(const MetricSeries& loss) {
    const std::span<const double> values(loss.values);
    if (!std::isfinite(values.back()))
        return TrainingStory::tr("The loss is not a number any more: try a smaller learning rate.");
    if (values.size() < kFewPoints)
        return TrainingStory::tr("The first steps are done.");
    const std::size_t tenth = std::max<std::size_t>(1, values.size() / 10);
    const double first = mean(values.first(tenth));
    const double last = mean(values.last(tenth));
    if (last < first * kClearFall)
        return TrainingStory::tr("The loss is falling.");
    if (last > first * kClearRise)
        return TrainingStory::tr("The loss is rising: try a smaller learning rate.");
    return TrainingStory::tr("The loss hardly moves so far.");
}

QString evaluationStory(const MetricSeries* evalLoss) {
    if (evalLoss == nullptr || evalLoss->values.size() < 2)
        return TrainingStory::tr("Evaluation follows.");
    const auto best = std::ranges::min_element(evalLoss->values);
    if (evalLoss->values.back() > *best * kOverfitting)
        return TrainingStory::tr(
                   "On unseen data it was best at step %1 and has become worse since: overfitting.")
            .arg(evalLoss->steps[static_cast<std::size_t>(best - evalLoss->values.begin())]);
    return TrainingStory::tr("No overfitting so far.");
}

QString resultStory(const MetricSeries* accuracy) {
    if (accuracy == nullptr || accuracy->values.size() < 2)
        return TrainingStory::tr("Done.");
    return TrainingStory::tr("Done: accuracy on unseen data went from %1 to %2.")
        .arg(percentText(accuracy->values.front()), percentText(accuracy->values.back()));
}

} // namespace

QString percentText(double share) {
    return TrainingStory::tr("%1 %", "per cent").arg(QLocale().toString(100 * share, 'f', 1));
}

QString trainingStory(TrialState state, const QString& note, const MetricSeries* loss,
                      const MetricSeries* evalLoss, const MetricSeries* accuracy) {
    switch (state) {
    case TrialState::Queued:
        return TrainingStory::tr("Waiting for its turn.");
    case TrialState::Preparing:
        return TrainingStory::tr("Getting ready: reading the model and the data.");
    case TrialState::Failed:
        return TrainingStory::tr("It failed: %1").arg(note);
    case TrialState::Interrupted:
        return TrainingStory::tr("The program ended while it ran. It can go on from its last checkpoint.");
    case TrialState::Cancelled:
        return TrainingStory::tr("Stopped. What was trained is kept, and it can go on.");
    case TrialState::Complete:
    case TrialState::Pruned:
        return resultStory(accuracy);
    case TrialState::Running:
    case TrialState::Paused:
    case TrialState::Finishing:
        break;
    }
    if (loss == nullptr || loss->values.empty())
        return TrainingStory::tr("Measuring the base model before the first step.");
    return lossStory(*loss) + QLatin1Char(' ') + evaluationStory(evalLoss);
}

} // namespace lathe
