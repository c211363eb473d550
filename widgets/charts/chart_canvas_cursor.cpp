#include "widgets/charts/chart_canvas.h"

#include "widgets/charts/chart_readout.h"
#include "widgets/charts/qcp.h"
#include "widgets/charts/series_style.h"

#include <QLabel>

#include <algorithm>
#include <cmath>

namespace lathe {

void ChartCanvas::setCursor(std::optional<double> x) {
    std::optional<double> snapped;
    if (x) {
        for (const Reading& reading : readings(m_state, *x))
            if (!snapped || std::abs(reading.x - *x) < std::abs(*snapped - *x))
                snapped = reading.x;
    }
    if (!snapped && !m_cursor)
        return;
    m_cursor = snapped;
    m_cursorLine->setVisible(snapped.has_value());
    if (snapped) {
        m_cursorLine->point1->setCoords(*snapped, 0);
        m_cursorLine->point2->setCoords(*snapped, 1);
        m_readout->setText(readoutHtml(m_state, *snapped, setting().isDark));
        m_readout->adjustSize();
    }
    m_readout->setVisible(snapped.has_value());
    placeTracers();
    placeReadout();
    // Only the overlay: the curves themselves stay as they are drawn.
    m_plot->layer(QStringLiteral("overlay"))->replot();
}

/// A ring on each curve where the line crosses it.
void ChartCanvas::placeTracers() {
    const auto found = m_cursor ? readings(m_state, *m_cursor) : std::vector<Reading>{};
    const std::size_t wanted = std::min(found.size(), kReadoutRows);
    while (m_tracers.size() < wanted) {
        auto* tracer = new QCPItemTracer(m_plot);
        tracer->setStyle(QCPItemTracer::tsCircle);
        tracer->setSize(8);
        tracer->setLayer(QStringLiteral("overlay"));
        m_tracers.push_back(tracer);
    }
    for (std::size_t i = 0; i < m_tracers.size(); ++i) {
        m_tracers[i]->setVisible(i < wanted);
        if (i >= wanted)
            continue;
        const Layer& layer = m_state.data.layers[found[i].layer];
        const QColor color = seriesStyle(layerStyle(layer, found[i].layer), setting().isDark).color;
        m_tracers[i]->setPen(QPen(color, 1.8));
        m_tracers[i]->setBrush(setting().colors->surface);
        m_tracers[i]->position->setCoords(found[i].x, found[i].smoothed.value_or(found[i].y));
    }
}

/// Beside the line, on the side with more room, never outside the plot.
void ChartCanvas::placeReadout() {
    if (!m_cursor)
        return;
    constexpr int kDistance = 12;
    const int line = static_cast<int>(m_plot->xAxis->coordToPixel(*m_cursor));
    const bool fitsRight = line + kDistance + m_readout->width() < m_plot->width();
    const int left = fitsRight ? line + kDistance : std::max(0, line - kDistance - m_readout->width());
    // Below the label of the marker, if there is one.
    const int top = m_markerText->visible() ? m_readout->fontMetrics().height() + kDistance : kDistance;
    m_readout->move(left, m_plot->axisRect()->top() + top);
}

} // namespace lathe
