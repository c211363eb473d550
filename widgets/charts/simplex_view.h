#pragma once

#include "core/analysis/simplex_loss.h"

#include <QFrame>

#include <optional>

class QComboBox;
class QLabel;
class QStackedLayout;

namespace lathe {

class ChartView;
class ShadeScale;
class SimplexMap;

/// The loss over a simplex of trained networks: for three vertices as a map of training beside one of
/// validation with the same shades, for any number along the edges.
class SimplexView : public QFrame {
    Q_OBJECT
public:
    explicit SimplexView(QWidget* parent = nullptr);

    /// Nothing: it was not measured yet.
    void setLoss(const std::optional<SimplexLoss>& loss);
    void retranslate();

private:
    [[nodiscard]] QWidget* makeMaps();
    [[nodiscard]] QWidget* makeEdges();
    void fillEdges();
    void drawMaps();
    void drawEdges();
    [[nodiscard]] QString facts() const;
    [[nodiscard]] QString barrierText() const;

    std::optional<SimplexLoss> m_loss;
    QLabel* m_title;
    QLabel* m_facts;
    QLabel* m_point;
    QLabel* m_problem;
    QWidget* m_maps = nullptr;
    SimplexMap* m_training = nullptr;
    SimplexMap* m_validation = nullptr;
    ShadeScale* m_scale = nullptr;
    QLabel* m_edgeLabel = nullptr;
    QComboBox* m_edge = nullptr;
    ChartView* m_chart = nullptr;
    QLabel* m_empty;
    QStackedLayout* m_stack;
};

} // namespace lathe
