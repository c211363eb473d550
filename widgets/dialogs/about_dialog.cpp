#include "widgets/dialogs/about_dialog.h"

#include "widgets/actions/action_binder.h"
#include "widgets/shell/window_parts.h"
#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QAction>
#include <QCoreApplication>
#include <QDialog>
#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace lathe {

namespace {

/// A context of its own, for functions without a class.
struct HelpDialogs {
    Q_DECLARE_TR_FUNCTIONS(HelpDialogs)
};

constexpr int kLogoSize = 64;
constexpr QSize kListSize{560, 600};

void addCloseButton(QDialog& dialog, QVBoxLayout& column) {
    auto* buttons = new QDialogButtonBox(&dialog);
    QPushButton* close = buttons->addButton(HelpDialogs::tr("&Close"), QDialogButtonBox::RejectRole);
    close->setObjectName("closeButton");
    close->setDefault(true);
    QObject::connect(buttons, &QDialogButtonBox::rejected, &dialog, &QDialog::reject);
    column.addWidget(buttons);
}

QDialog* makeDialog(const QString& name, const QString& title, QWidget* parent) {
    auto* dialog = new QDialog(parent);
    dialog->setObjectName(name);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(title);
    return dialog;
}

} // namespace

void openAbout(const WindowParts& parts, QWidget* parent) {
    QDialog* dialog = makeDialog("aboutDialog", HelpDialogs::tr("About Lathe"), parent);
    auto* logo = new QLabel(dialog);
    logo->setPixmap(applicationIcon().pixmap(kLogoSize));
    logo->setAlignment(Qt::AlignTop);
    auto* title = new QLabel(QStringLiteral("Lathe %1").arg(parts.version), dialog);
    setLook(title, Look::Title);
    auto* text = new QLabel(
        HelpDialogs::tr("A workbench for fine-tuning language models with adapters. It works "
                        "on this machine alone; it uses the network only to download a model, if you "
                        "allow that."),
        dialog);
    text->setWordWrap(true);
    auto* licence =
        new QLabel(HelpDialogs::tr("Free software under the GNU General Public License, version 3 or "
                                   "later. It comes with no warranty."),
                   dialog);
    licence->setWordWrap(true);
    auto* libraries = new QLabel(parts.libraries, dialog);
    libraries->setObjectName("librariesLabel");
    libraries->setTextInteractionFlags(Qt::TextSelectableByMouse);
    setLook(libraries, Look::Muted);
    auto* texts = new QVBoxLayout;
    texts->setSpacing(10);
    for (QLabel* label : {title, text, licence, libraries})
        texts->addWidget(label);
    auto* row = new QHBoxLayout;
    row->setSpacing(20);
    row->addWidget(logo);
    row->addLayout(texts, 1);
    auto* column = new QVBoxLayout(dialog);
    column->setContentsMargins(24, 22, 24, 16);
    column->setSpacing(16);
    column->addLayout(row);
    addCloseButton(*dialog, *column);
    dialog->open();
}

void openShortcutList(const ActionBinder& actions, QWidget* parent) {
    QDialog* dialog = makeDialog("shortcutDialog", HelpDialogs::tr("Keyboard"), parent);
    auto* list = new QTreeWidget(dialog);
    list->setObjectName("shortcutView");
    list->setAccessibleName(HelpDialogs::tr("Shortcuts"));
    list->setHeaderLabels({HelpDialogs::tr("Action"), HelpDialogs::tr("Keys")});
    list->setRootIsDecorated(false);
    list->setAlternatingRowColors(true);
    list->header()->setStretchLastSection(false);
    list->header()->setSectionResizeMode(0, QHeaderView::Stretch);
    list->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
    for (const QAction* action : actions.actions()) {
        if (action->shortcuts().isEmpty())
            continue;
        const QString keys = QKeySequence::listToString(action->shortcuts(), QKeySequence::NativeText);
        auto* line = new QTreeWidgetItem(list, {action->text().remove(QLatin1Char('&')), keys});
        line->setIcon(0, action->icon());
    }
    auto* column = new QVBoxLayout(dialog);
    column->addWidget(list, 1);
    addCloseButton(*dialog, *column);
    dialog->resize(kListSize);
    dialog->open();
}

} // namespace lathe
