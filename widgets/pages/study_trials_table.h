#pragma once

#include "core/session/study_trial_model.h"

#include <QTableView>

class QSortFilterProxyModel;

namespace lathe {

/// The trials of a study as a table that can be sorted and ticked: Space ticks the current trial, the best
/// one is bold. Enter is activated().
class StudyTrialsTable : public QTableView {
    Q_OBJECT
public:
    StudyTrialsTable(StudyTrialModel& trials, QWidget* parent);

    /// Of the model, not of what is sorted; not valid: none.
    [[nodiscard]] QModelIndex chosen() const;
    [[nodiscard]] bool hasTrials() const;
    void choose(std::int64_t number);
    void toggleTick();
    /// Where a menu of the chosen trial belongs, in global coordinates.
    [[nodiscard]] QPoint menuPlace() const;

Q_SIGNALS:
    void trialChosen();
    void menuWanted(const QPoint& globalPlace); ///< of the chosen trial: right button or menu key

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    void sizeColumns();

    StudyTrialModel& m_trials;
    QSortFilterProxyModel* m_sorted;
};

} // namespace lathe
