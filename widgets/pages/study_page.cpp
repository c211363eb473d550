#include "widgets/pages/study_page.h"

#include "core/session/project_session.h"
#include "core/session/text.h"
#include "widgets/actions/action_binder.h"
#include "widgets/forms/elided.h"
#include "widgets/pages/study_charts.h"
#include "widgets/pages/study_trials_table.h"
#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSplitter>
#include <QStackedLayout>

#include <algorithm>

namespace lathe {

namespace {

constexpr int kPickerLetters = 24;
constexpr int kChartsHeight = 420;
constexpr int kTableHeight = 260;

QLabel* makeLabel(QWidget* parent, const char* name, Look look) {
    auto* label = new QLabel(parent);
    label->setObjectName(QLatin1String(name));
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    setLook(label, look);
    return label;
}

} // namespace

StudyPage::StudyPage(const WindowParts& parts, ActionBinder& actions, QWidget* parent)
    : Page(parent),
      m_parts(parts),
      m_actions(actions),
      m_board(parts.project),
      m_table(new StudyTrialsTable(m_board.trials(), this)),
      m_stack(new QStackedLayout) {
    setObjectName("studyPage");
    QWidget* header = makeHeader();
    auto* split = new QSplitter(Qt::Vertical, this);
    split->setObjectName("studySplitter");
    split->setHandleWidth(10);
    split->setChildrenCollapsible(false);
    m_charts = new StudyCharts(parts.project.recipeSchema(), split);
    split->addWidget(m_charts);
    split->addWidget(makeTrials());
    split->setStretchFactor(0, 1);
    split->setSizes({kChartsHeight, kTableHeight});
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 16, 20, 16);
    column->setSpacing(10);
    column->addWidget(header);
    column->addLayout(m_stack, 1);
    m_stack->addWidget(split);
    m_stack->addWidget(makeEmpty());
    m_board.setWatched(false);
    connectParts();
    bindActions();
    retranslate();
    fillStudies();
}

QWidget* StudyPage::makeHeader() {
    auto* header = new QWidget(this);
    m_title = makeLabel(header, "studyTitleLabel", Look::Title);
    m_picker = new ElidedComboBox(header);
    m_picker->setObjectName("studyBox");
    m_picker->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_picker->setMinimumContentsLength(kPickerLetters);
    m_summary = makeLabel(header, "studySummaryLabel", Look::Heading);
    m_problem = makeLabel(header, "studyProblemLabel", Look::Problem);
    m_problem->hide();
    m_confirmation = makeLabel(header, "confirmationLabel", Look::Muted);
    m_more = new QPushButton(header);
    m_more->setObjectName("moreOfStudyButton");
    m_more->setMenu(new QMenu(m_more));
    for (const char* id : {"study.addTrial", "study.cloneTrial", "study.budget", "study.confirm"})
        m_more->menu()->addAction(m_actions.action(QLatin1String(id).toString()));
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_title);
    row->addWidget(m_picker, 1);
    row->addStretch(1);
    row->addWidget(m_more);
    addButton(*row, "study.promote", "promoteButton");
    addButton(*row, "study.pause", "pauseStudyButton");
    addButton(*row, "study.stop", "stopStudyButton");
    addButton(*row, "study.resume", "resumeStudyButton");
    auto* column = new QVBoxLayout(header);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    column->addLayout(row);
    column->addWidget(m_summary);
    column->addWidget(m_confirmation);
    column->addWidget(m_problem);
    return header;
}

QWidget* StudyPage::makeTrials() {
    auto* trials = new QWidget(this);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    addButton(*row, "study.openTrial", "openTrialButton");
    addButton(*row, "study.useTrial", "useTrialButton");
    addButton(*row, "study.compare", "compareTrialsButton");
    row->addStretch(1);
    addButton(*row, "study.pauseTrial", "pauseTrialButton");
    addButton(*row, "study.protectTrial", "protectTrialButton");
    addButton(*row, "study.pruneTrial", "pruneTrialButton");
    addButton(*row, "study.stopTrial", "stopTrialButton");
    auto* column = new QVBoxLayout(trials);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    column->addLayout(row);
    column->addWidget(m_table, 1);
    return trials;
}

