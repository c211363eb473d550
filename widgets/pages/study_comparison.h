#pragma once

#include "core/session/trial_comparison.h"

#include <QDialog>
#include <QVector>

#include <set>

class QCheckBox;
class QComboBox;
class QLabel;
class QTableWidget;

namespace lathe {

class ChartView;
class StudyBoard;

/// Some trials of a study beside one another: their curves over each other, their results with intervals and
/// whether the best is better than chance, and where their recipes differ. It follows the study while that
/// goes on. Escape closes it.
class StudyComparison : public QDialog {
    Q_OBJECT
public:
    /// `numbers`: of at least two trials of the study that the board shows.
    StudyComparison(StudyBoard& board, const ParamSchema& recipe, std::set<std::int64_t> numbers,
                    QWidget* parent);

    [[nodiscard]] static QString verdictText(const SeedComparison& verdict);

private:
    [[nodiscard]] QWidget* makeCurves();
    [[nodiscard]] QWidget* makeTables();
    QTableWidget* makeTable(const char* name, const QString& accessibleName);
    void take();
    void fillMetrics();
    void askCurves();
    void takePoints(const QVector<MetricPoint>& points);
    void drawCurves();
    void fillResults();
    void fillRecipes();
    void setColumns(QTableWidget& table, const QString& first) const;
    [[nodiscard]] QString verdict() const;

    StudyBoard& m_board;
    const ParamSchema& m_recipe;
    StudyId m_study;
    std::set<std::int64_t> m_numbers;
    TrialComparison m_comparison;
    QVector<MetricPoint> m_points;
    QComboBox* m_metric = nullptr;
    QComboBox* m_over = nullptr;
    ChartView* m_chart = nullptr;
    QLabel* m_verdict = nullptr;
    QTableWidget* m_results = nullptr;
    QCheckBox* m_all = nullptr;
    QTableWidget* m_fields = nullptr;
};

} // namespace lathe
