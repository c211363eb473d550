#pragma once

#include "core/session/dataset_session.h"

#include <QWidget>

class QLabel;
class QListWidget;
class QPushButton;
class QTableView;

namespace lathe {

class DatasetProgress;

/// What the checks have found, worst first; examples of the chosen finding, what to do about it, and the way
/// of its rows into a file.
class DatasetQualityTab : public QWidget {
    Q_OBJECT
public:
    explicit DatasetQualityTab(DatasetSession& session, QWidget* parent = nullptr);

    void retranslate();

Q_SIGNALS:
    void rowWanted(std::size_t row); ///< an example was activated

private:
    void setUpTable();
    [[nodiscard]] QWidget* makeDetails();
    [[nodiscard]] const QualityFinding* chosen() const;
    void update();
    void showFinding();
    void applyFix();
    void askForTarget();

    DatasetSession& m_session;
    QLabel* m_summary;
    QPushButton* m_again;
    DatasetProgress* m_progress;
    QLabel* m_problem;
    QTableView* m_table;
    QLabel* m_message;
    QLabel* m_advice;
    QListWidget* m_examples;
    QPushButton* m_fix;
    QPushButton* m_export;
};

} // namespace lathe
