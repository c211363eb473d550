#include "widgets/charts/layer_painters.h"

#include "core/base/contract.h"
#include "widgets/charts/qcp.h"
#include "widgets/charts/series_style.h"

#include <bit>
#include <cmath>
#include <limits>

namespace lathe {

namespace {

// Up to here a line gets a wide, smooth, dashed pen. Beyond, the stroker costs more than a frame (124 ms for
// 1e5 noisy points at width 2, against 2 ms at width 1), and a dense line would hide its dashes anyway.
constexpr int kFinePoints = 2000;
constexpr int kMarkersWanted = 24;
constexpr double kFaint = 0.62;

/// The exponential moving average of core's smoothed(), one value at a time; a test holds them together.
class RunningMean {
public:
    double push(double value, double weight) {
        if (!std::isfinite(value))
            return value;
        m_last = weight * m_last + (1 - weight) * value;
        m_power *= weight;
        return m_last / (1 - m_power);
    }

private:
    double m_last = 0;
    double m_power = 1; // weight ^ number of values
};

double drawn(double x, double y, const PaintSetting& setting) {
    const bool isDrawable = std::isfinite(y) && (!setting.isLogY || y > 0) && (!setting.isLogX || x > 0);
    return isDrawable ? y : std::numeric_limits<double>::quiet_NaN();
}

QCPGraph* addGraph(QCustomPlot& plot) {
    QCPGraph* graph = plot.addGraph();
    graph->setAdaptiveSampling(true);
    graph->setSelectable(QCP::stNone);
    return graph;
}

void stylePen(QCPGraph& graph, const SeriesStyle& style, const QColor& color) {
    const bool isFine = graph.dataCount() <= kFinePoints;
    QPen pen(color, isFine ? 1.8 : 1.0, isFine ? style.dash : Qt::SolidLine);
    pen.setCosmetic(!isFine);
    pen.setJoinStyle(Qt::RoundJoin);
    graph.setPen(pen);
    graph.setAntialiased(isFine);
}

/// Marks about kMarkersWanted points; the distance doubles as the line grows, so the marks do not wander.
void styleMarkers(QCPGraph& graph, const SeriesStyle& style) {
    const auto count = static_cast<unsigned>(graph.dataCount());
    const unsigned distance = std::bit_ceil(std::max(1U, count / kMarkersWanted));
    graph.setScatterSkip(static_cast<int>(distance - 1));
    graph.setScatterStyle(scatterStyle(style, 5.5));
}

class LinePainter : public LayerPainter {
public:
    LinePainter(QCustomPlot& plot, const Lines& lines)
        : m_plot(plot),
          m_style(lines.style),
          m_isSmoothable(isSmoothable(lines)),
          m_raw(addGraph(plot)),
          m_smooth(addGraph(plot)) {}
    ~LinePainter() override {
        m_plot.removeGraph(m_raw);
        m_plot.removeGraph(m_smooth);
    }

    void fill(const Layer& layer, const PaintSetting& setting) override {
        const Lines& lines = std::get<Lines>(layer);
        m_raw->setName(QString::fromStdString(lines.name));
        m_smooth->setName(QString::fromStdString(lines.name));
        QVector<QCPGraphData> raw, smooth;
        raw.reserve(static_cast<qsizetype>(lines.x.size()));
        m_mean = {};
        for (std::size_t i = 0; i < lines.x.size(); ++i) {
            raw.append({lines.x[i], drawn(lines.x[i], lines.y[i], setting)});
            if (isSmoothing(setting))
                smooth.append(
                    {lines.x[i], drawn(lines.x[i], m_mean.push(lines.y[i], setting.smoothing), setting)});
        }
        m_raw->data()->set(raw, true);
        m_smooth->data()->set(smooth, true);
        restyle(setting);
    }

    void append(double x, double y, const PaintSetting& setting) override {
        m_raw->data()->add({x, drawn(x, y, setting)});
        if (isSmoothing(setting))
            m_smooth->data()->add({x, drawn(x, m_mean.push(y, setting.smoothing), setting)});
        // The look depends on the number of points only at a few places.
        const auto count = static_cast<unsigned>(m_raw->dataCount());
        if (count == kFinePoints + 1 || count % kMarkersWanted == 0)
            restyle(setting);
    }

