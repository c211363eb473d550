#pragma once

#include <QColor>
#include <QIcon>
#include <QPalette>
#include <Qt>

class QCPScatterStyle;

namespace lathe {

enum class Marker { Disc, Square, Triangle, Diamond, Cross, Star };

/// How a series looks; the same style number gives the same look in every chart.
struct SeriesStyle {
    QColor color;
    Qt::PenStyle dash = Qt::SolidLine;
    Marker marker = Marker::Disc;
};

/// Colours are apart for the three kinds of colour blindness and have at least 3:1 on the chart's background;
/// dash and marker change along with them, so that the first dozen differ without colour and no
/// colour is the only cue.
[[nodiscard]] SeriesStyle seriesStyle(int style, bool isDark);
[[nodiscard]] int seriesColorCount();

[[nodiscard]] QCPScatterStyle scatterStyle(const SeriesStyle& style, double size);

/// A short piece of the line with its marker, for legends.
[[nodiscard]] QIcon seriesSwatch(const SeriesStyle& style, double devicePixelRatio);

/// `color` moved towards `background`: 0 leaves it, 1 is the background. Opaque, unlike alpha, which makes
/// the raster engine several times slower.
[[nodiscard]] QColor faint(const QColor& color, const QColor& background, double amount);

} // namespace lathe
