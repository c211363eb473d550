#include "widgets/charts/chart_readout.h"

#include "widgets/charts/chart_canvas.h"
#include "widgets/charts/series_style.h"

#include <QLocale>

#include <algorithm>

namespace lathe {

namespace {

QString shortText(double value) { return QLocale().toString(value, 'g', 4); }

QString cell(const QString& text, const QString& attributes = {}) {
    return QStringLiteral("<td %1>%2</td>").arg(attributes, text);
}

QString row(const QString& cells) { return QStringLiteral("<tr>%1</tr>").arg(cells); }

QString readoutRow(const ChartState& state, const Reading& reading, double x, bool isDark) {
    const Layer& layer = state.data.layers[reading.layer];
    const QColor color = seriesStyle(layerStyle(layer, reading.layer), isDark).color;
    const QString right = QStringLiteral("align=right");
    QString name = QString::fromStdString(layerName(layer)).toHtmlEscaped();
    if (reading.x != x)
        name += QStringLiteral(" <small>@ %1</small>").arg(numberText(reading.x));
    const QString smooth =
        reading.smoothed ? QStringLiteral("&nbsp;&nbsp;") + shortText(*reading.smoothed) : QString();
    return row(cell(QStringLiteral("<span style='color:%1'>\u25CF</span>&nbsp;").arg(color.name())) +
               cell(name) + cell(QStringLiteral("&nbsp;&nbsp;<b>%1</b>").arg(shortText(reading.y)), right) +
               cell(smooth, right));
}

} // namespace

QString readoutHtml(const ChartState& state, double x, bool isDark) {
    const auto found = readings(state, x);
    const bool hasSmoothed =
        std::ranges::any_of(found, [](const Reading& r) { return r.smoothed.has_value(); });
    const QString title = QStringLiteral("<b>%1 %2</b>")
                              .arg(QString::fromStdString(state.data.x.label).toHtmlEscaped(), numberText(x));
    QString rows = row(
        cell(title, QStringLiteral("colspan=3")) +
        cell(hasSmoothed ? QStringLiteral("<small>&nbsp;&nbsp;%1</small>").arg(ChartCanvas::tr("smoothed"))
                         : QString()));
    for (std::size_t i = 0; i < std::min(found.size(), kReadoutRows); ++i)
        rows += readoutRow(state, found[i], x, isDark);
    if (found.size() > kReadoutRows)
        rows +=
            row(cell(ChartCanvas::tr("and %n more", nullptr, static_cast<int>(found.size() - kReadoutRows)),
                     QStringLiteral("colspan=4")));
    return QStringLiteral("<table cellspacing=1>%1</table>").arg(rows);
}

} // namespace lathe
