#include "widgets/charts/chart_export.h"

#include "core/analysis/metric_charts.h"
#include "core/base/text.h"
#include "widgets/charts/chart_state.h"
#include "widgets/charts/qcp.h"

#include <QPdfWriter>
#include <QSaveFile>
#include <QSvgGenerator>

#include <algorithm>
#include <cmath>
#include <map>
#include <span>

namespace lathe {

namespace {

/// Columns of cells by row key; the writer needs no more.
struct Sheet {
    std::vector<std::string> header;
    std::map<std::pair<double, int>, std::vector<std::string>> rows; // by x and which point at this x

    void addColumn(const std::string& name, std::span<const double> x, std::span<const double> y) {
        header.push_back(name);
        int repeat = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
            repeat = i > 0 && x[i] == x[i - 1] ? repeat + 1 : 0;
            std::vector<std::string>& row = rows[{x[i], repeat}];
            row.resize(header.size());
            row[header.size() - 1] = csvNumber(y[i]);
        }
    }
};

std::string csvOfPoints(const ChartData& data, double smoothing) {
    Sheet sheet;
    for (const Layer& layer : data.layers) {
        if (const Lines* lines = std::get_if<Lines>(&layer)) {
            sheet.addColumn(lines->name, lines->x, lines->y);
            if (smoothing > 0 && isSmoothable(layer))
                sheet.addColumn(lines->name + " (smoothed)", lines->x, smoothed(lines->y, smoothing));
        } else if (const Dots* dots = std::get_if<Dots>(&layer)) {
            sheet.addColumn(dots->name, dots->x, dots->y);
        } else if (const Band* band = std::get_if<Band>(&layer)) {
            sheet.addColumn(band->name + " (low)", band->x, band->low);
            sheet.addColumn(band->name + " (high)", band->x, band->high);
        }
    }
    std::string csv = csvField(data.x.label);
    for (const std::string& name : sheet.header)
        csv += ',' + csvField(name);
    for (auto& [key, cells] : sheet.rows) {
        cells.resize(sheet.header.size());
        csv += '\n' + csvNumber(key.first);
        for (const std::string& cell : cells)
            csv += ',' + cell;
    }
    return csv + '\n';
}

std::string csvOfBars(const ChartData& data) {
    std::string csv = csvField(data.x.label) + ",series,value\n";
    for (const Layer& layer : data.layers)
        if (const Bars* bars = std::get_if<Bars>(&layer))
            for (std::size_t i = 0; i < bars->values.size(); ++i)
                csv += csvField(i < bars->labels.size() ? bars->labels[i] : std::to_string(i)) + ',' +
                       csvField(bars->name) + ',' + csvNumber(bars->values[i]) + '\n';
    return csv;
}

std::string csvOfHeat(const ChartData& data) {
    std::string csv = "column,row,series,value\n";
    for (const Layer& layer : data.layers)
        if (const Heat* heat = std::get_if<Heat>(&layer))
            for (std::size_t i = 0; i < heat->values.size(); ++i)
                csv += std::to_string(i % heat->columns) + ',' + std::to_string(i / heat->columns) + ',' +
                       csvField(heat->name) + ',' + csvNumber(heat->values[i]) + '\n';
    return csv;
}

template <typename Kind>
bool hasLayer(const ChartData& data) {
    return std::any_of(data.layers.begin(), data.layers.end(),
                       [](const Layer& layer) { return std::holds_alternative<Kind>(layer); });
}

Error cannotWrite(const QString& path, const QString& why) {
    return ioError(path.toStdString(), "cannot be written (" + why.toStdString() + "); choose another place");
}

/// As on the screen, but never so small that the picture is of no use.
QSize pictureSize(const QCustomPlot& plot) { return plot.size().expandedTo(QSize(720, 420)); }

void drawVectors(QCustomPlot& plot, QPaintDevice& device) {
    QCPPainter painter;
    painter.begin(&device);
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNoCaching);
    plot.toPainter(&painter, pictureSize(plot).width(), pictureSize(plot).height());
    painter.end();
}

