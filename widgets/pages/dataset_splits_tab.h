#pragma once

#include "core/session/dataset_session.h"

#include <QWidget>

class QLabel;
class QTableView;

namespace lathe {

class DatasetForm;

/// How the rows are divided, and what comes of it: rows of each part, by label.
class DatasetSplitsTab : public QWidget {
    Q_OBJECT
public:
    explicit DatasetSplitsTab(DatasetSession& session, QWidget* parent = nullptr);

    void retranslate();

private:
    void update();

    DatasetSession& m_session;
    DatasetForm* m_form;
    QLabel* m_summary;
    QLabel* m_problem;
    QTableView* m_table;
};

} // namespace lathe