    void restyle(const PaintSetting& setting) override {
        const SeriesStyle style = seriesStyle(m_style, setting.isDark);
        const bool isSmooth = isSmoothing(setting);
        SeriesStyle faintStyle = style;
        faintStyle.dash = Qt::SolidLine;
        if (isSmooth)
            stylePen(*m_raw, faintStyle, faint(style.color, setting.colors->surface, kFaint));
        else
            stylePen(*m_raw, style, style.color);
        stylePen(*m_smooth, style, style.color);
        styleMarkers(isSmooth ? *m_smooth : *m_raw, style);
        if (isSmooth)
            m_raw->setScatterStyle(QCPScatterStyle::ssNone);
        m_smooth->setVisible(m_isShown && isSmooth);
        m_raw->removeFromLegend();
        m_smooth->removeFromLegend();
        if (m_isShown)
            (isSmooth ? m_smooth : m_raw)->addToLegend();
    }

    void setShown(bool isShown) override {
        m_isShown = isShown;
        m_raw->setVisible(isShown);
        m_smooth->setVisible(isShown);
    }

private:
    [[nodiscard]] bool isSmoothing(const PaintSetting& setting) const {
        return m_isSmoothable && setting.smoothing > 0;
    }

    QCustomPlot& m_plot;
    int m_style;
    bool m_isSmoothable;
    QCPGraph* m_raw;
    QCPGraph* m_smooth;
    RunningMean m_mean;
    bool m_isShown = true;
};

class DotsPainter : public LayerPainter {
public:
    DotsPainter(QCustomPlot& plot, const Dots& dots)
        : m_plot(plot), m_style(dots.style), m_graph(addGraph(plot)) {
        m_graph->setName(QString::fromStdString(dots.name));
        m_graph->setLineStyle(QCPGraph::lsNone);
    }
    ~DotsPainter() override { m_plot.removeGraph(m_graph); }

    void fill(const Layer& layer, const PaintSetting& setting) override {
        const Dots& dots = std::get<Dots>(layer);
        QVector<QCPGraphData> data;
        for (std::size_t i = 0; i < dots.x.size(); ++i)
            data.append({dots.x[i], drawn(dots.x[i], dots.y[i], setting)});
        m_graph->data()->set(data, true);
        restyle(setting);
    }
    void restyle(const PaintSetting& setting) override {
        m_graph->setScatterStyle(scatterStyle(seriesStyle(m_style, setting.isDark), 6.5));
        m_isShown ? m_graph->addToLegend() : m_graph->removeFromLegend();
    }
    void setShown(bool isShown) override {
        m_isShown = isShown;
        m_graph->setVisible(isShown);
    }

private:
    QCustomPlot& m_plot;
    int m_style;
    QCPGraph* m_graph;
    bool m_isShown = true;
};

class BandPainter : public LayerPainter {
public:
    BandPainter(QCustomPlot& plot, const Band& band)
        : m_plot(plot), m_style(band.style), m_low(addGraph(plot)), m_high(addGraph(plot)) {
        m_high->setName(QString::fromStdString(band.name));
        m_low->removeFromLegend();
        m_high->setChannelFillGraph(m_low);
    }
    ~BandPainter() override {
        m_plot.removeGraph(m_high);
        m_plot.removeGraph(m_low);
    }

    void fill(const Layer& layer, const PaintSetting& setting) override {
        const Band& band = std::get<Band>(layer);
        QVector<QCPGraphData> low, high;
        for (std::size_t i = 0; i < band.x.size(); ++i) {
            low.append({band.x[i], drawn(band.x[i], band.low[i], setting)});
            high.append({band.x[i], drawn(band.x[i], band.high[i], setting)});
        }
        m_low->data()->set(low, true);
        m_high->data()->set(high, true);
        restyle(setting);
    }
    void restyle(const PaintSetting& setting) override {
        const QColor color = seriesStyle(m_style, setting.isDark).color;
        QPen edge(faint(color, setting.colors->surface, 0.5), 1.0);
        m_low->setPen(edge);
        m_high->setPen(edge);
        m_high->setBrush(faint(color, setting.colors->surface, 0.8));
        m_isShown ? m_high->addToLegend() : m_high->removeFromLegend();
    }
    void setShown(bool isShown) override {
        m_isShown = isShown;
        m_low->setVisible(isShown);
        m_high->setVisible(isShown);
    }

private:
    QCustomPlot& m_plot;
    int m_style;
    QCPGraph* m_low;
    QCPGraph* m_high;
    bool m_isShown = true;
};

class BarsPainter : public LayerPainter {
public:
    BarsPainter(QCustomPlot& plot, const Bars& bars, std::size_t position)
        : m_plot(plot), m_style(static_cast<int>(position)), m_bars(new QCPBars(plot.xAxis, plot.yAxis)) {
        m_bars->setName(QString::fromStdString(bars.name));
        m_bars->setSelectable(QCP::stNone);
        m_bars->setWidth(0.64);
    }
    ~BarsPainter() override { m_plot.removePlottable(m_bars); }

