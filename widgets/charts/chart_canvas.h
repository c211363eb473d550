#pragma once

#include "widgets/charts/chart_state.h"
#include "widgets/charts/chart_view.h"
#include "widgets/charts/layer_painters.h"

#include <QPointer>
#include <QWidget>

#include <memory>
#include <vector>

class QCPItemStraightLine;
class QCPItemText;
class QCPItemTracer;
class QLabel;

namespace lathe {

/// The drawing of a ChartView: axes, painters, ranges, the reading line, mouse and keyboard. Draws the state
/// it is given a reference to; whoever changes the state says so.
class ChartCanvas : public QWidget {
    Q_OBJECT
public:
    explicit ChartCanvas(const ChartState& state, QWidget* parent);
    ~ChartCanvas() override;

    void rebuild();                      ///< the layers are others
    void refill();                       ///< points, smoothing or scale have changed
    void refillLayer(std::size_t layer); ///< points of one layer have changed
    void appendTo(std::size_t layer);    ///< a point came at the end of one layer
    void visibilityChanged();
    void addPainter(); ///< a layer was added at the end
    void followPoints();

    void setScales(AxisScale x, AxisScale y);
    [[nodiscard]] AxisScale xScale() const;
    [[nodiscard]] AxisScale yScale() const;

    void setMarker(std::optional<double> x, const QString& label);
    void setCursor(std::optional<double> x);
    [[nodiscard]] std::optional<double> cursor() const { return m_cursor; }

    [[nodiscard]] AxisRange xRange() const;
    [[nodiscard]] AxisRange yRange() const;
    void setXRange(AxisRange range);
    void resetView();
    [[nodiscard]] bool isFollowing() const { return m_isFollowing; }

    /// Colours for a page that is not the widget's (paper); nothing given: the widget's palette.
    void applyColors(const ThemeColors* colors = nullptr);

    [[nodiscard]] QCustomPlot* plot() const { return m_plot; }

Q_SIGNALS:
    void xRangeChanged(lathe::AxisRange range);
    void cursorMoved(std::optional<double> x);
    void followingChanged(bool isFollowing);
    void pointPicked(std::size_t layer, double x, double y);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void changeEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    [[nodiscard]] PaintSetting setting() const;
    void setUpPlot();
    void chooseTickers();
    void chooseTickCounts();
    void fitX();
    void fitY();
    void rangeChangedByUser();
    void setFollowing(bool isFollowing);
    bool mousePressed(const QPointF& position, Qt::MouseButton button, Qt::KeyboardModifiers modifiers);
    bool keyPressed(int key, Qt::KeyboardModifiers modifiers);
    void pickAt(const QPointF& position);
    bool pickAtCursor();
    void moveCursor(int steps);
    void zoomX(double factor);
    void readAt(const QPointF& position);
    void placeReadout();
    void placeTracers();

    const ChartState& m_state;
    QCustomPlot* m_plot;
    std::vector<std::unique_ptr<LayerPainter>> m_painters;
    const ThemeColors* m_paper = nullptr;
    QCPItemStraightLine* m_cursorLine = nullptr;
    QCPItemStraightLine* m_markerLine = nullptr;
    QCPItemText* m_markerText = nullptr;
    std::vector<QCPItemTracer*> m_tracers;
    QLabel* m_readout;
    std::optional<double> m_cursor;
    std::optional<QPointF> m_pressedAt; ///< by the left button alone, which has not moved since
    bool m_isFollowing = true;
    bool m_isFittingY = true; // until the user moves y: zooming x keeps the curve in sight
    bool m_isSettingRange = false;
};

} // namespace lathe
