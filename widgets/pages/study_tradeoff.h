#pragma once

#include "core/session/trial_measures.h"

#include <QWidget>

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
    void retranslate();

private:
    void fillBoxes();
    void draw();
    void tellFront(const StudyTrials& trials);

    const StudySnapshot* m_snapshot = nullptr;
    std::vector<TrialMeasure> m_measures;
    QLabel* m_firstLabel;
    QComboBox* m_first;
    QLabel* m_secondLabel;
    QComboBox* m_second;
    ChartView* m_chart;
    QLabel* m_front;
};

} // namespace lathe
