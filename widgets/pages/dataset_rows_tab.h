#pragma once

#include "core/session/dataset_session.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QProgressBar;
class QTableView;

namespace lathe {

/// Every row of the file, a search over them, and the whole text of the cell that is looked at.
class DatasetRowsTab : public QWidget {
    Q_OBJECT
public:
    explicit DatasetRowsTab(DatasetSession& session, QWidget* parent = nullptr);

    [[nodiscard]] QLineEdit* filterEdit() const { return m_search; }
    [[nodiscard]] QTableView& table() const { return *m_table; }
    /// Goes to a row of the file, and shows all rows if a search hides it.
    void goTo(std::size_t row);
    void retranslate();

Q_SIGNALS:
    void rowChosen(std::size_t row); ///< another row is the current one

private:
    void setUpTable();
    void takeFile();
    void search();
    void showCell();
    void updateCount();

    DatasetSession& m_session;
    QLineEdit* m_search;
    QComboBox* m_column;
    QLabel* m_count;
    QProgressBar* m_progress;
    QTableView* m_table;
    QLabel* m_cellName;
    QPlainTextEdit* m_cell;
};

} // namespace lathe
