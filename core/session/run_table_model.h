#pragma once

#include "core/base/event.h"
#include "core/store/study_reader.h"

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>

#include <span>
#include <unordered_map>
#include <vector>

namespace lathe {

/// A trial as a row of the table of runs.
struct RunRow {
    TrialRecord trial;
    QString studyName;
    std::int64_t trialCount = 1; ///< of the study: a run that is one of several shows its number
    TrialProgress progress;
};

/// Every run of the project, newest first. Rows are announced exactly: an append is an insertion, a change is
/// one dataChanged over the cells that changed.
class RunTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, State, Progress, Loss, EvalLoss, Accuracy, Steps, Duration, Started, ColumnCount };
    enum Role {
        TrialIdRole = Qt::UserRole, ///< qlonglong
        StudyIdRole,                ///< qlonglong
        StateRole,                  ///< int of TrialState
        ProgressRole,               ///< double in [0, 1]; -1: not known
        SortRole,                   ///< the cell's plain value: what a proxy sorts by
        NoteRole,                   ///< why it failed or stopped
        AdapterFolderRole           ///< empty: nothing was exported
    };

    explicit RunTableModel(QObject* parent = nullptr);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

    /// All rows at once, newest first (a project was opened).
    void setRows(std::vector<RunRow> rows);
    /// On top. A trial that is there already is replaced in place.
    void addRow(RunRow row);
    /// What happened in one tick: at most one dataChanged a row. Events of unknown trials are ignored.
    void apply(std::span<const Event> events);
    /// The steps, seconds and adapter folder of a finished trial, from its row.
    void updateTrial(const TrialRecord& trial);
    void setStudyName(StudyId study, const QString& name);
    void removeStudy(StudyId study);

    /// Contract: row in [0, rowCount()). Valid until the next change.
    [[nodiscard]] const RunRow& row(int row) const;
    /// -1: no such trial.
    [[nodiscard]] int rowOf(TrialId trial) const;

private:
    [[nodiscard]] QVariant display(const RunRow& row, int column) const;
    [[nodiscard]] QVariant sortKey(const RunRow& row, int column) const;
    void rebuildPlaces();
    void announce(std::size_t place, Column first, Column last);

    std::vector<RunRow> m_rows;                        ///< oldest first: an append moves no other row's place
    std::unordered_map<TrialId, std::size_t> m_places; ///< into m_rows
};

/// The table of runs as the user sorts and filters it: by the plain values, and by text in the name, the
/// state and the note.
class RunSortModel : public QSortFilterProxyModel {
    Q_OBJECT
public:
    explicit RunSortModel(QObject* parent = nullptr);

protected:
    [[nodiscard]] bool filterAcceptsRow(int sourceRow, const QModelIndex& sourceParent) const override;
};

/// "running", "complete", … in the user's language.
[[nodiscard]] QString stateText(TrialState state);
/// "3 min 20 s", in the user's language.
[[nodiscard]] QString durationText(double seconds);

} // namespace lathe