QWidget* StudyPage::makeEmpty() {
    auto* empty = new QWidget(this);
    m_emptyTitle = makeLabel(empty, "studyEmptyTitleLabel", Look::Heading);
    m_emptyTitle->setAlignment(Qt::AlignCenter);
    m_emptyText = makeLabel(empty, "studyEmptyLabel", Look::Muted);
    m_emptyText->setAlignment(Qt::AlignCenter);
    m_make = new QPushButton(themedIcon("study", IconTone::OnAccent), {}, empty);
    m_make->setObjectName("makeStudyButton");
    m_make->setAutoDefault(true);
    setLook(m_make, Look::PrimaryButton);
    auto* column = new QVBoxLayout(empty);
    column->addStretch(1);
    column->addWidget(m_emptyTitle);
    column->addWidget(m_emptyText);
    column->addSpacing(8);
    column->addWidget(m_make, 0, Qt::AlignCenter);
    column->addStretch(2);
    connect(m_make, &QPushButton::clicked, this, &StudyPage::makeStudyWanted);
    return empty;
}

void StudyPage::addButton(QHBoxLayout& row, const char* action, const char* name) {
    const QAction* bound = m_actions.action(QLatin1String(action).toString());
    auto* button = new QPushButton(bound->icon(), {}, this);
    button->setObjectName(QLatin1String(name));
    button->setAutoDefault(true);
    connect(button, &QPushButton::clicked, bound, &QAction::trigger);
    connect(bound, &QAction::changed, button, [button, bound] {
        button->setEnabled(bound->isEnabled());
        button->setToolTip(bound->toolTip());
    });
    row.addWidget(button);
    m_buttons.append({button, QLatin1String(action)});
}

void StudyPage::connectParts() {
    connect(m_table, &QTableView::activated, this, &StudyPage::openTrial);
    connect(m_table, &StudyTrialsTable::trialChosen, this, &StudyPage::chosenTrialChanged);
    connect(m_table, &StudyTrialsTable::menuWanted, this, &StudyPage::showTrialMenu);
    connect(m_charts, &StudyCharts::trialPicked, m_table, &StudyTrialsTable::choose);
    connect(m_table, &StudyTrialsTable::turnWanted, this, &StudyPage::moveTrial);
    connect(&m_board.trials(), &StudyTrialModel::ticksChanged, this, &StudyPage::updateActions);
    connect(m_picker, &QComboBox::activated, this,
            [this](int index) { showStudy(StudyId{m_picker->itemData(index).toLongLong()}); });
    connect(&m_board, &StudyBoard::changed, this, &StudyPage::takeSnapshot);
    connect(&m_board, &StudyBoard::phaseChanged, this, &StudyPage::updateSummary);
    connect(&m_board, &StudyBoard::failed, this, [this](const QString& message) {
        m_problem->setText(message);
        m_problem->show();
    });
    const RunTableModel& runs = m_parts.project.runs();
    for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(&runs, signal, this, &StudyPage::fillStudies);
    connect(&runs, &QAbstractItemModel::modelReset, this, &StudyPage::fillStudies);
    connect(&runs, &QAbstractItemModel::dataChanged, this, [this](const QModelIndex& from) {
        if (from.column() == RunTableModel::Name)
            fillStudies();
    });
    connect(&m_parts.project, &ProjectSession::confirmationStarted, this, &StudyPage::showStudy);
    connect(&m_parts.project, &ProjectSession::activeStudiesChanged, this, [this] { m_isPicked = false; });
}

void StudyPage::showStudy(StudyId id) {
    m_isPicked = true;
    m_board.show(id);
    fillStudies();
}

bool StudyPage::isListed(StudyId id) const {
    return std::ranges::find(m_studies, id, &StudyEntry::id) != m_studies.end();
}

