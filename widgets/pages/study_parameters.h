#pragma once

#include "core/session/study_snapshot.h"

#include <QWidget>

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
    void retranslate();

private:
    void fillKeys(const StudySnapshot& snapshot);
    void showImportance(const StudySnapshot& snapshot);
    void showSlice();
    [[nodiscard]] QString correlationText(const ParamCorrelation& correlation) const;

    const ParamSchema& m_recipe;
    const StudySnapshot* m_snapshot = nullptr;
    ChartView* m_importance;
    QLabel* m_importanceNote;
    QLabel* m_keyLabel;
    QComboBox* m_keys;
    ChartView* m_slice;
    QLabel* m_correlation;
};

} // namespace lathe
