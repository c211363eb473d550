#pragma once

#include "core/session/evaluation_comparison.h"
#include "core/session/prediction_table_model.h"

#include <QTimer>
#include <QWidget>

class QButtonGroup;
class QLabel;
class QLineEdit;
class QPushButton;
class QTableView;

namespace lathe {

class PredictionDetails;

/// The rows of an evaluation in a table that can be filtered, and the chosen one to read.
class PredictionView : public QWidget {
    Q_OBJECT
public:
    explicit PredictionView(QWidget* parent = nullptr);

    void setDatabase(const QString& file) { m_model.setDatabase(file); }
    /// None: nothing is shown.
    void show(const EvaluationRecord* record);
    /// The figures of the one that is shown have changed, or rows have come.
    void update(const EvaluationRecord& record);
    /// Beside this one; null: alone again.
    void compareWith(const EvaluationComparison* comparison);
    [[nodiscard]] QLineEdit* filterEdit() const { return m_filter; }
    [[nodiscard]] QTableView* table() const { return m_table; }
    void retranslate();

Q_SIGNALS:
    void failed(const QString& message);

private:
    struct Chip {
        QPushButton* button;
        PredictionFilter::Verdict verdict;
        PredictionFilter::Change change;
        bool isOfComparison;
    };
    void setUpChips();
    void setUpTable();
    void arrange();
    void addChip(const char* name, PredictionFilter::Verdict verdict, PredictionFilter::Change change);
    void list();
    void listed();
    void showDetails();
    void updateChips();

    PredictionTableModel m_model;
    EvaluationId m_id;
    EvaluationRecord m_record;
    std::optional<EvaluationComparison> m_comparison;
    QButtonGroup* m_group;
    QVector<Chip> m_chips;
    QWidget* m_chipRow;
    QLineEdit* m_filter;
    QLabel* m_count;
    QTableView* m_table;
    PredictionDetails* m_details;
    QTimer m_typing;               ///< a filter is not read at every letter
    std::int64_t m_chosenRow = -1; ///< of the data file
};

} // namespace lathe
