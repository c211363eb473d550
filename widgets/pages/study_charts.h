#pragma once

#include "core/session/recipe_comparison.h"
#include "core/session/study_snapshot.h"

#include <QTabWidget>

#include <array>

class QComboBox;
class QLabel;
class QPushButton;
class QSpinBox;

namespace lathe {

class ChartView;
class ParallelView;
class StudyParameters;
class StudyRecipes;
class StudyRungs;
class StudyTradeoff;

/// The charts of a study, a tab each. Only the tab in front is drawn.
class StudyCharts : public QTabWidget {
    Q_OBJECT
public:
    explicit StudyCharts(const ParamSchema& recipe, QWidget* parent = nullptr);

    /// nullptr: nothing to show. It must stay until the next call.
    void show(const StudySnapshot* snapshot);
    /// The trial whose curves and points stand out.
    void choose(std::optional<std::int64_t> number);
    void retranslate();

Q_SIGNALS:
    void trialPicked(std::int64_t number); ///< its point or line was clicked in one of the charts

private:
    enum Tab { Curves, Best, Parameters, Parallel, Tradeoff, Rungs, Recipes, TabCount };
    [[nodiscard]] QWidget* makeBest();
    [[nodiscard]] QWidget* makeParallel();
    void draw();
    void offerRecipes();
    void drawCurves();
    void drawBest();
    void connectPicks();
    void pickBest(double x, double y);
    void drawParallel();
    void countMarked();

    const ParamSchema& m_recipe;
    const StudySnapshot* m_snapshot = nullptr;
    std::optional<RecipeComparison> m_comparison; ///< of a study of recipes that are repeated over seeds
    std::optional<std::int64_t> m_chosen;
    std::array<bool, TabCount> m_isOld{};
    ChartView* m_curves;
    QLabel* m_computeLabel = nullptr;
    QComboBox* m_compute = nullptr;
    ChartView* m_best = nullptr;
    StudyParameters* m_parameters;
    ParallelView* m_parallel = nullptr;
    StudyTradeoff* m_tradeoff;
    StudyRungs* m_rungs;
    StudyRecipes* m_recipes;
    StudyId m_offered; ///< whose comparison of recipes was brought to the front
    QLabel* m_topLabel = nullptr;
    QSpinBox* m_top = nullptr;
    QLabel* m_marked = nullptr;
    QPushButton* m_clear = nullptr;
};

} // namespace lathe
