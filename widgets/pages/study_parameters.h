#pragma once

#include "core/analysis/slices.h"
#include "core/session/study_snapshot.h"

#include <QWidget>

#include <optional>
#include <vector>

class QComboBox;
class QLabel;

namespace lathe {

class ChartView;

/// What the searched quantities mean for the objective: how much each matters, one of them against the
/// objective, and whether more of it is better.
class StudyParameters : public QWidget {
    Q_OBJECT
public:
    explicit StudyParameters(const ParamSchema& recipe, QWidget* parent = nullptr);

    /// nullptr: nothing to show.
    void show(const StudySnapshot* snapshot);
    /// The trial whose point stands out.
    void choose(std::optional<std::int64_t> number);
    void retranslate();

Q_SIGNALS:
    void trialPicked(std::int64_t number); ///< its point was clicked

private:
    void fillKeys(const StudySnapshot& snapshot);
    void showImportance(const StudySnapshot& snapshot);
    void showSlice();
    void pick(double x, double y);
    [[nodiscard]] QString correlationText(const ParamCorrelation& correlation) const;

    const ParamSchema& m_recipe;
    const StudySnapshot* m_snapshot = nullptr;
    std::vector<SlicePoint> m_points; // of the slice
    std::optional<std::int64_t> m_chosen;
    ChartView* m_importance;
    QLabel* m_importanceNote;
    QLabel* m_keyLabel;
    QComboBox* m_keys;
    ChartView* m_slice;
    QLabel* m_correlation;
};

} // namespace lathe
