#pragma once

#include "core/analysis/rung_funnel.h"
#include "core/session/study_snapshot.h"

#include <QWidget>

#include <vector>

class QLabel;
class QTableWidget;

namespace lathe {

class ChartView;

/// How far the trials of a study came: the funnel of rungs as bars, and what became of those that reached
/// each of them as a table.
class StudyRungs : public QWidget {
    Q_OBJECT
public:
    explicit StudyRungs(QWidget* parent = nullptr);

    /// nullptr: nothing to show.
    void show(const StudySnapshot* snapshot);
    void retranslate();

private:
    void fillTable();
    void tellNote(const StudySnapshot* snapshot);

    ChartView* m_chart;
    QTableWidget* m_table;
    QLabel* m_note;
    std::vector<RungCount> m_counts;
};

} // namespace lathe
