#include "widgets/dialogs/leave_dialog.h"

#include <QPushButton>

namespace lathe {

LeaveDialog::LeaveDialog(QWidget* parent) : QMessageBox(parent) {
    setObjectName("leaveDialog");
    setAttribute(Qt::WA_DeleteOnClose);
    setIcon(QMessageBox::Question);
    setWindowTitle(tr("Training goes on"));
    setText(tr("A training is running."));
    setInformativeText(tr("Stopping it keeps every point and a checkpoint; it can go on later."));
    QPushButton* stop = addButton(tr("&Stop, keep and leave"), QMessageBox::AcceptRole);
    stop->setObjectName("stopAndLeaveButton");
    QPushButton* stay = addButton(tr("&Go on training"), QMessageBox::RejectRole);
    stay->setObjectName("stayButton");
    setDefaultButton(stay);
    setEscapeButton(stay);
    connect(stop, &QPushButton::clicked, this, &LeaveDialog::stopChosen);
}

} // namespace lathe
