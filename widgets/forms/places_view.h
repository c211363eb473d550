#pragma once

#include "core/session/adapter_places.h"

#include <QString>
#include <QStringList>
#include <QVector>
#include <QWidget>

namespace lathe {

struct ThemeColors;

/// A picture of a model's projections, a row for each layer and a column for each module, with those lit
/// that get an adapter. A click or the space bar switches a place; on a column's or a row's heading, all of
/// it. The arrow keys walk.
class PlacesView : public QWidget {
    Q_OBJECT
public:
    explicit PlacesView(QWidget* parent = nullptr);

    void setPlaces(std::vector<AdapterPlace> places);
    [[nodiscard]] const std::vector<AdapterPlace>& places() const { return m_places; }
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }
    /// Where a place is drawn; empty: it is not.
    [[nodiscard]] QRect rectOfPlace(const std::string& name) const;
    [[nodiscard]] QRect columnHeading(int column) const;
    [[nodiscard]] QRect rowHeading(int row) const;

Q_SIGNALS:
    void edited(); ///< by the user; places() is new

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void changeEvent(QEvent* event) override;
    bool event(QEvent* event) override;

private:
    /// -1 as a row or a column is the heading.
    struct Cell {
        int row = 0;
        int column = 0;
        bool operator==(const Cell&) const = default;
    };
    [[nodiscard]] Cell cellAt(const QPoint& point) const;
    [[nodiscard]] QRect rectOf(const Cell& cell) const;
    [[nodiscard]] int placeAt(const Cell& cell) const; ///< index; -1: the model has none there
    [[nodiscard]] QVector<int> placesIn(const Cell& cell) const;
    [[nodiscard]] QString describe(const Cell& cell) const;
    void toggle(const Cell& cell);
    void moveTo(Cell cell);
    void measure();
    [[nodiscard]] const ThemeColors& colors() const;
    void paintHeadings(QPainter& painter) const;
    void paintPlaces(QPainter& painter) const;

    std::vector<AdapterPlace> m_places;
    QVector<int> m_rows; ///< layers
    std::vector<std::string> m_columns;
    QStringList m_labels;       ///< of the columns
    QVector<QVector<int>> m_at; ///< index of a place by row and column
    Cell m_current;
    int m_headingWidth = 0;
    int m_headingHeight = 0;
    int m_cellWidth = 0;
    int m_cellHeight = 0;
    bool m_isPainting = false; ///< the mouse is drawn over places with a button down
    bool m_paintsOn = false;
};

} // namespace lathe
