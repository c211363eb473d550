#pragma once

#include <QMessageBox>

namespace lathe {

/// Asks what is to become of the training when the window is closed. open() it; deletes itself.
class LeaveDialog : public QMessageBox {
    Q_OBJECT
public:
    explicit LeaveDialog(QWidget* parent);

Q_SIGNALS:
    void stopChosen(); ///< stop it, keep what was trained, then leave
};

} // namespace lathe
