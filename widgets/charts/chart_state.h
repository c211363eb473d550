#pragma once

#include "core/analysis/chart_data.h"

#include <QString>

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lathe {

/// Smallest range that holds some values.
struct ValueRange {
    double low = 0, high = 0;
};

/// What follows from a layer's values and would cost a pass over them at each replot.
struct LayerFacts {
    std::optional<ValueRange> y;         ///< of the finite values
    std::optional<ValueRange> positiveY; ///< of the finite values above 0
    std::vector<double> smooth;          ///< parallel to the points; empty where nothing is smoothed
    double weightedSum = 0;              ///< of the moving average, after the last finite value
    double weightLeft = 1;               ///< smoothing ^ number of finite values
};

/// What a chart shows: shared by its canvas, its table and its texts.
struct ChartState {
    ChartData data;
    std::vector<char> isShown;     ///< parallel to data.layers
    std::vector<LayerFacts> facts; ///< parallel to data.layers; measure() keeps them true
    double smoothing = 0;
};

/// Works out the facts of one layer, or of all. Call it after a change of its values or of the smoothing.
void measure(ChartState& state, std::size_t layer);
void measureAll(ChartState& state);
/// A point came at the end of a Lines layer.
void measureLast(ChartState& state, std::size_t layer);

struct PointsView {
    std::span<const double> x, y;
};

[[nodiscard]] const std::string& layerName(const Layer& layer);
/// Whether they show the same numbers in two ways, a line and its dots or band: by their name. Two lines of
/// one name are two series, such as two runs that are called alike.
[[nodiscard]] bool isSameSeries(const Layer& one, const Layer& other);
void toggleShown(ChartState& state, std::size_t layer); ///< the whole series
/// Hides all but the layer's series; all are shown again if it was alone.
void showAlone(ChartState& state, std::size_t layer);
/// The style number; `position` stands in for layers that have none.
[[nodiscard]] int layerStyle(const Layer& layer, std::size_t position);
/// Lines, but not those of "eval_…" metrics: they are means over a whole split, and a smoothed one would have
/// its minimum beside the best step.
[[nodiscard]] bool isSmoothable(const Layer& layer);
/// The points of Lines and Dots; nothing for other layers.
[[nodiscard]] std::optional<PointsView> pointsOf(const Layer& layer);
[[nodiscard]] bool hasPoints(const Layer& layer);

/// Sorts Lines, Dots and Bands by x and takes out points whose x is not finite.
void normalize(ChartData& data);

/// Range of all shown finite values; nothing if there are none. On a logarithmic axis only positive values
/// count.
[[nodiscard]] std::optional<ValueRange> xExtent(const ChartState& state, bool isLogX);
/// Of the points with x inside `within`, if given.
[[nodiscard]] std::optional<ValueRange> yExtent(const ChartState& state, bool isLogY,
                                                std::optional<ValueRange> within);

/// Index of the point with finite y nearest to `x`, or nothing.
[[nodiscard]] std::optional<std::size_t> nearestPoint(PointsView points, double x);

/// "0.0003", "12,345" …: at most six digits, in the user's locale.
[[nodiscard]] QString numberText(double value);
/// "loss (nats)".
[[nodiscard]] QString axisText(const ChartAxis& axis);

/// One line of the read-out at a cursor.
struct Reading {
    std::size_t layer = 0;
    double x = 0, y = 0;
    std::optional<double> smoothed;
};
/// Of all shown Lines and Dots, each at its point nearest to `x`.
[[nodiscard]] std::vector<Reading> readings(const ChartState& state, double x);
[[nodiscard]] QString readingText(const ChartState& state, double x);
/// The text summary of ChartView::summary().
[[nodiscard]] QString summaryText(const ChartState& state);

} // namespace lathe
