#pragma once

#include "core/base/event.h"
#include "core/session/metric_series.h"

#include <QString>

namespace lathe {

/// What the numbers of a run say in plain words, by simple rules that claim no more than they know:
/// falling or rising is the mean of the last tenth of the losses against the first tenth; overfitting is an
/// evaluation loss that has left its lowest value behind by more than 2 %. Null series: no points yet.
[[nodiscard]] QString trainingStory(TrialState state, const QString& note, const MetricSeries* loss,
                                    const MetricSeries* evalLoss, const MetricSeries* accuracy);

/// "12.5 %", in the user's language.
[[nodiscard]] QString percentText(double share);

} // namespace lathe
