#include "widgets/shell/status_line.h"

#include "core/session/run_table_model.h"
#include "core/session/study_session.h"

#include <QEvent>
#include <QLabel>
#include <QLocale>

namespace lathe {

StatusLine::StatusLine(QWidget* parent)
    : QStatusBar(parent), m_device(new QLabel(this)), m_run(new QLabel(this)), m_offline(new QLabel(this)) {
    setObjectName("statusLine");
    m_device->setObjectName("deviceStatusLabel");
    m_run->setObjectName("runStatusLabel");
    m_offline->setObjectName("offlineStatusLabel");
    setContentsMargins(10, 0, 6, 0);
    for (QLabel* label : {m_device, m_run, m_offline}) {
        label->setContentsMargins(8, 2, 8, 2);
        addPermanentWidget(label);
    }
    retranslate();
}

void StatusLine::setDevice(const QString& text) { m_device->setText(text); }

void StatusLine::setDownloadsAllowed(bool areAllowed) {
    m_areDownloadsAllowed = areAllowed;
    retranslate();
}

void StatusLine::follow(StudySession& study) {
    m_study = &study;
    m_link = std::make_unique<QObject>();
    connect(&study, &StudySession::progressChanged, m_link.get(), [this] { update(); });
    connect(&study, &StudySession::phaseChanged, m_link.get(), [this] { update(); });
    connect(&study, &StudySession::trialChanged, m_link.get(), [this] { update(); });
    update();
}

void StatusLine::update() {
    if (!m_study || !m_study->isActive() || m_study->trials().empty()) {
        m_run->setText(tr("nothing is training"));
        return;
    }
    const TrialRecord* running = &m_study->trials().back();
    for (const TrialRecord& trial : m_study->trials())
        if (!isFinal(trial.state) && trial.state != TrialState::Queued)
            running = &trial;
    const TrialProgress progress = m_study->progress(running->id);
    QStringList parts{m_study->name(), stateText(running->state)};
    if (progress.total > 0)
        parts << tr("step %1 of %2").arg(progress.done).arg(progress.total);
    if (const MetricSeries* loss = m_study->series(running->id, "loss"); loss && !loss->values.empty())
        parts << tr("loss %1").arg(QLocale().toString(loss->values.back(), 'g', 3));
    if (progress.secondsLeft >= 0)
        parts << tr("%1 left", "a duration").arg(durationText(progress.secondsLeft));
    m_run->setText(parts.join(QStringLiteral("  ·  ")));
}

void StatusLine::retranslate() {
    m_offline->setText(m_areDownloadsAllowed ? tr("downloads allowed") : tr("offline"));
    m_offline->setToolTip(m_areDownloadsAllowed
                              ? tr("Lathe uses the network when you ask it to download a model")
                              : tr("Lathe opens no network connection"));
    update();
}

void StatusLine::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QStatusBar::changeEvent(event);
}

} // namespace lathe
