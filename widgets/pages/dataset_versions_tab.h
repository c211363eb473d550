#pragma once

#include "core/session/dataset_session.h"
#include "core/session/dropped_table_model.h"

#include <QWidget>

class QFormLayout;
class QLabel;
class QPushButton;
class QTableView;

namespace lathe {

/// What names exactly this data: the file's hash, the split's, and every row that was left out, with why.
class DatasetVersionsTab : public QWidget {
    Q_OBJECT
public:
    explicit DatasetVersionsTab(DatasetSession& session, QWidget* parent = nullptr);

    void retranslate();

private:
    [[nodiscard]] QLabel* addFact(QFormLayout& form, const char* name);
    void update();
    void askForTarget();

    DatasetSession& m_session;
    DroppedTableModel m_dropped;
    QVector<QLabel*> m_names;
    QLabel* m_source;
    QLabel* m_hash;
    QLabel* m_rows;
    QLabel* m_split;
    QLabel* m_record;
    QLabel* m_droppedTitle;
    QPushButton* m_export;
    QTableView* m_table;
};

} // namespace lathe