/// The study that runs, else the one that is shown, else the newest.
void StudyPage::chooseStudy() {
    StudyId wanted = isListed(m_board.shown()) ? m_board.shown() : StudyId{};
    if (!wanted.isValid() && !m_studies.empty())
        wanted = m_studies.front().id;
    for (const StudySession* active : m_parts.project.activeStudies())
        if (isListed(active->id()))
            wanted = active->id();
    m_board.show(wanted);
}

/// Nobody is taken away from the study that is looked at.
void StudyPage::fillStudies() {
    std::vector<StudyEntry> studies = studiesOf(m_parts.project.runs());
    const QSignalBlocker silent(m_picker);
    if (studies != m_studies) {
        m_studies = std::move(studies);
        m_picker->clear();
        for (const StudyEntry& study : m_studies)
            m_picker->addItem(study.name, qlonglong{study.id.value});
    }
    if (!isListed(m_board.shown()))
        chooseStudy();
    m_picker->setCurrentIndex(m_picker->findData(qlonglong{m_board.shown().value}));
    m_picker->setVisible(!m_studies.empty());
    m_stack->setCurrentIndex(m_studies.empty() ? 1 : 0);
}

void StudyPage::takeSnapshot() {
    const StudySnapshot* snapshot = m_board.snapshot();
    m_problem->hide();
    m_charts->show(snapshot);
    if (snapshot == nullptr) {
        m_filled.reset();
    } else if (m_filled != snapshot->study.id && m_table->hasTrials()) {
        m_filled = snapshot->study.id;
        m_table->choose(snapshot->best.value_or(0));
    }
    chosenTrialChanged();
    updateSummary();
}

void StudyPage::updateSummary() {
    const StudySnapshot* snapshot = m_board.snapshot();
    m_summary->setVisible(m_board.shown().isValid());
    const QString confirmed = snapshot == nullptr ? QString() : confirmationText(*snapshot);
    m_confirmation->setText(confirmed);
    m_confirmation->setVisible(!confirmed.isEmpty());
    m_summary->setText(snapshot == nullptr ? tr("Reading the study…") : sentence(*snapshot, isActive()));
    updateActions();
}

QModelIndex StudyPage::chosen() const { return m_table->chosen(); }

void StudyPage::chosenTrialChanged() {
    const QModelIndex index = chosen();
    m_charts->choose(index.isValid()
                         ? std::optional<std::int64_t>(index.data(StudyTrialModel::NumberRole).toLongLong())
                         : std::nullopt);
    updateActions();
    Q_EMIT chosenRunChanged();
}

std::optional<RunChoice> StudyPage::chosenRun() const {
    const QModelIndex index = chosen();
    if (!index.isValid() || m_board.snapshot() == nullptr)
        return std::nullopt;
    return runOf(m_board.snapshot()->records[static_cast<std::size_t>(index.row())]);
}

std::optional<RunChoice> StudyPage::runOf(const TrialRecord& trial) const {
    const StudySnapshot* snapshot = m_board.snapshot();
    if (snapshot == nullptr)
        return std::nullopt;
    return RunChoice{
        trial.study, trial.id,
        QStringLiteral("%1 %2").arg(toQString(snapshot->study.spec.name), toQString(trialName(trial.number))),
        pathText(trial.adapterFolder)};
}

const TrialRecord* StudyPage::best() const {
    const StudySnapshot* snapshot = m_board.snapshot();
    if (snapshot == nullptr || !snapshot->best)
        return nullptr;
    const auto found = std::ranges::find(snapshot->records, *snapshot->best, &TrialRecord::number);
    return found == snapshot->records.end() ? nullptr : &*found;
}

void StudyPage::entered() {
    if (!m_isPicked)
        chooseStudy();
    fillStudies();
    if (m_studies.empty())
        m_make->setFocus(Qt::OtherFocusReason);
    else
        m_table->setFocus(Qt::OtherFocusReason);
}

void StudyPage::showEvent(QShowEvent* event) {
    Page::showEvent(event);
    m_board.setWatched(true);
    updateActions();
}

void StudyPage::hideEvent(QHideEvent* event) {
    Page::hideEvent(event);
    m_board.setWatched(false);
    updateActions();
}

} // namespace lathe
