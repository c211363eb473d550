#pragma once

#include "core/base/work_time.h"

#include <QAbstractTableModel>
#include <QString>

#include <vector>

namespace lathe {

/// "Products with the base's weights", in the user's language.
[[nodiscard]] QString workText(WorkKind kind);
/// "0.123", "12.3", "1,234": three digits, as far as they tell something.
[[nodiscard]] QString threeDigits(double value);

/// Kinds of work with their share of a step, the longest first and the rest last: the bars of a chart and
/// their figures.
class WorkTimeModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Work, Bar, Time, Share, ColumnCount };
    enum Role {
        BarRole = Qt::UserRole, ///< double: length of the bar, 1 for the longest
        RestRole                ///< bool: what nothing accounts for
    };

    using QAbstractTableModel::QAbstractTableModel;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

    void setProfile(const StepProfile& profile);

private:
    struct Row {
        WorkKind kind = WorkKind::Other;
        double seconds = 0;
        double share = 0;
        double bar = 0;
    };
    [[nodiscard]] QVariant display(const Row& row, int column) const;

    std::vector<Row> m_rows;
};

/// The costliest operators of a step.
class OperatorTimeModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, Work, Calls, Time, Share, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

    void setProfile(const StepProfile& profile);

private:
    [[nodiscard]] QVariant display(const OperatorTime& row, int column) const;

    StepProfile m_profile;
};

} // namespace lathe
