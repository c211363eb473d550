#pragma once

#include "core/session/trial_measures.h"

#include <QWidget>

#include <optional>
#include <vector>

class QComboBox;
class QLabel;

namespace lathe {

class ChartView;

/// Two measures of the complete trials against each other, with the front of those that no other trial
/// betters in both.
class StudyTradeoff : public QWidget {
    Q_OBJECT
public:
    explicit StudyTradeoff(QWidget* parent = nullptr);

    /// nullptr: nothing to show. It must stay until the next call.
    void show(const StudySnapshot* snapshot);
    /// The trial whose point stands out.
    void choose(std::optional<std::int64_t> number);
    void retranslate();

Q_SIGNALS:
    void trialPicked(std::int64_t number); ///< its point was clicked

private:
    void fillBoxes();
    void draw();
    void pick(double x, double y);
    void tellFront(const StudyTrials& trials);

    const StudySnapshot* m_snapshot = nullptr;
    std::vector<TrialMeasure> m_measures;
    StudyTrials m_trials; // weighed by the two measures
    std::optional<std::int64_t> m_chosen;
    QLabel* m_firstLabel;
    QComboBox* m_first;
    QLabel* m_secondLabel;
    QComboBox* m_second;
    ChartView* m_chart;
    QLabel* m_front;
};

} // namespace lathe
