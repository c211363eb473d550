#include "core/session/project_session.h"
#include "core/session/settings.h"
#include "core/session/text.h"
#include "widgets/actions/action_binder.h"
#include "widgets/pages/study_comparison.h"
#include "widgets/pages/study_page.h"
#include "widgets/pages/study_trials_table.h"

#include <QAction>
#include <QMenu>
#include <QPushButton>

#include <algorithm>
#include <array>

/// What can be done with a study and its trials, and when.
namespace lathe {

namespace {

bool isBusy(TrialState state) {
    return state == TrialState::Preparing || state == TrialState::Running || state == TrialState::Paused;
}

} // namespace

void StudyPage::bindActions() {
    const auto onStudy = [this](QStringView id, void (StudySession::*command)()) {
        m_actions.bind(id, this, [this, command] {
            if (m_board.session() != nullptr)
                (m_board.session()->*command)();
        });
    };
    onStudy(u"study.pause", &StudySession::togglePause);
    onStudy(u"study.stop", &StudySession::stop);
    m_actions.bind(u"study.resume", this, [this] { goOn(); });
    m_actions.bind(u"study.promote", this, [this] { promote(); });
    m_actions.bind(u"study.compare", this, [this] { compareTicked(); });
    bindTrialActions();
    bindPlanActions();
}

void StudyPage::bindTrialActions() {
    const auto onTrial = [this](QStringView id, void (StudySession::*command)(TrialId)) {
        m_actions.bind(id, this, [this, command] {
            if (const auto run = chosenRun(); run && m_board.session() != nullptr)
                (m_board.session()->*command)(run->trial);
        });
    };
    onTrial(u"study.pruneTrial", &StudySession::pruneTrial);
    onTrial(u"study.stopTrial", &StudySession::stopTrial);
    m_actions.bind(u"study.pauseTrial", this, [this] { togglePauseOfTrial(); });
    m_actions.bind(u"study.protectTrial", this, [this] { toggleProtection(); });
    m_actions.bind(u"study.openTrial", this, [this] { openTrial(); });
    m_actions.bind(u"study.tickTrial", this, [this] { m_table->toggleTick(); });
    m_actions.bind(u"study.useTrial", this, [this] {
        if (const auto run = chosenRun())
            Q_EMIT recipeWanted(run->trial);
    });
}

void StudyPage::openTrial() {
    if (const auto run = chosenRun())
        Q_EMIT trialOpened(run->study, run->trial);
}

void StudyPage::togglePauseOfTrial() {
    const auto run = chosenRun();
    if (!run || m_board.session() == nullptr)
        return;
    const auto state = static_cast<TrialState>(chosen().data(StudyTrialModel::StateRole).toInt());
    state == TrialState::Paused ? m_board.session()->resumeTrial(run->trial)
                                : m_board.session()->pauseTrial(run->trial);
}

void StudyPage::toggleProtection() {
    const auto run = chosenRun();
    if (!run || m_board.session() == nullptr)
        return;
    chosen().data(StudyTrialModel::IsProtectedRole).toBool() ? m_board.session()->unprotectTrial(run->trial)
                                                             : m_board.session()->protectTrial(run->trial);
}

void StudyPage::compareTicked() {
    const std::set<std::int64_t>& ticked = m_board.trials().ticked();
    if (ticked.size() < 2)
        return;
    auto* comparison = new StudyComparison(m_board, m_parts.project.recipeSchema(), ticked, this);
    comparison->open();
}

void StudyPage::promote() {
    if (const TrialRecord* winner = best())
        Q_EMIT promoted(*runOf(*winner));
}

void StudyPage::goOn() {
    if (!canGoOn())
        return;
    // While something trains, the study takes its turn among that.
    if (m_parts.project.activeStudies().isEmpty())
        (void)m_parts.project.setSlots(
            static_cast<std::size_t>(std::max(1, m_parts.settings.studySlots.value())));
    m_parts.project.resumeStudy(m_board.shown());
}

/// The actions of the menu bar that are about a trial.
void StudyPage::showTrialMenu(const QPoint& place) {
    constexpr std::array<std::array<const char*, 4>, 4> kGroups{
        {{"study.openTrial", "study.useTrial", "study.tickTrial", "study.compare"},
         {"file.export", "file.exportCsv", "run.chat", "run.evaluate"},
         {"study.pauseTrial", "study.protectTrial", "study.cloneTrial", nullptr},
         {"study.trialEarlier", "study.trialLater", "study.pruneTrial", "study.stopTrial"}}};
    auto* menu = new QMenu(this);
    menu->setObjectName("trialMenu");
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (const auto& group : kGroups) {
        menu->addSeparator();
        for (const char* id : group)
            if (id != nullptr)
                menu->addAction(m_actions.action(QLatin1String(id).toString()));
    }
    menu->popup(place);
}

bool StudyPage::canGoOn() const {
    const StudySnapshot* snapshot = m_board.snapshot();
    return snapshot != nullptr && !isActive() && snapshot->isUnfinished;
}

void StudyPage::allow(const char* action, bool isAllowed, const QString& reason) {
    const QString id = QLatin1String(action);
    if (!isVisible())
        m_actions.disable(id, tr("Go to the study board first (Alt+9)."));
    else if (isAllowed)
        m_actions.enable(id);
    else
        m_actions.disable(id, reason);
}

void StudyPage::updateActions() {
    updateTrialActions();
    updateStudyActions();
    nameButtons();
}

void StudyPage::updateTrialActions() {
    const QModelIndex index = chosen();
    const auto state = static_cast<TrialState>(index.data(StudyTrialModel::StateRole).toInt());
    const bool isRunning = index.isValid() && isActive() && isBusy(state);
    const QString nothing = tr("Choose a trial in the table first.");
    const QString idle =
        index.isValid() ? tr("Only a trial that runs can be paused, protected, pruned or stopped.") : nothing;
    for (const char* id : {"study.openTrial", "study.useTrial", "study.tickTrial"})
        allow(id, index.isValid(), nothing);
    for (const char* id : {"study.pauseTrial", "study.protectTrial", "study.pruneTrial", "study.stopTrial"})
        allow(id, isRunning, idle);
    const qlonglong turn = index.data(StudyTrialModel::PlaceRole).toLongLong();
    const auto waiting =
        m_board.snapshot() == nullptr ? 0 : static_cast<qlonglong>(m_board.snapshot()->queue.size());
    allow("study.trialEarlier", turn > 1, tr("Only a trial that waits behind another one can run earlier."));
    allow("study.trialLater", turn > 0 && turn < waiting,
          tr("Only a trial that waits before another one can run later."));
    allow("study.compare", m_board.trials().ticked().size() > 1,
          tr("Tick at least two trials first (Space or Ctrl+M in the table)."));
}

void StudyPage::updateStudyActions() {
    const StudySession* session = m_board.session();
    const QString idle = tr("This study does not run.");
    const bool isPaused = session != nullptr && session->phase() == StudySession::Phase::Paused;
    const bool isRunning = session != nullptr && session->phase() == StudySession::Phase::Running;
    allow("study.pause", isRunning || isPaused, idle);
    allow("study.stop", isRunning || isPaused, idle);
    allow("study.resume", canGoOn(), tr("Only a study that was stopped or interrupted can go on."));
    const QString reading = tr("Choose a study first.");
    const bool isSearched = m_board.snapshot() != nullptr && !m_board.snapshot()->trials.space.empty();
    allow("study.addTrial", isSearched, reading);
    allow("study.cloneTrial", isSearched && chosen().isValid(), tr("Choose a trial in the table first."));
    allow("study.budget", isSearched, reading);
    allow("study.confirm", best() != nullptr, tr("No trial of this study is complete yet."));
    allow("study.promote", best() != nullptr, tr("No trial of this study is complete yet."));
}

} // namespace lathe
