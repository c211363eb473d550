#pragma once

#include "core/params/param_schema.h"
#include "core/session/study_snapshot.h"

#include <QAbstractTableModel>

#include <set>
#include <vector>

namespace lathe {

/// The trials of a study as a table, by number; after the fixed columns one for each searched quantity, then
/// the reason of a prune or a failure. Rows are announced exactly: new trials are one insertion, a changed
/// trial is one dataChanged over the cells that changed. The first column can be ticked: what is ticked is to
/// be compared, and stays so until another study is shown.
class StudyTrialModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Number, State, Value, Steps, Seconds, FirstParameter };
    enum Role {
        TrialIdRole = Qt::UserRole, ///< qlonglong
        NumberRole,                 ///< qlonglong, from 0
        StateRole,                  ///< int of TrialState
        SortRole,                   ///< the cell's plain value: what a proxy sorts by
        IsBestRole,
        IsProtectedRole, ///< no pruner may end it
        PlaceRole        ///< qlonglong: its turn among those that wait, from 1; 0: it does not
    };

    /// `recipe`: whose labels the searched quantities have.
    explicit StudyTrialModel(ParamSchema recipe, QObject* parent = nullptr);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;

    void take(const StudySnapshot& snapshot);
    void clear();

    /// Numbers of the ticked trials, in ascending order.
    [[nodiscard]] const std::set<std::int64_t>& ticked() const { return m_ticked; }
    void setTicked(const std::set<std::int64_t>& numbers);

    [[nodiscard]] int reasonColumn() const { return columnCount() - 1; }
    /// -1: no such trial.
    [[nodiscard]] int rowOf(std::int64_t number) const;

Q_SIGNALS:
    void ticksChanged();

private:
    struct Row {
        TrialId id;
        StudyTrial trial;
        std::string reason;
        bool isBest = false;
        bool isProtected = false;
        std::int64_t place = 0;
    };
    [[nodiscard]] static Row rowFrom(const StudySnapshot& snapshot, std::size_t place);
    [[nodiscard]] bool continues(const StudySnapshot& snapshot) const;
    void update(int row, Row now);
    [[nodiscard]] bool isSameCell(const Row& before, const Row& now, int column) const;
    [[nodiscard]] const ParamValue* parameter(const Row& row, int column) const;
    [[nodiscard]] QString display(const Row& row, int column) const;
    [[nodiscard]] QString stateOf(const Row& row) const;
    [[nodiscard]] QVariant sortKey(const Row& row, int column) const;

    ParamSchema m_recipe;
    StudyId m_study;
    SearchSpace m_space;
    Objective m_objective;
    std::vector<Row> m_rows; ///< by number
    std::set<std::int64_t> m_ticked;
};

/// What people call a quantity of the recipe, in the user's language; the key where the recipe has none of
/// that name.
[[nodiscard]] QString parameterLabel(const ParamSchema& recipe, std::string_view key);
/// A searched value as a person reads it.
[[nodiscard]] QString parameterText(const ParamValue& value);

} // namespace lathe
