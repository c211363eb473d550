#include "core/session/project_session.h"
#include "core/session/run_table_model.h"
#include "core/session/text.h"
#include "widgets/actions/action_binder.h"
#include "widgets/pages/study_charts.h"
#include "widgets/pages/study_page.h"

#include <QAction>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QTableView>

#include <algorithm>

/// What the study page says, and which of its actions can be used.
namespace lathe {

namespace {

constexpr double kSecondsAnHour = 3600;

bool isBusy(TrialState state) {
    return state == TrialState::Preparing || state == TrialState::Running || state == TrialState::Paused;
}

} // namespace

QString StudyPage::sentence(const StudySnapshot& snapshot, bool isActive) {
    const auto begun = static_cast<std::int64_t>(snapshot.records.size());
    QString text =
        tr("%1 of %2 trials").arg(snapshot.finished).arg(std::max(snapshot.study.spec.trialCount, begun));
    if (snapshot.pruned > 0)
        text += tr(", %1 pruned").arg(snapshot.pruned);
    if (snapshot.failed > 0)
        text += tr(", %1 failed").arg(snapshot.failed);
    if (snapshot.best) {
        const auto trial = std::ranges::find(snapshot.trials.trials, *snapshot.best, &StudyTrial::number);
        text += tr("; best %1 at %2", "value at trial")
                    .arg(QLocale().toString(trial->objectives.front(), 'g', 4),
                         toQString(trialName(*snapshot.best)));
    }
    if (isActive && snapshot.forecast.hours)
        text += tr("; about %1 left", "time").arg(durationText(kSecondsAnHour * *snapshot.forecast.hours));
    return text;
}

bool StudyPage::isActive() const { return m_board.session() != nullptr && m_board.session()->isActive(); }

bool StudyPage::canGoOn() const {
    const StudySnapshot* snapshot = m_board.snapshot();
    if (snapshot == nullptr || isActive())
        return false;
    const bool isMissingSome =
        static_cast<std::int64_t>(snapshot->records.size()) < snapshot->study.spec.trialCount;
    return isMissingSome || std::ranges::any_of(snapshot->records, [](const TrialRecord& trial) {
               return !isFinal(trial.state) || trial.state == TrialState::Cancelled;
           });
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
    m_open->setEnabled(chosen().isValid());
    updateTrialActions();
    updateStudyActions();
}

void StudyPage::updateTrialActions() {
    const QModelIndex index = chosen();
    const auto state = static_cast<TrialState>(index.data(StudyTrialModel::StateRole).toInt());
    const bool isRunning = index.isValid() && isActive() && isBusy(state);
    const QString nothing = tr("Choose a trial in the table first.");
    const QString idle =
        index.isValid() ? tr("Only a trial that runs can be paused, pruned or stopped.") : nothing;
    allow("study.useTrial", index.isValid(), nothing);
    for (const char* id : {"study.pauseTrial", "study.pruneTrial", "study.stopTrial"})
        allow(id, isRunning, idle);
}

void StudyPage::updateStudyActions() {
    const StudySession* session = m_board.session();
    const QString idle = tr("This study does not run.");
    const bool isPaused = session != nullptr && session->phase() == StudySession::Phase::Paused;
    const bool isRunning = session != nullptr && session->phase() == StudySession::Phase::Running;
    allow("study.pause", isRunning || isPaused, idle);
    allow("study.stop", isRunning || isPaused, idle);
    allow("study.resume", canGoOn(), tr("Only a study that was stopped or interrupted can go on."));
    for (const Button& button : m_buttons)
        if (button.action == QLatin1String("study.pause"))
            button.button->setText(isPaused ? tr("Resume", "after a pause") : tr("Pause"));
}

void StudyPage::retranslate() {
    m_title->setText(tr("Study"));
    m_table->setAccessibleName(tr("Trials of the study"));
    m_open->setText(tr("&Open", "a trial"));
    m_open->setToolTip(tr("Show the trial's charts and samples (Enter)"));
    m_emptyTitle->setText(tr("No study yet"));
    m_emptyText->setText(tr("A study trains several trials with different values and finds the best. Tick "
                            "“Search as a study” on the recipe page and press ≈ at the fields to search."));
    m_make->setText(tr("&Make a study"));
    const QString texts[] = {tr("Pause"),          tr("Stop"),        tr("Go on", "with a study"),
                             tr("&Use as recipe"), tr("Pause trial"), tr("Prune"),
                             tr("Stop trial")};
    for (qsizetype i = 0; i < m_buttons.size(); ++i) {
        const QAction* action = m_actions.action(m_buttons[i].action);
        m_buttons[i].button->setText(texts[i]);
        m_buttons[i].button->setToolTip(action->toolTip());
        m_buttons[i].button->setEnabled(action->isEnabled());
    }
    m_charts->retranslate();
    updateSummary();
    m_table->viewport()->update();
    m_table->horizontalHeader()->viewport()->update();
}

} // namespace lathe
