#pragma once

#include "core/analysis/allocation_history.h"

#include <QWidget>

#include <optional>
#include <vector>

namespace lathe {

/// The modules of a network as a grid, layers downwards and kinds across: who is on and with which score at
/// one reallocation, or how often each was on. Left, Right, Up, Down choose a cell, Page Up and Page Down ask
/// for the next and the previous reallocation, Home and End for the first and the last.
class AllocationMap : public QWidget {
    Q_OBJECT
public:
    enum class Shows { Reallocation, Frequency };

    explicit AllocationMap(QWidget* parent = nullptr);

    /// The chosen cell stays.
    void setHistory(const AllocationHistory& history);
    /// Contract: one of the history's, or there are none.
    void setReallocation(std::size_t index);
    void setShows(Shows shows);

    /// "v_proj of layer 3: on, score 0.12, 8 of 20 times on"; empty where nothing is.
    [[nodiscard]] QString cellText(std::size_t row, std::size_t column) const;
    [[nodiscard]] QRect cellRect(std::size_t row, std::size_t column) const;
    [[nodiscard]] std::size_t currentRow() const { return m_row; }
    [[nodiscard]] std::size_t currentColumn() const { return m_column; }
    [[nodiscard]] const AllocationGrid& grid() const { return m_grid; }

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;
    void retranslate();

Q_SIGNALS:
    void cellChosen(const QString& text);
    void stepWanted(int by); ///< in reallocations; INT_MIN and INT_MAX: to the first, to the last

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    struct Place {
        std::size_t row, column;
    };
    [[nodiscard]] QRect area() const;
    [[nodiscard]] int labelsHeight() const;
    [[nodiscard]] bool areLabelsUpright() const;
    [[nodiscard]] int widestKind() const;
    [[nodiscard]] std::optional<Place> placeAt(QPoint point) const;
    [[nodiscard]] std::optional<double> strength(std::size_t module) const;
    [[nodiscard]] bool isOn(std::size_t module) const;
    void choose(std::size_t row, std::size_t column);
    void describe();
    void paintLabels(QPainter& painter) const;
    void paintCell(QPainter& painter, std::size_t row, std::size_t column) const;
    void paintNumber(QPainter& painter, const QRect& cell, std::size_t module, const QColor& color) const;

    AllocationHistory m_history;
    AllocationGrid m_grid;
    std::vector<double> m_frequency;
    double m_low = 0, m_high = 1; ///< of the scores that are shown
    std::size_t m_index = 0;
    Shows m_shows = Shows::Reallocation;
    std::size_t m_row = 0, m_column = 0;
};

} // namespace lathe
