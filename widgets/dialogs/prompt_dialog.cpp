#include "widgets/dialogs/prompt_dialog.h"

#include <QDialogButtonBox>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr QSize kFirstSize{640, 420};
}

PromptDialog::PromptDialog(const QString& prompt, QWidget* parent) : QDialog(parent) {
    setObjectName("promptDialog");
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("The prompt as the model reads it"));
    auto* text = new QPlainTextEdit(prompt, this);
    text->setObjectName("promptText");
    text->setAccessibleName(windowTitle());
    text->setReadOnly(true);
    text->setTabChangesFocus(true);
    auto* buttons = new QDialogButtonBox(this);
    QPushButton* close = buttons->addButton(tr("Close"), QDialogButtonBox::RejectRole);
    close->setObjectName("closePromptButton");
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* column = new QVBoxLayout(this);
    column->addWidget(text);
    column->addWidget(buttons);
    resize(kFirstSize);
}

} // namespace lathe