void drawSvg(QCustomPlot& plot, QIODevice& file, const QString& title) {
    QSvgGenerator generator;
    generator.setOutputDevice(&file);
    generator.setSize(pictureSize(plot));
    generator.setViewBox(QRect(QPoint(), pictureSize(plot)));
    generator.setTitle(title);
    drawVectors(plot, generator);
}

void drawPdf(QCustomPlot& plot, QIODevice& file, const QString& title) {
    constexpr double kPointsPerPixel = 72.0 / 96.0;
    QPdfWriter writer(&file);
    writer.setTitle(title);
    writer.setResolution(96);
    writer.setPageMargins(QMarginsF());
    writer.setPageSize(QPageSize(QSizeF(pictureSize(plot)) * kPointsPerPixel, QPageSize::Point));
    drawVectors(plot, writer);
}

/// A title and the legend above the plot, for as long as the picture is being drawn.
class PictureFrame {
public:
    PictureFrame(QCustomPlot& plot, const QString& title) : m_plot(plot) {
        QCPLayoutGrid& grid = *m_plot.plotLayout();
        if (m_plot.legend->itemCount() > 1) {
            m_plot.axisRect()->insetLayout()->take(m_plot.legend);
            grid.insertRow(0);
            grid.addElement(0, 0, m_plot.legend);
            grid.setRowStretchFactor(0, 0.001); // as low as its items are
            constexpr int kColumns = 5;
            m_plot.legend->setFillOrder(QCPLayoutGrid::foColumnsFirst);
            m_plot.legend->setWrap(kColumns);
            m_plot.legend->setBorderPen(Qt::NoPen);
            m_plot.legend->setVisible(true);
        }
        if (!title.isEmpty())
            addTitle(grid, title);
    }
    ~PictureFrame() {
        QCPLayoutGrid& grid = *m_plot.plotLayout();
        if (m_title)
            grid.remove(m_title);
        if (m_plot.legend->visible()) {
            m_plot.legend->setVisible(false);
            grid.take(m_plot.legend);
            m_plot.axisRect()->insetLayout()->addElement(m_plot.legend, Qt::AlignTop | Qt::AlignRight);
        }
        grid.simplify();
        grid.setRowStretchFactor(0, 1);
    }
    PictureFrame(const PictureFrame&) = delete;
    PictureFrame& operator=(const PictureFrame&) = delete;

private:
    void addTitle(QCPLayoutGrid& grid, const QString& title) {
        grid.insertRow(0);
        QFont font = m_plot.font();
        font.setBold(true);
        m_title = new QCPTextElement(&m_plot, title, font);
        m_title->setTextColor(m_plot.legend->textColor());
        m_title->setMargins(QMargins(0, 8, 0, 0));
        grid.addElement(0, 0, m_title);
    }

    QCustomPlot& m_plot;
    QCPTextElement* m_title = nullptr;
};

} // namespace

std::string toCsv(const ChartData& data, double smoothing) {
    if (hasLayer<Heat>(data))
        return csvOfHeat(data);
    return hasLayer<Bars>(data) ? csvOfBars(data) : csvOfPoints(data, smoothing);
}

Status saveText(const QString& path, const std::string& text) {
    QSaveFile file(path);
    const bool isWritten =
        file.open(QIODevice::WriteOnly) &&
        file.write(text.data(), static_cast<qint64>(text.size())) == static_cast<qint64>(text.size()) &&
        file.commit();
    return isWritten ? ok() : Status(cannotWrite(path, file.errorString()));
}

Status savePlot(QCustomPlot& plot, const QString& path, ChartImageFormat format, const QString& title) {
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        return cannotWrite(path, file.errorString());
    {
        const PictureFrame frame(plot, title);
        constexpr double kPngScale = 2; // sharp when printed or put on a slide
        if (format == ChartImageFormat::Svg)
            drawSvg(plot, file, title);
        else if (format == ChartImageFormat::Pdf)
            drawPdf(plot, file, title);
        else
            plot.toPixmap(pictureSize(plot).width(), pictureSize(plot).height(), kPngScale)
                .save(&file, "PNG");
    }
    plot.replot(QCustomPlot::rpQueuedReplot);
    return file.commit() ? ok() : Status(cannotWrite(path, file.errorString()));
}

} // namespace lathe
