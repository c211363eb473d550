#include "widgets/dialogs/download_dialog.h"

#include "core/session/model_download.h"
#include "core/session/model_table_model.h"
#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QDialogButtonBox>
#include <QDir>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int kWidth = 600;
constexpr int kProgressSteps = 1000;

QString bytes(std::uint64_t count) { return bytesText(static_cast<double>(count)); }
} // namespace

DownloadDialog::DownloadDialog(ModelDownload& download, QWidget* parent)
    : QDialog(parent),
      m_download(download),
      m_about(new QLabel(this)),
      m_name(new QLineEdit(this)),
      m_lookUp(new QPushButton(themedIcon("search"), tr("&Look up"), this)),
      m_plan(new QLabel(this)),
      m_progress(new QProgressBar(this)),
      m_state(new QLabel(this)),
      m_problem(new QLabel(this)),
      m_go(new QPushButton(this)),
      m_close(new QPushButton(tr("Close"), this)) {
    setObjectName("downloadDialog");
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Download a model"));
    setMinimumWidth(kWidth);
    layOut();
    follow();
    setStep(Step::Name);
    m_name->setFocus(Qt::OtherFocusReason);
}

void DownloadDialog::layOut() {
    m_about->setText(tr("From the Hugging Face hub into its cache on this disk, which other programs share. "
                        "Only the files that Lathe reads are fetched."));
    m_name->setObjectName("downloadNameEdit");
    m_name->setPlaceholderText(tr("ORGANISATION/NAME or ORGANISATION/NAME@REVISION"));
    m_name->setAccessibleName(tr("Name of the model"));
    m_lookUp->setObjectName("lookUpButton");
    m_plan->setObjectName("downloadPlanLabel");
    m_progress->setObjectName("downloadProgressBar");
    m_progress->setRange(0, kProgressSteps);
    m_progress->setTextVisible(false);
    m_state->setObjectName("downloadStateLabel");
    m_problem->setObjectName("downloadProblemLabel");
    m_go->setObjectName("downloadButton");
    m_close->setObjectName("closeDownloadButton");
    m_close->setAutoDefault(false);
    for (QLabel* label : {m_about, m_plan, m_state, m_problem}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
    }
    setLook(m_about, Look::Muted);
    setLook(m_state, Look::Muted);
    setLook(m_problem, Look::Problem);
    setLook(m_go, Look::PrimaryButton);
    auto* row = new QHBoxLayout;
    row->addWidget(m_name, 1);
    row->addWidget(m_lookUp);
    auto* buttons = new QDialogButtonBox(this);
    buttons->addButton(m_go, QDialogButtonBox::ActionRole);
    buttons->addButton(m_close, QDialogButtonBox::RejectRole);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 18, 20, 16);
    column->setSpacing(12);
    column->addWidget(m_about);
    column->addLayout(row);
    for (QWidget* widget : std::initializer_list<QWidget*>{m_plan, m_progress, m_state, m_problem})
        column->addWidget(widget);
    column->addStretch(1);
    column->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
}

void DownloadDialog::follow() {
    connect(m_lookUp, &QPushButton::clicked, this, &DownloadDialog::lookUp);
    connect(m_go, &QPushButton::clicked, this, &DownloadDialog::goOn);
    connect(m_name, &QLineEdit::textEdited, this, [this] { setStep(Step::Name); });
    connect(&m_download, &ModelDownload::planned, this, [this] { setStep(Step::Planned); });
    connect(&m_download, &ModelDownload::progressed, this, &DownloadDialog::showProgress);
    connect(&m_download, &ModelDownload::stopped, this, [this] {
        if (m_step == Step::Fetching)
            setStep(Step::Paused);
    });
    connect(&m_download, &ModelDownload::failed, this, &DownloadDialog::showProblem);
    connect(&m_download, &ModelDownload::finished, this, [this](const QString& folder) {
        Q_EMIT downloaded(folder);
        accept();
    });
}

void DownloadDialog::lookUp() {
    if (m_name->text().trimmed().isEmpty())
        return;
    setStep(Step::LookingUp);
    m_download.lookUp(m_name->text());
}

void DownloadDialog::goOn() {
    if (m_step == Step::Fetching)
        return m_download.stop();
    setStep(Step::Fetching);
    m_download.start();
}

void DownloadDialog::setStep(Step step) {
    m_step = step;
    const bool isFetching = step == Step::Fetching;
    const bool hasPlan = step == Step::Planned || step == Step::Paused || isFetching ||
                         (step == Step::Failed && m_download.plan().has_value());
    m_name->setEnabled(!isFetching && step != Step::LookingUp);
    m_lookUp->setEnabled(m_name->isEnabled());
    m_plan->setVisible(hasPlan);
    m_progress->setVisible(isFetching || step == Step::Paused || step == Step::LookingUp);
    m_progress->setRange(0, step == Step::LookingUp ? 0 : kProgressSteps); // 0: it only says that it is busy
    m_state->setVisible(m_progress->isVisibleTo(this));
    m_problem->setVisible(step == Step::Failed);
    if (step == Step::LookingUp)
        m_state->setText(tr("Asking the Hub…"));
    if (step == Step::Paused)
        m_state->setText(tr("Paused. What was fetched stays; it goes on from there, also after a restart."));
    if (hasPlan)
        showPlan();
    m_go->setText(isFetching              ? tr("&Pause")
                  : step == Step::Planned ? tr("&Download")
                                          : tr("&Go on", "with a download"));
    m_go->setVisible(hasPlan);
    m_go->setEnabled(hasPlan && (isFetching || m_download.plan()->fits()));
    m_lookUp->setDefault(!hasPlan);
    m_go->setDefault(hasPlan);
    if (m_go->isEnabled() && m_go->isVisibleTo(this))
        m_go->setFocus(Qt::OtherFocusReason);
    adjustSize(); // a layout does not ask for the height of wrapped texts by itself
}

void DownloadDialog::showPlan() {
    const HubPlan& plan = *m_download.plan();
    QString text = tr("%1 in %n files.", nullptr, static_cast<int>(plan.files.size())).arg(bytes(plan.bytes));
    if (plan.missing < plan.bytes)
        text += QLatin1Char(' ') + tr("%1 of it are still to be fetched.").arg(bytes(plan.missing));
    text += QLatin1Char(' ') +
            tr("%1 are free in %2.")
                .arg(bytes(plan.free), QDir::toNativeSeparators(QString::fromStdString(plan.root.string())));
    if (!plan.fits())
        text += QLatin1Char('\n') + tr("That is too little: make room, or set HF_HUB_CACHE to another disk.");
    m_plan->setText(text);
}

void DownloadDialog::showProgress(qint64 done, qint64 total, const QString& file) {
    if (total > 0)
        m_progress->setValue(
            static_cast<int>(static_cast<double>(done) / static_cast<double>(total) * kProgressSteps));
    m_state->setText(
        tr("%1 of %2: %3", "bytes of bytes: file")
            .arg(bytes(static_cast<std::uint64_t>(done)), bytes(static_cast<std::uint64_t>(total)), file));
}

void DownloadDialog::showProblem(const QString& message) {
    m_problem->setText(message);
    setStep(Step::Failed);
    if (!m_download.plan())
        m_name->setFocus(Qt::OtherFocusReason);
}

void DownloadDialog::done(int result) {
    m_download.stop();
    QDialog::done(result);
}

} // namespace lathe
