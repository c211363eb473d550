#include "widgets/dialogs/profile_dialog.h"

#include "core/session/text.h"
#include "widgets/charts/bar_delegate.h"
#include "widgets/charts/chart_export.h"
#include "widgets/dialogs/target_dialog.h"
#include "widgets/forms/number_box.h"
#include "widgets/forms/row_table.h"
#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QClipboard>
#include <QCoreApplication>
#include <QDialogButtonBox>
#include <QDir>
#include <QEvent>
#include <QFileInfo>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QScreen>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace lathe {

namespace {

constexpr std::int64_t kMostSteps = 1000;
constexpr int kWidth = 860;
constexpr int kHeight = 760;
constexpr double kRowLines = 1.7; ///< height of a row in lines of text
constexpr int kFewestRows = 4;    ///< of the operators that are seen

QLabel* makeFigure(QWidget* parent, QHBoxLayout& row, const char* name, const QString& caption) {
    auto* card = new QFrame(parent);
    setLook(card, Look::Card);
    auto* column = new QVBoxLayout(card);
    column->setContentsMargins(16, 10, 16, 12);
    column->setSpacing(2);
    auto* value = new QLabel(card);
    value->setObjectName(QLatin1String(name));
    value->setAccessibleName(caption);
    setLook(value, Look::BigNumber);
    auto* text = new QLabel(caption, card);
    setLook(text, Look::Muted);
    column->addWidget(value);
    column->addWidget(text);
    row.addWidget(card, 1);
    return value;
}

} // namespace

ProfileDialog::ProfileDialog(ProfileParts parts, ParamValues recipe, const QString& about,
                             const QString& suggestion, QWidget* parent)
    : QDialog(parent),
      m_recipe(std::move(recipe)),
      m_suggestion(suggestion),
      m_profiling(std::move(parts)),
      m_result(new QWidget(this)),
      m_kindTable(new QTableView(m_result)),
      m_operatorTable(new QTableView(m_result)),
      m_note(new QLabel(this)),
      m_problem(new QLabel(this)),
      m_progress(new QProgressBar(this)) {
    setObjectName("profileDialog");
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Profile a step"));
    setUpTables();
    arrange(about);
    follow();
    setRunning(false);
    resize(kWidth, layout()->heightForWidth(kWidth)); // it grows with the first result
}

