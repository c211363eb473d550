#pragma once

#include <QDialog>

namespace lathe {

/// A prompt as the model reads it, to be looked at and copied. Deletes itself when it is closed.
class PromptDialog : public QDialog {
    Q_OBJECT
public:
    PromptDialog(const QString& prompt, QWidget* parent);
};

} // namespace lathe
