#pragma once

#include "core/session/study_trial_model.h"

#include <QPersistentModelIndex>
#include <QTableView>

#include <optional>

class QSortFilterProxyModel;

namespace lathe {

/// The trials of a study as a table that can be sorted and ticked: Space ticks the current trial, the best
/// one is bold. Enter is activated(). A trial that waits can be dragged to another one's turn; Escape lets go
/// of it.
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
    void turnWanted(std::int64_t number, std::int64_t turn); ///< from 1; it was dragged there

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    /// A trial that waits, under the mouse button.
    struct Grip {
        std::int64_t number = 0;
        QPoint from;
        bool isMoving = false;
        QPersistentModelIndex over = {}; ///< whose turn it would take
    };
    void letGo();
    void sizeColumns();

    StudyTrialModel& m_trials;
    QSortFilterProxyModel* m_sorted;
    std::optional<Grip> m_grip;
};

} // namespace lathe
