#pragma once

#include "core/analysis/chart_data.h"
#include "widgets/charts/chart_export.h"

#include <QFrame>
#include <QString>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

class QCustomPlot;

namespace lathe {

class ChartTableModel;

enum class AxisScale { Linear, Log };
enum class SeriesVisibility { Shown, Hidden };

/// A visible range of x, y or both, in the units of the axes.
struct AxisRange {
    double low = 0;
    double high = 1;
    bool operator==(const AxisRange&) const = default;
};

/// Draws a ChartData: a card with a title, a legend whose entries hide (click) or solo (Ctrl+click) a series,
/// a canvas, and a table with the same numbers for those who cannot see the canvas. Colours follow the
/// widget's palette; colour, dash and marker come from a series' style number.
///
/// Mouse: wheel zooms x (with Shift: y), dragging pans, dragging with Shift or the right button zooms into
/// the rectangle, a double click shows everything, moving reads all series at the pointer. Keyboard: Left and
/// Right move the reading line, Escape hides it, Return picks the point there as a click does, + and - zoom,
/// Home shows everything.
///
/// Values that are not finite, and values <= 0 on a logarithmic axis, make a gap.
class ChartView : public QFrame {
    Q_OBJECT
public:
    explicit ChartView(QWidget* parent = nullptr);
    ~ChartView() override;

    /// Replaces what is drawn. Series of the same name stay hidden if they were; the view is reset.
    void setData(ChartData data);
    [[nodiscard]] const ChartData& data() const;
    /// Shown in place of the canvas while there is nothing to draw.
    void setEmptyText(const QString& text);

    void setXScale(AxisScale scale);
    void setYScale(AxisScale scale);
    [[nodiscard]] AxisScale xScale() const;
    [[nodiscard]] AxisScale yScale() const;

    /// Weight of the moving average drawn over each line, in [0, 1); 0 draws the raw line only. Otherwise the
    /// raw line is faint. Lines of "eval_…" metrics are not smoothed.
    void setSmoothing(double weight);
    [[nodiscard]] double smoothing() const;

    /// Names of the layers, in order.
    [[nodiscard]] std::vector<std::string> seriesNames() const;
    void setSeriesVisibility(std::string_view name, SeriesVisibility visibility);
    [[nodiscard]] SeriesVisibility seriesVisibility(std::string_view name) const;
    /// Hides all others; a second call on the only one shown brings all back.
    void soloSeries(std::string_view name);

    /// Marks a place on x with a dashed line and a label ("best, step 140"), or takes the mark away.
    void setMarker(std::optional<double> x, const QString& label = {});

    /// The range of x drawn now. `setXRange` is for linked charts: it announces nothing.
    [[nodiscard]] AxisRange xRange() const;
    [[nodiscard]] AxisRange yRange() const;
    void setXRange(AxisRange range);
    /// Shows everything and follows new points again.
    void resetView();
    /// True until the user zooms or pans, and again after a reset.
    [[nodiscard]] bool isFollowing() const;

    /// The reading line snaps to the nearest x of a shown series; nothing takes it away.
    void setCursor(std::optional<double> x);
    [[nodiscard]] std::optional<double> cursor() const;
    /// What the read-out says: one line for x and one a shown series. Empty without a cursor.
    [[nodiscard]] QString cursorText() const;

    /// Two or three sentences in plain words: what is drawn, over which range, first, last and lowest value
    /// of each series. Also the accessible description.
    [[nodiscard]] QString summary() const;
    /// The twin of the canvas: a row per x, a column per shown series. Owned by the view.
    [[nodiscard]] ChartTableModel* tableModel() const;
    void setTableShown(bool isShown);
    [[nodiscard]] bool isTableShown() const;

    /// Io error naming the file. The picture is what is on the screen (with the legend), in the light scheme
    /// for PDF and SVG; the CSV holds every point of the shown series, raw and smoothed.
    [[nodiscard]] Status saveImage(const QString& path, ChartImageFormat format) const;
    [[nodiscard]] Status saveCsv(const QString& path) const;

    [[nodiscard]] QCustomPlot* plot() const;

Q_SIGNALS:
    void xRangeChanged(lathe::AxisRange range); ///< by the user or by new points
    void cursorMoved(std::optional<double> x);  ///< by the user
    void followingChanged(bool isFollowing);
    void seriesVisibilityChanged();
    /// A click on a point, or Return at the reading line.
    void pointPicked(std::size_t layer, double x, double y);

protected:
    /// Adds or replaces one point of layer `layer` (a Lines layer); x greater than the last one is the fast
    /// way. Draws nothing until `pointsChanged()`.
    void putPoint(std::size_t layer, double x, double y);
    /// Adds an empty Lines layer; returns its index.
    std::size_t addLine(Lines line);
    /// Replaces all points of a Lines layer; x ascending.
    void setPoints(std::size_t layer, std::vector<double> x, std::vector<double> y);
    void renameLine(std::size_t layer, const std::string& name);
    /// Takes away the points of a Lines layer with an x greater than `x`.
    void dropPointsAfter(std::size_t layer, double x);
    /// Updates ranges and texts after putPoint(); asks for one replot.
    void pointsChanged();

    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Parts;

    void setUpPages();
    void connectParts();
    void toggleSeries(std::size_t layer);
    void updateTexts();
    void copyToClipboard();
    void copySelectedRows();

    std::unique_ptr<Parts> m_parts;
};

} // namespace lathe
