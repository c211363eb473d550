#include "widgets/pages/live_page.h"

#include "core/session/project_session.h"
#include "core/session/settings.h"
#include "core/session/text.h"
#include "widgets/actions/action_binder.h"
#include "widgets/pages/live_charts.h"
#include "widgets/pages/live_header.h"
#include "widgets/pages/method_views.h"
#include "widgets/pages/samples_panel.h"

#include <QAction>
#include <QCheckBox>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int kRefreshMs = 100; // texts; nobody reads faster
}

LivePage::LivePage(const WindowParts& parts, ActionBinder& actions, QWidget* parent)
    : Page(parent), m_parts(parts), m_actions(actions) {
    setObjectName("livePage");
    setFocusPolicy(Qt::StrongFocus); // so that Space pauses at once
    auto* scroll = new QScrollArea(this);
    scroll->setObjectName("liveScrollArea");
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    auto* content = new QWidget(scroll);
    m_header = new LiveHeader(content);
    m_charts = new LiveCharts(parts.settings, content);
    m_methods = new MethodViews(content);
    m_samples = new SamplesPanel(content);
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(20, 16, 20, 16);
    column->setSpacing(12);
    column->addWidget(m_header);
    column->addWidget(m_charts, 1);
    column->addWidget(m_methods);
    column->addWidget(m_samples);
    scroll->setWidget(content);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(scroll);
    m_refresh.setSingleShot(true);
    m_refresh.setInterval(kRefreshMs);
    connect(&m_refresh, &QTimer::timeout, this, &LivePage::refresh);
    connect(m_header, &LiveHeader::trialChosen, this, [this](TrialId trial) {
        m_isFollowingTrials = false;
        choose(trial);
    });
    bindActions(actions);
    updateActions();
}

void LivePage::bindActions(ActionBinder& actions) {
    const auto togglePause = [this] {
        if (m_study)
            m_study->togglePause();
    };
    const auto stop = [this] {
        if (m_study)
            m_study->stop();
    };
    actions.bind(u"run.pause", this, togglePause);
    actions.bind(u"run.stopKeep", this, stop);
    addAction(actions.action(u"run.pause")); // page-only: Space
    connect(&m_header->pauseButton(), &QPushButton::clicked, this, togglePause);
    connect(&m_header->stopButton(), &QPushButton::clicked, this, stop);
    connect(&m_header->resumeButton(), &QPushButton::clicked, this, [this] {
        if (m_study)
            m_study->continueStudy();
    });
    connect(&m_header->exportButton(), &QPushButton::clicked, actions.action(u"file.export"),
            &QAction::trigger);
    connect(&m_header->boardButton(), &QPushButton::clicked, actions.action(u"study.show"),
            &QAction::trigger);
    connect(&m_header->runsButton(), &QPushButton::clicked, this, &LivePage::runsWanted);
    connect(&m_header->recipeButton(), &QPushButton::clicked, this, [this] { Q_EMIT recipeWanted(m_trial); });
    QAction* log = actions.action(u"view.logScale");
    actions.bind(u"view.logScale", this, [this](bool isLog) { m_charts->setLogLoss(isLog); });
    log->setChecked(m_charts->logBox().isChecked());
    connect(&m_charts->logBox(), &QCheckBox::toggled, log, &QAction::setChecked);
}

void LivePage::show(StudySession& study, TrialId trial) {
    m_isFollowingTrials = !trial.isValid();
    if (m_study != &study)
        follow(study);
    if (!trial.isValid() && !study.trials().empty())
        trial = study.trials().back().id;
    choose(trial);
}

void LivePage::follow(StudySession& study) {
    m_study = &study;
    m_link = std::make_unique<QObject>();
    QObject* link = m_link.get();
    connect(&study, &StudySession::pointsArrived, link, [this](const QVector<MetricPoint>& points) {
        std::vector<MetricPoint> mine;
        std::ranges::copy_if(points, std::back_inserter(mine),
                             [this](const MetricPoint& point) { return point.trial == m_trial; });
        m_charts->append(mine);
        refreshSoon();
    });
    connect(&study, &StudySession::sampleArrived, link, [this](const SampleText& sample) {
        if (sample.trial == m_trial)
            m_samples->add(sample);
    });
    connect(&study, &StudySession::trialAdded, link, [this](TrialId trial) { takeTrial(trial); });
    connect(&study, &StudySession::historyLoaded, link, [this] {
        if (!m_trial.isValid() && !m_study->trials().empty())
            m_trial = m_study->trials().back().id;
        refill();
    });
    connect(&study, &StudySession::historyReplaced, link, [this](TrialId trial) {
        if (trial == m_trial)
            refill();
    });
    connect(&study, &StudySession::progressChanged, link, [this] { refreshSoon(); });
    connect(&study, &StudySession::trialChanged, link, [this] { refresh(); });
    connect(&study, &StudySession::phaseChanged, link, [this] { refresh(); });
}

/// A study moves on to its newest trial while nobody has picked one.
void LivePage::takeTrial(TrialId trial) {
    if (!m_trial.isValid() || m_isFollowingTrials)
        choose(trial);
    else
        refreshSoon();
}

void LivePage::choose(TrialId trial) {
    m_trial = trial;
    refill();
}

void LivePage::refill() {
    m_charts->setPoints(m_study && m_trial.isValid() ? m_study->points(m_trial) : std::vector<MetricPoint>());
    m_samples->setSamples(m_study && m_trial.isValid() ? m_study->samples(m_trial)
                                                       : std::vector<SampleText>());
    followMethod();
    refresh();
}

void LivePage::followMethod() {
    const TrialRecord* record = m_study ? m_study->trial(m_trial) : nullptr;
    const ParamValue* method = record != nullptr ? record->values.find("method") : nullptr;
    m_methods->follow(record != nullptr ? m_parts.project.folderOf(m_trial) : QString(),
                      method != nullptr ? toQString(toText(*method)) : QString());
}

void LivePage::refreshSoon() {
    if (!m_refresh.isActive())
        m_refresh.start();
}

void LivePage::refresh() {
    m_refresh.stop();
    m_methods->refreshSoon();
    if (m_study)
        m_header->show(*m_study, m_trial);
    else
        m_header->showNothing();
    updateActions();
    Q_EMIT chosenRunChanged();
}

void LivePage::updateActions() {
    const bool isActive = m_study && m_study->isActive();
    for (const auto* id : {u"run.pause", u"run.stopKeep"}) {
        if (m_actions.action(id)->isEnabled() == isActive)
            continue;
        isActive ? m_actions.enable(id) : m_actions.disable(id, tr("Nothing is training on the live page."));
    }
}

std::optional<RunChoice> LivePage::chosenRun() const {
    const TrialRecord* record = m_study ? m_study->trial(m_trial) : nullptr;
    if (record == nullptr)
        return std::nullopt;
    const QString name = m_study->spec().trialCount > 1
                             ? QStringLiteral("%1 #%2").arg(m_study->name()).arg(record->number + 1)
                             : m_study->name();
    return RunChoice{m_study->id(), m_trial, name, pathText(record->adapterFolder)};
}

void LivePage::entered() { setFocus(Qt::OtherFocusReason); }

void LivePage::retranslate() {
    m_header->retranslate();
    m_charts->retranslate();
    m_methods->retranslate();
    m_samples->retranslate();
    if (m_study)
        m_samples->setSamples(m_study->samples(m_trial));
    refresh();
}

} // namespace lathe
