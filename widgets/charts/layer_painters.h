#pragma once

#include "widgets/charts/chart_state.h"
#include "widgets/theme/theme.h"

#include <memory>
#include <span>

class QCustomPlot;

namespace lathe {

/// How everything is drawn at the moment.
struct PaintSetting {
    bool isLogX = false;
    bool isLogY = false;
    bool isDark = false;
    const ThemeColors* colors = nullptr; ///< not null
};

/// Draws one layer of a ChartData with QCustomPlot. The plottables belong to the plot and are taken from it
/// by the destructor, so painters must go before the plot.
class LayerPainter {
public:
    virtual ~LayerPainter() = default;

    /// Draws `layer` anew; `smooth` is parallel to the points of a smoothed Lines layer, otherwise empty.
    /// Contract: the kind of layer the painter was made for.
    virtual void fill(const Layer& layer, std::span<const double> smooth, const PaintSetting& setting) = 0;
    /// A point came at the end of a Lines layer; `smooth` as in fill().
    virtual void append(const Layer& layer, std::span<const double> smooth, const PaintSetting& setting);
    virtual void restyle(const PaintSetting& setting) = 0;
    virtual void setShown(bool isShown) = 0;
};

/// `position` of the layer in the chart stands in for a style where the kind of layer has none.
[[nodiscard]] std::unique_ptr<LayerPainter> makeLayerPainter(QCustomPlot& plot, const Layer& layer,
                                                             std::size_t position);

} // namespace lathe
