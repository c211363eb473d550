#include "widgets/dialogs/target_dialog.h"

#include "widgets/theme/theme.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QDir>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int kWidth = 560;
}

TargetDialog::TargetDialog(Kind kind, const QString& title, const QString& explanation,
                           const QString& suggestion, QWidget* parent)
    : QDialog(parent), m_kind(kind), m_path(new QLineEdit(suggestion, this)), m_note(new QLabel(this)) {
    setObjectName(kind == Kind::Folder ? "exportDialog" : "csvDialog");
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(title);
    setMinimumWidth(kWidth);
    auto* text = new QLabel(explanation, this);
    text->setWordWrap(true);
    m_path->setObjectName("targetEdit");
    m_path->setAccessibleName(kind == Kind::Folder ? tr("Folder to write") : tr("File to write"));
    m_note->setObjectName("targetNoteLabel");
    m_note->setWordWrap(true);
    setLook(m_note, Look::Muted);
    auto* look = new QPushButton(tr("&Browse…"), this);
    look->setObjectName("browseButton");
    look->setAutoDefault(false);
    auto* row = new QHBoxLayout;
    row->addWidget(m_path, 1);
    row->addWidget(look);
    auto* buttons = new QDialogButtonBox(this);
    m_write = new QPushButton(tr("&Export"), this);
    m_write->setObjectName("exportButton");
    setLook(m_write, Look::PrimaryButton);
    buttons->addButton(m_write, QDialogButtonBox::AcceptRole);
    m_write->setDefault(true);
    buttons->addButton(tr("Cancel"), QDialogButtonBox::RejectRole)->setObjectName("cancelButton");
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(20, 18, 20, 16);
    layout->setSpacing(12);
    layout->addWidget(text);
    layout->addLayout(row);
    layout->addWidget(m_note);
    layout->addWidget(buttons);
    connect(look, &QPushButton::clicked, this, &TargetDialog::browse);
    connect(m_path, &QLineEdit::textChanged, this, &TargetDialog::check);
    connect(buttons, &QDialogButtonBox::accepted, this, &TargetDialog::finish);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    m_path->selectAll();
    check();
}

void TargetDialog::offerForms(const QVector<Form>& forms) {
    m_form = new QComboBox(this);
    m_form->setObjectName("formCombo");
    auto* caption = new QLabel(tr("&Format:"), this);
    caption->setBuddy(m_form);
    auto* help = new QLabel(this);
    help->setObjectName("formHelpLabel");
    help->setWordWrap(true);
    setLook(help, Look::Muted);
    for (const Form& each : forms)
        m_form->addItem(each.label, each.id);
    const auto tell = [help, forms](int index) { help->setText(forms.value(index).help); };
    connect(m_form, &QComboBox::currentIndexChanged, help, tell);
    tell(0);
    auto* row = new QHBoxLayout;
    row->addWidget(caption);
    row->addWidget(m_form, 1);
    auto* layout = static_cast<QVBoxLayout*>(this->layout());
    layout->insertLayout(1, row); // behind the explanation
    layout->insertWidget(2, help);
    setTabOrder(m_form, m_path);
    m_path->setFocus(); // Enter is enough
}

QString TargetDialog::form() const {
    return m_form == nullptr ? QString() : m_form->currentData().toString();
}

void TargetDialog::browse() {
    auto* dialog = new QFileDialog(this, windowTitle(), m_path->text());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    if (m_kind == Kind::Folder) {
        dialog->setFileMode(QFileDialog::Directory);
        dialog->setOption(QFileDialog::ShowDirsOnly);
    } else {
        dialog->setNameFilter(tr("Values (*.csv)"));
        dialog->setDefaultSuffix(QStringLiteral("csv"));
    }
    connect(dialog, &QFileDialog::fileSelected, m_path, &QLineEdit::setText);
    dialog->open();
}

void TargetDialog::check() {
    const QString path = m_path->text().trimmed();
    m_write->setEnabled(!path.isEmpty());
    if (path.isEmpty())
        m_note->setText(tr("Name a place to write to."));
    else if (QDir::isRelativePath(path))
        m_note->setText(tr("Written to %1.").arg(QDir::toNativeSeparators(QDir::home().filePath(path))));
    else if (QFileInfo::exists(path))
        m_note->setText(tr("This is there already; files of the same name are replaced."));
    else
        m_note->setText(tr("It will be made."));
}

void TargetDialog::finish() {
    const QString path = m_path->text().trimmed();
    accept();
    Q_EMIT chosen(QDir::home().absoluteFilePath(path));
}

} // namespace lathe
