#include "widgets/dialogs/form_dialog.h"

#include "widgets/forms/param_form.h"
#include "widgets/theme/theme.h"

#include <QDialogButtonBox>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int kWidth = 560;
constexpr int kMostHeight = 420; // of the fields; more are scrolled
} // namespace

FormDialog::FormDialog(const Texts& texts, ParamSchema schema, const ParamValues& values, QWidget* parent)
    : QDialog(parent),
      m_form(new ParamForm(this)),
      m_outlook(new QLabel(this)),
      m_do(new QPushButton(texts.button, this)) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(texts.title);
    setMinimumWidth(kWidth);
    auto* explanation = new QLabel(texts.explanation, this);
    explanation->setObjectName("explanationLabel");
    explanation->setTextFormat(Qt::PlainText);
    explanation->setWordWrap(true);
    m_outlook->setObjectName("outlookLabel");
    m_outlook->setTextFormat(Qt::PlainText);
    m_outlook->setWordWrap(true);
    m_outlook->hide();
    m_form->setObjectName("dialogForm");
    m_form->setSchema(std::move(schema));
    m_form->leaveOutMnemonics();
    m_form->setDetail(FormDetail::Advanced);
    m_form->setValues(values);
    auto* scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(m_form);
    scroll->setMinimumHeight(std::min(kMostHeight, m_form->sizeHint().height()));
    auto* buttons = new QDialogButtonBox(this);
    m_do->setObjectName("doItButton");
    m_do->setDefault(true);
    setLook(m_do, Look::PrimaryButton);
    buttons->addButton(m_do, QDialogButtonBox::AcceptRole);
    buttons->addButton(tr("Cancel"), QDialogButtonBox::RejectRole)->setObjectName("cancelButton");
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 18, 20, 16);
    column->setSpacing(12);
    column->addWidget(explanation);
    column->addWidget(scroll, 1);
    column->addWidget(m_outlook);
    column->addWidget(buttons);
    connect(m_form, &ParamForm::problemsChanged, this, &FormDialog::check);
    connect(m_form, &ParamForm::valueEdited, this, &FormDialog::edited);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(buttons, &QDialogButtonBox::accepted, this, [this] {
        Q_EMIT chosen(m_form->values());
        accept();
    });
    check();
    if (!m_form->schema().empty())
        m_form->showField(QString::fromStdString(m_form->schema().front().key));
}

ParamValues FormDialog::values() const { return m_form->values(); }

void FormDialog::setOutlook(const QString& outlook) {
    m_outlook->setText(outlook);
    m_outlook->setVisible(!outlook.isEmpty());
}

void FormDialog::check() { m_do->setEnabled(m_form->problems().empty()); }

} // namespace lathe