    void fill(const Layer& layer, const PaintSetting& setting) override {
        const Bars& bars = std::get<Bars>(layer);
        auto ticker = QSharedPointer<QCPAxisTickerText>::create();
        QVector<QCPBarsData> data;
        for (std::size_t i = 0; i < bars.values.size(); ++i) {
            const auto place = static_cast<double>(i);
            data.append({place, drawn(1, bars.values[i], setting)});
            if (i < bars.labels.size())
                ticker->addTick(place, QString::fromStdString(bars.labels[i]));
        }
        m_bars->data()->set(data, true);
        m_plot.xAxis->setTicker(ticker);
        restyle(setting);
    }
    void restyle(const PaintSetting& setting) override {
        m_bars->setPen(Qt::NoPen);
        m_bars->setBrush(seriesStyle(m_style, setting.isDark).color);
        m_isShown ? m_bars->addToLegend() : m_bars->removeFromLegend();
    }
    void setShown(bool isShown) override {
        m_isShown = isShown;
        m_bars->setVisible(isShown);
    }

private:
    QCustomPlot& m_plot;
    int m_style;
    QCPBars* m_bars;
    bool m_isShown = true;
};

class HeatPainter : public LayerPainter {
public:
    HeatPainter(QCustomPlot& plot, const Heat& heat)
        : m_plot(plot), m_map(new QCPColorMap(plot.xAxis, plot.yAxis)) {
        m_map->setName(QString::fromStdString(heat.name));
        m_map->setInterpolate(false);
        m_map->setSelectable(QCP::stNone);
    }
    ~HeatPainter() override { m_plot.removePlottable(m_map); }

    void fill(const Layer& layer, const PaintSetting& setting) override {
        const Heat& heat = std::get<Heat>(layer);
        LATHE_EXPECT(heat.values.size() == heat.columns * heat.rows);
        const int columns = static_cast<int>(heat.columns);
        const int rows = static_cast<int>(heat.rows);
        m_map->data()->setSize(columns, rows);
        m_map->data()->setRange({0, std::max(1.0, columns - 1.0)}, {0, std::max(1.0, rows - 1.0)});
        for (int row = 0; row < rows; ++row)
            for (int column = 0; column < columns; ++column)
                m_map->data()->setCell(column, row,
                                       heat.values[static_cast<std::size_t>(row) * heat.columns +
                                                   static_cast<std::size_t>(column)]);
        m_map->rescaleDataRange(true);
        restyle(setting);
    }
    void restyle(const PaintSetting& setting) override {
        // One hue from paper to accent: order survives colour blindness and grey printing.
        QCPColorGradient gradient;
        gradient.clearColorStops();
        gradient.setColorStopAt(0, faint(setting.colors->accentText, setting.colors->surface, 0.92));
        gradient.setColorStopAt(1, setting.colors->accentText);
        gradient.setNanHandling(QCPColorGradient::nhTransparent);
        m_map->setGradient(gradient);
    }
    void setShown(bool isShown) override { m_map->setVisible(isShown); }

private:
    QCustomPlot& m_plot;
    QCPColorMap* m_map;
};

} // namespace

void LayerPainter::append(double, double, const PaintSetting&) {}

std::unique_ptr<LayerPainter> makeLayerPainter(QCustomPlot& plot, const Layer& layer, std::size_t position) {
    struct Maker {
        QCustomPlot& plot;
        std::size_t position;
        std::unique_ptr<LayerPainter> operator()(const Lines& l) const {
            return std::make_unique<LinePainter>(plot, l);
        }
        std::unique_ptr<LayerPainter> operator()(const Dots& l) const {
            return std::make_unique<DotsPainter>(plot, l);
        }
        std::unique_ptr<LayerPainter> operator()(const Band& l) const {
            return std::make_unique<BandPainter>(plot, l);
        }
        std::unique_ptr<LayerPainter> operator()(const Bars& l) const {
            return std::make_unique<BarsPainter>(plot, l, position);
        }
        std::unique_ptr<LayerPainter> operator()(const Heat& l) const {
            return std::make_unique<HeatPainter>(plot, l);
        }
    };
    return std::visit(Maker{plot, position}, layer);
}

} // namespace lathe
