#pragma once

#include "core/analysis/chart_data.h"
#include "core/base/result.h"

#include <QString>

#include <string>

class QCustomPlot;

namespace lathe {

enum class ChartImageFormat { Png, Svg, Pdf };

/// One row per x in ascending order, one column per Lines or Dots layer, and one "… (smoothed)" per Lines
/// layer if `smoothing` > 0. Numbers are written so that they read back to the same bits; a missing or not
/// finite value is an empty cell or "nan". RFC 4180, UTF-8, "\n".
[[nodiscard]] std::string toCsv(const ChartData& data, double smoothing = 0);

/// Io error naming the file.
[[nodiscard]] Status savePlot(QCustomPlot& plot, const QString& path, ChartImageFormat format,
                              const QString& title);
/// Writes atomically. Io error naming the file.
[[nodiscard]] Status saveText(const QString& path, const std::string& text);

} // namespace lathe