void ProfileDialog::arrange(const QString& about) {
    m_note->setObjectName("profileNoteLabel");
    setLook(m_note, Look::Muted);
    m_problem->setObjectName("profileProblemLabel");
    setLook(m_problem, Look::Problem);
    for (QLabel* label : {m_note, m_problem}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    }
    m_progress->setObjectName("profileProgressBar");
    m_progress->setAccessibleName(tr("Steps measured"));
    auto* heading = new QLabel(tr("Costliest operators"), m_result);
    setLook(heading, Look::Heading);
    auto* result = new QVBoxLayout(m_result);
    result->setContentsMargins(0, 0, 0, 0);
    result->setSpacing(12);
    result->addWidget(makeFigures());
    result->addWidget(m_kindTable);
    result->addWidget(heading);
    result->addWidget(m_operatorTable, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(20, 18, 20, 16);
    layout->setSpacing(12);
    layout->addWidget(makeTop(about));
    layout->addWidget(m_result, 1);
    layout->addWidget(m_problem);
    layout->addWidget(m_note);
    layout->addWidget(m_progress);
    layout->addWidget(makeButtons());
}

QWidget* ProfileDialog::makeTop(const QString& about) {
    auto* top = new QWidget(this);
    auto* title = new QLabel(about, top);
    title->setObjectName("profileAboutLabel");
    title->setTextFormat(Qt::PlainText);
    title->setWordWrap(true);
    setLook(title, Look::Heading);
    auto* explanation =
        new QLabel(tr("Trains a few steps as a run would, keeps nothing, and shows what the time of a step "
                      "goes to. Other trainings that run meanwhile slow it down."),
                   top);
    explanation->setWordWrap(true);
    setLook(explanation, Look::Muted);
    m_steps = new NumberBox(IntDomain{1, kMostSteps}, top);
    m_steps->setObjectName("profileStepsEdit");
    m_steps->show(std::int64_t{20});
    auto* caption = new QLabel(tr("S&teps:"), top);
    caption->setBuddy(m_steps);
    auto* line = new QHBoxLayout;
    line->addWidget(caption);
    line->addWidget(m_steps);
    line->addStretch(1);
    auto* column = new QVBoxLayout(top);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    column->addWidget(title);
    column->addWidget(explanation);
    column->addLayout(line);
    return top;
}

QWidget* ProfileDialog::makeFigures() {
    auto* figures = new QWidget(m_result);
    auto* row = new QHBoxLayout(figures);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(12);
    m_time = makeFigure(figures, *row, "profileTimeLabel", tr("ms per step"));
    m_tokens = makeFigure(figures, *row, "profileTokensLabel", tr("tokens per second"));
    m_flops = makeFigure(figures, *row, "profileFlopsLabel", tr("GFLOP per second, of the mathematics"));
    return figures;
}

void ProfileDialog::setUpTables() {
    m_kindTable->setObjectName("profileKindTable");
    m_kindTable->setModel(&m_kinds);
    m_kindTable->setAccessibleName(tr("What the time of a step goes to"));
    m_kindTable->setItemDelegateForColumn(
        WorkTimeModel::Bar, new BarDelegate(WorkTimeModel::BarRole, WorkTimeModel::RestRole, this));
    m_operatorTable->setObjectName("profileOperatorTable");
    m_operatorTable->setModel(&m_operators);
    m_operatorTable->setAccessibleName(tr("Costliest operators"));
    for (QTableView* table : {m_kindTable, m_operatorTable}) {
        setUpRowTable(*table, 0);
        table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    }
    m_kindTable->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_kindTable->horizontalHeader()->setSectionResizeMode(WorkTimeModel::Bar, QHeaderView::Stretch);
    m_operatorTable->horizontalHeader()->setSectionResizeMode(OperatorTimeModel::Name, QHeaderView::Stretch);
    fitTables();
}

/// Rows as high as the texts ask; all kinds are seen without scrolling.
void ProfileDialog::fitTables() {
    const int height = static_cast<int>(kRowLines * fontMetrics().height());
    for (QTableView* table : {m_kindTable, m_operatorTable})
        table->verticalHeader()->setDefaultSectionSize(height);
    const int head = m_kindTable->horizontalHeader()->sizeHint().height() + 2 * m_kindTable->frameWidth();
    m_kindTable->setFixedHeight(head + static_cast<int>(kWorkKinds) * height);
    m_operatorTable->setMinimumHeight(head + kFewestRows * height);
}

QDialogButtonBox* ProfileDialog::makeButtons() {
    auto* buttons = new QDialogButtonBox(this);
    m_start = new QPushButton(tr("&Measure"), buttons); // its look is set before the box measures it
    m_start->setObjectName("profileStartButton");
    m_start->setDefault(true);
    setLook(m_start, Look::PrimaryButton);
    buttons->addButton(m_start, QDialogButtonBox::ActionRole);
    m_stop = buttons->addButton(tr("St&op"), QDialogButtonBox::ActionRole);
    m_stop->setObjectName("profileStopButton");
    m_copy = buttons->addButton(tr("&Copy as CSV"), QDialogButtonBox::ActionRole);
    m_copy->setObjectName("profileCopyButton");
    m_save = buttons->addButton(tr("Sa&ve as CSV…"), QDialogButtonBox::ActionRole);
    m_save->setObjectName("profileSaveButton");
    m_close = buttons->addButton(tr("Close"), QDialogButtonBox::RejectRole);
    m_close->setObjectName("profileCloseButton");
    for (QPushButton* button : {m_stop, m_copy, m_save, m_close})
        button->setAutoDefault(false);
    connect(m_start, &QPushButton::clicked, this, &ProfileDialog::begin);
    connect(m_stop, &QPushButton::clicked, &m_profiling, &StepProfiling::stop);
    connect(m_copy, &QPushButton::clicked, this, &ProfileDialog::copyCsv);
    connect(m_save, &QPushButton::clicked, this, &ProfileDialog::saveCsv);
    connect(buttons, &QDialogButtonBox::rejected, this, &ProfileDialog::reject);
    return buttons;
}

void ProfileDialog::follow() {
    connect(m_steps, &NumberBox::edited, this, [this] {
        const bool isNumber = m_steps->number().has_value();
        m_start->setEnabled(isNumber);
        showProblem(isNumber ? QString() : tr("Steps: give a whole number from 1 to %1.").arg(kMostSteps));
    });
    connect(&m_profiling, &StepProfiling::progressed, this, &ProfileDialog::showProgress);
    connect(&m_profiling, &StepProfiling::finished, this, &ProfileDialog::showProfile);
    connect(&m_profiling, &StepProfiling::failed, this, [this](const QString& message) {
        setRunning(false);
        if (message.isEmpty())
            tell(tr("Stopped."));
        else
            showProblem(message);
    });
}

void ProfileDialog::begin() {
    const auto steps = m_steps->number();
    if (!steps || m_profiling.isBusy())
        return;
    setRunning(true);
    tell(tr("Getting ready…"));
    m_profiling.start({m_recipe, std::get<std::int64_t>(*steps)});
}

void ProfileDialog::setRunning(bool isRunning) {
    m_steps->setEnabled(!isRunning);
    m_start->setVisible(!isRunning);
    m_stop->setVisible(isRunning);
    for (QPushButton* button : {m_copy, m_save}) {
        button->setVisible(m_profile.has_value());
        button->setEnabled(!isRunning);
    }
    m_progress->setVisible(isRunning);
    m_progress->setRange(0, 0);
    m_result->setVisible(m_profile.has_value());
    showProblem({});
    tell({});
    (isRunning ? m_stop : m_start)->setFocus(Qt::OtherFocusReason);
    if (!isRunning && m_isClosing)
        deleteLater();
}

void ProfileDialog::showProgress(const QString& phase, qint64 done, qint64 total) {
    if (!m_profiling.isBusy())
        return;
    const bool isCounted = phase == QLatin1String("measuring") && total > 0;
    const QString words = QCoreApplication::translate("Progress", phase.toUtf8().constData());
    tell(isCounted ? tr("%1: step %2 of %3", "what is done, then how far it is")
                         .arg(words, QLocale().toString(done), QLocale().toString(total))
                   : words);
    m_progress->setRange(0, isCounted ? static_cast<int>(total) : 0);
    m_progress->setValue(static_cast<int>(done));
}

void ProfileDialog::showProfile(const StepProfile& profile) {
    if (!std::exchange(m_profile, profile))
        grow();
    m_kinds.setProfile(profile);
    m_operators.setProfile(profile);
    const double each = profile.seconds > 0 ? 1 / profile.seconds : 0;
    m_time->setText(threeDigits(profile.seconds * 1e3));
    m_tokens->setText(threeDigits(profile.tokens * each));
    m_flops->setText(threeDigits(profile.flops * each / 1e9));
    setRunning(false);
    QString note = QStringList{tr("Steps measured: %1").arg(QLocale().toString(qlonglong{profile.steps})),
                               tr("threads: %1").arg(QLocale().toString(qlonglong{profile.threads})),
                               tr("device: %1").arg(toQString(profile.device))}
                       .join(QStringLiteral("  ·  "));
    if (profile.device != "cpu")
        note +=
            QLatin1Char('\n') + tr("On a GPU, operators take the time of handing work over; waiting for it "
                                   "counts as everything else.");
    tell(note);
    m_kindTable->selectRow(0);
    m_kindTable->clearSelection();
}

/// Up and down alike, so that it does not leave the screen below.
void ProfileDialog::grow() {
    const QRect room = screen()->availableGeometry();
    const int before = height();
    resize(width(), std::max(before, kHeight));
    move(x(), std::max(room.top(), y() - (height() - before) / 2));
}

void ProfileDialog::showProblem(const QString& message) {
    m_problem->setText(message);
    m_problem->setVisible(!message.isEmpty());
}

void ProfileDialog::tell(const QString& note) {
    m_note->setText(note);
    m_note->setVisible(!note.isEmpty());
}

void ProfileDialog::copyCsv() {
    QGuiApplication::clipboard()->setText(toQString(toCsv(*m_profile)));
    tell(tr("Copied."));
}

void ProfileDialog::saveCsv() {
    auto* dialog =
        new TargetDialog(TargetDialog::Kind::CsvFile, tr("Save the profile"),
                         tr("Writes kinds of work and operators to a CSV file."), m_suggestion, this);
    connect(dialog, &TargetDialog::chosen, this, [this](const QString& path) {
        QDir().mkpath(QFileInfo(path).path()); // where it fails, so does the file, and says why
        const Status saved = saveText(path, toCsv(*m_profile));
        saved.has_value() ? tell(tr("Written to %1.").arg(QDir::toNativeSeparators(path)))
                          : showProblem(toQString(saved.error().text()));
    });
    dialog->open();
}

void ProfileDialog::changeEvent(QEvent* event) {
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
        fitTables();
    QDialog::changeEvent(event);
}

void ProfileDialog::reject() {
    if (!m_profiling.isBusy())
        return QDialog::reject();
    m_isClosing = true;
    m_profiling.stop();
    hide();
}

} // namespace lathe
