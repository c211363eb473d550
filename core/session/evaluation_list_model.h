#pragma once

#include "core/store/evaluation_record.h"

#include <QAbstractTableModel>

#include <vector>

namespace lathe {

/// The evaluations of a project, newest first. Rows are announced exactly.
class EvaluationListModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, State, Rows, Figure, Started, ColumnCount };
    enum Role {
        IdRole = Qt::UserRole, ///< qlonglong
        StateRole              ///< int of EvaluationState
    };

    using QAbstractTableModel::QAbstractTableModel;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

    void setRecords(std::vector<EvaluationRecord> records); ///< newest first
    void put(const EvaluationRecord& record);               ///< replaced in place, or put on top
    void remove(EvaluationId id);

    /// Contract: row in [0, rowCount()). Valid until the next change.
    [[nodiscard]] const EvaluationRecord& record(int row) const;
    [[nodiscard]] int rowOf(EvaluationId id) const; ///< -1: no such evaluation

private:
    [[nodiscard]] QString display(const EvaluationRecord& record, int column) const;

    std::vector<EvaluationRecord> m_records;
};

/// "running", "complete", … in the user's language.
[[nodiscard]] QString stateText(EvaluationState state);
/// "Accuracy", in the user's language.
[[nodiscard]] QString figureLabel(const EvaluationFigure& figure);
/// "87.5 %" of a share, "1.234" of another figure, in the user's language.
[[nodiscard]] QString figureText(const EvaluationFigure& figure);
/// "81.2 % to 92.1 %"; empty where there is no interval.
[[nodiscard]] QString intervalText(const EvaluationFigure& figure);
/// Whether the figure is a share of one, shown in per cent.
[[nodiscard]] bool isShare(const std::string& figureName);

} // namespace lathe
