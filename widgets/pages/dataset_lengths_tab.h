#pragma once

#include "core/session/dataset_lengths.h"

#include <QWidget>

class QCheckBox;
class QLabel;
class QStackedLayout;
class QTableView;

namespace lathe {

class DatasetProgress;
class LengthChart;
class RecipeDraft;

/// How long the rows are in tokens, with the line where sequences end.
class DatasetLengthsTab : public QWidget {
    Q_OBJECT
public:
    DatasetLengthsTab(DatasetLengths& lengths, RecipeDraft& choices, QWidget* parent = nullptr);

    void retranslate();

private:
    void update();
    void showSentence();

    DatasetLengths& m_lengths;
    RecipeDraft& m_choices;
    QLabel* m_sentence;
    QLabel* m_summary;
    QLabel* m_problem;
    QCheckBox* m_asTable;
    DatasetProgress* m_progress;
    QStackedLayout* m_stack;
    LengthChart* m_chart;
    QTableView* m_table;
};

} // namespace lathe
