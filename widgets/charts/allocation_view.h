#pragma once

#include "core/analysis/allocation_history.h"

#include <QFrame>

#include <optional>

class QComboBox;
class QLabel;
class QSlider;
class QStackedLayout;

namespace lathe {

class AllocationMap;
class ChartView;

/// Where a run's adapter parameters went: the map of modules, a slider over the reallocations, how much each
/// of them changed, and what is in use. Follows a run that goes on until the user looks back.
class AllocationView : public QFrame {
    Q_OBJECT
public:
    explicit AllocationView(QWidget* parent = nullptr);

    /// Nothing: no reallocation was recorded yet. The place that the user has chosen stays.
    void setHistory(const std::optional<AllocationHistory>& history);
    [[nodiscard]] std::size_t shownReallocation() const;

    void retranslate();

private:
    [[nodiscard]] QWidget* makePicture();
    [[nodiscard]] QWidget* makeSlider();
    void moveBy(int steps);
    void showReallocation();
    [[nodiscard]] QString facts() const;
    [[nodiscard]] QString origin() const;

    std::optional<AllocationHistory> m_history;
    QLabel* m_title;
    QComboBox* m_shows;
    AllocationMap* m_map = nullptr;
    ChartView* m_churn = nullptr;
    QLabel* m_sliderLabel = nullptr;
    QSlider* m_slider = nullptr;
    QLabel* m_step = nullptr;
    QLabel* m_facts;
    QLabel* m_cell;
    QLabel* m_ties;
    QLabel* m_empty;
    QStackedLayout* m_stack;
};

} // namespace lathe
