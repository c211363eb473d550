#pragma once

#include "core/analysis/parallel_coordinates.h"

#include <QWidget>

#include <map>
#include <optional>
#include <set>

namespace lathe {

/// Part of an axis that was marked, in places from 0 (low end) to 1.
struct AxisBrush {
    double low = 0;
    double high = 1;
    [[nodiscard]] bool holds(double place) const { return place >= low && place <= high; }
    bool operator==(const AxisBrush&) const = default;
};

/// Draws a study as parallel coordinates: an axis a quantity, a line a trial, the better the stronger its
/// colour. Lines outside of the marked ranges or of the best share are dim.
///
/// Mouse: dragging along an axis marks a range, a click on it takes the mark away, a click on a line between
/// the axes picks its trial. Keyboard: Left and Right
/// choose an axis, Up and Down mark its upper or lower half and then move the mark, with Shift they make it
/// longer or shorter, Delete takes it away, Escape all of them.
class ParallelView : public QWidget {
    Q_OBJECT
public:
    explicit ParallelView(QWidget* parent = nullptr);

    /// Marks stay on the axes of the same name.
    void setData(ParallelCoordinates data);
    [[nodiscard]] const ParallelCoordinates& data() const { return m_data; }
    /// The trial that is drawn over all others.
    void setChosen(std::optional<std::int64_t> number);
    void setBrush(std::size_t axis, std::optional<AxisBrush> brush);
    [[nodiscard]] std::optional<AxisBrush> brush(std::size_t axis) const;
    void clearBrushes();
    /// Numbers of the trials whose line runs through every mark, in ascending order; all, without a mark.
    [[nodiscard]] std::set<std::int64_t> marked() const;
    [[nodiscard]] std::size_t currentAxis() const { return m_current; }
    /// Where the place of an axis is in the widget.
    [[nodiscard]] QPointF pointOf(std::size_t axis, double place) const;

    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void marksChanged();
    void trialPicked(std::int64_t number); ///< its line was clicked

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    [[nodiscard]] QRectF frame() const;
    [[nodiscard]] double placeAt(double y) const;
    [[nodiscard]] std::optional<std::size_t> axisAt(double x) const;
    [[nodiscard]] double distanceTo(const ParallelLine& line, const QPointF& from) const;
    void pickAt(const QPointF& position);
    [[nodiscard]] bool isMarked(const ParallelLine& line) const;
    [[nodiscard]] bool hasTop() const;
    void chooseAxis(std::size_t axis);
    void moveBrush(double by);
    void stretchBrush(double by);
    void drawLines(QPainter& painter) const;
    void drawLine(QPainter& painter, const ParallelLine& line) const;
    void drawAxis(QPainter& painter, std::size_t axis) const;
    void describe();

    ParallelCoordinates m_data;
    std::map<std::string, AxisBrush> m_brushes; ///< by the axis' name
    std::optional<std::int64_t> m_chosen;
    std::size_t m_current = 0;
    std::optional<double> m_dragFrom; ///< place where the mouse went down on the current axis
};

} // namespace lathe
