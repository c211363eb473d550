#pragma once

#include "core/analysis/chart_data.h"
#include "core/params/param_schema.h"

#include <QString>

namespace lathe {

class ChartView;

/// The names that core/analysis gives to series and axes of studies, in the user's language.
void translateNames(ChartData& data);
[[nodiscard]] std::string translatedName(const std::string& name);

/// A point of its own over the others: the chosen trial.
void markTrial(ChartData& data, const std::string& name, double x, double y);

/// Draws other data; the zoom, the scale of y and what is hidden stay as the user has left them. Data that
/// are drawn already are not drawn again.
void refreshChart(ChartView& view, ChartData data);

} // namespace lathe
