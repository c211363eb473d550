#include "core/session/project_session.h"
#include "core/session/run_table_model.h"
#include "core/session/text.h"
#include "widgets/actions/action_binder.h"
#include "widgets/pages/study_charts.h"
#include "widgets/pages/study_comparison.h"
#include "widgets/pages/study_page.h"
#include "widgets/pages/study_trials_table.h"

#include <QAction>
#include <QHash>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPushButton>

#include <algorithm>

/// What the study page says.
namespace lathe {

namespace {

constexpr double kSecondsAnHour = 3600;

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

QString StudyPage::confirmationText(const StudySnapshot& snapshot) {
    if (!snapshot.confirmation)
        return {};
    QStringList lines;
    for (const SeedComparison& comparison : snapshot.confirmation->comparisons)
        lines << StudyComparison::verdictText(comparison);
    if (snapshot.confirmation->missing > 0)
        lines << tr("%1 runs are missing.").arg(snapshot.confirmation->missing);
    return lines.join(QLatin1Char('\n'));
}

bool StudyPage::isActive() const { return m_board.session() != nullptr && m_board.session()->isActive(); }

/// Shorter than the actions of the menu, and with what they would do now.
void StudyPage::nameButtons() {
    const StudySession* session = m_board.session();
    const bool isPaused = session != nullptr && session->phase() == StudySession::Phase::Paused;
    const auto state = static_cast<TrialState>(chosen().data(StudyTrialModel::StateRole).toInt());
    const bool isTrialPaused = chosen().isValid() && state == TrialState::Paused;
    const bool isProtected = chosen().data(StudyTrialModel::IsProtectedRole).toBool();
    const auto ticks = m_board.trials().ticked().size();
    const QHash<QString, QString> texts{
        {QStringLiteral("study.promote"), tr("Promote the wi&nner")},
        {QStringLiteral("study.pause"), isPaused ? tr("Resume", "after a pause") : tr("Pause")},
        {QStringLiteral("study.stop"), tr("Stop")},
        {QStringLiteral("study.resume"), tr("Go on", "with a study")},
        {QStringLiteral("study.openTrial"), tr("&Open", "a trial")},
        {QStringLiteral("study.useTrial"), tr("&Use as recipe")},
        {QStringLiteral("study.compare"), ticks > 0 ? tr("Compare (%1)").arg(ticks) : tr("Compare")},
        {QStringLiteral("study.pauseTrial"), isTrialPaused ? tr("Resume trial") : tr("Pause trial")},
        {QStringLiteral("study.protectTrial"),
         isProtected ? tr("Release", "a protected trial") : tr("Protect")},
        {QStringLiteral("study.pruneTrial"), tr("Prune")},
        {QStringLiteral("study.stopTrial"), tr("Stop trial")}};
    for (const Button& button : m_buttons)
        button.button->setText(texts.value(button.action));
}

void StudyPage::retranslate() {
    m_title->setText(tr("Study"));
    m_table->setAccessibleName(tr("Trials of the study"));
    m_emptyTitle->setText(tr("No study yet"));
    m_emptyText->setText(tr("A study trains several trials with different values and finds the best. Tick "
                            "“Search as a study” on the recipe page and press ≈ at the fields to search."));
    m_make->setText(tr("&Make a study"));
    for (const Button& button : m_buttons) {
        const QAction* action = m_actions.action(button.action);
        button.button->setToolTip(action->toolTip());
        button.button->setEnabled(action->isEnabled());
    }
    m_more->setText(tr("More", "actions of the study"));
    m_more->setToolTip(tr("Add trials, change the budget, confirm the finalists"));
    m_charts->retranslate();
    updateSummary();
    m_table->viewport()->update();
    m_table->horizontalHeader()->viewport()->update();
}

} // namespace lathe
