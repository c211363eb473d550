#include "widgets/charts/layer_painters.h"

#include "core/base/contract.h"
#include "widgets/charts/qcp.h"
#include "widgets/charts/series_style.h"

#include <bit>
#include <cmath>
#include <limits>
#include <utility>

namespace lathe {

namespace {

// A replot of 1200 x 700 pixels must stay within a frame. Wide pens are slow in the raster engine, dashed
// ones most of all, and a dense line would hide its dashes anyway; beyond these numbers of points a line is
// plainer.
constexpr int kDashedPoints = 120;
constexpr int kFinePoints = 1200;
constexpr int kMarkersWanted = 24;
constexpr double kFaint = 0.62;
constexpr double kBoldWidth = 3;

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
    QPen pen(color, isFine ? 1.8 : 1.0, graph.dataCount() <= kDashedPoints ? style.dash : Qt::SolidLine);
    pen.setCosmetic(!isFine);
    graph.setPen(pen);
    graph.setAntialiased(isFine);
}

/// Marks about kMarkersWanted points; the distance doubles as the line grows, so the marks do not wander.
int markerDistance(int points) {
    return static_cast<int>(std::bit_ceil(static_cast<unsigned>(std::max(1, points / kMarkersWanted))));
}

void styleMarkers(QCPGraph& graph, const SeriesStyle& style) {
    graph.setScatterSkip(markerDistance(graph.dataCount()) - 1);
    graph.setScatterStyle(scatterStyle(style, 5.5));
}

QVector<QCPGraphData> graphData(std::span<const double> x, std::span<const double> y,
                                const PaintSetting& setting) {
    QVector<QCPGraphData> data;
    data.reserve(static_cast<qsizetype>(x.size()));
    for (std::size_t i = 0; i < x.size(); ++i)
        data.append({x[i], drawn(x[i], y[i], setting)});
    return data;
}

class LinePainter : public LayerPainter {
public:
    LinePainter(QCustomPlot& plot, const Lines& lines)
        : m_plot(plot), m_style(lines.style), m_raw(addGraph(plot)), m_smooth(addGraph(plot)) {}
    ~LinePainter() override {
        m_plot.removeGraph(m_raw);
        m_plot.removeGraph(m_smooth);
    }

    void fill(const Layer& layer, std::span<const double> smooth, const PaintSetting& setting) override {
        const Lines& lines = std::get<Lines>(layer);
        m_isSmooth = !smooth.empty();
        m_emphasis = lines.emphasis;
        for (QCPGraph* graph : {m_raw, m_smooth})
            graph->setName(QString::fromStdString(lines.name));
        m_raw->data()->set(graphData(lines.x, lines.y, setting), true);
        m_smooth->data()->set(graphData(std::span(lines.x).first(smooth.size()), smooth, setting), true);
        restyle(setting);
    }

    void append(const Layer& layer, std::span<const double> smooth, const PaintSetting& setting) override {
        const Lines& lines = std::get<Lines>(layer);
        const double x = lines.x.back();
        const bool wasSmooth = std::exchange(m_isSmooth, !smooth.empty());
        m_raw->data()->add({x, drawn(x, lines.y.back(), setting)});
        if (m_isSmooth)
            m_smooth->data()->add({x, drawn(x, smooth.back(), setting)});
        // The look depends on the number of points only at a few places.
        const int count = m_raw->dataCount();
        if (wasSmooth != m_isSmooth || count == kDashedPoints + 1 || count == kFinePoints + 1 ||
            markerDistance(count) != markerDistance(count - 1))
            restyle(setting);
    }

    void restyle(const PaintSetting& setting) override {
        const SeriesStyle style = seriesStyle(m_style, setting.isDark);
        SeriesStyle faintStyle = style;
        faintStyle.dash = Qt::SolidLine;
        if (m_isSmooth)
            stylePen(*m_raw, faintStyle, faint(style.color, setting.colors->surface, kFaint));
        else
            stylePen(*m_raw, style, style.color);
        stylePen(*m_smooth, style, style.color);
        styleMarkers(m_isSmooth ? *m_smooth : *m_raw, style);
        if (m_isSmooth)
            m_raw->setScatterStyle(QCPScatterStyle::ssNone);
        m_smooth->setVisible(m_isShown && m_isSmooth);
        m_raw->removeFromLegend();
        m_smooth->removeFromLegend();
        if (m_emphasis == Emphasis::Faint)
            return styleAsBackground(setting);
        if (m_emphasis == Emphasis::Bold)
            makeBold(m_isSmooth ? *m_smooth : *m_raw);
        if (m_isShown)
            (m_isSmooth ? m_smooth : m_raw)->addToLegend();
    }

    void setShown(bool isShown) override {
        m_isShown = isShown;
        m_raw->setVisible(isShown);
        m_smooth->setVisible(isShown && m_isSmooth);
    }

private:
    /// One of hundreds: a hairline without marks or antialiasing is what stays within a frame.
    void styleAsBackground(const PaintSetting& setting) {
        QPen pen(faint(seriesStyle(m_style, setting.isDark).color, setting.colors->surface, kFaint), 1);
        pen.setCosmetic(true);
        for (QCPGraph* graph : {m_raw, m_smooth}) {
            graph->setPen(pen);
            graph->setAntialiased(false);
            graph->setScatterStyle(QCPScatterStyle::ssNone);
        }
    }
    static void makeBold(QCPGraph& graph) {
        QPen pen = graph.pen();
        pen.setWidthF(graph.dataCount() <= kFinePoints ? kBoldWidth : kBoldWidth / 2);
        graph.setPen(pen);
    }

    QCustomPlot& m_plot;
    int m_style;
    Emphasis m_emphasis = Emphasis::Normal;
    QCPGraph* m_raw;
    QCPGraph* m_smooth;
    bool m_isSmooth = false;
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

    void fill(const Layer& layer, std::span<const double>, const PaintSetting& setting) override {
        const Dots& dots = std::get<Dots>(layer);
        m_graph->data()->set(graphData(dots.x, dots.y, setting), true);
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

    void fill(const Layer& layer, std::span<const double>, const PaintSetting& setting) override {
        const Band& band = std::get<Band>(layer);
        m_low->data()->set(graphData(band.x, band.low, setting), true);
        m_high->data()->set(graphData(band.x, band.high, setting), true);
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

    void fill(const Layer& layer, std::span<const double>, const PaintSetting& setting) override {
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

    void fill(const Layer& layer, std::span<const double>, const PaintSetting& setting) override {
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

void LayerPainter::append(const Layer&, std::span<const double>, const PaintSetting&) {}

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
