#include "widgets/pages/live_header.h"

#include "core/session/run_table_model.h"
#include "core/session/study_session.h"
#include "core/session/text.h"
#include "widgets/pages/training_story.h"
#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {

const QString kArrow = QStringLiteral(" → ");
const QString kUnknown = QStringLiteral("–");
const QString kDot = QStringLiteral("  ·  ");

QPushButton* makeButton(QWidget* parent, const QString& name, const QString& icon) {
    auto* button = new QPushButton(themedIcon(icon), {}, parent);
    button->setObjectName(name);
    button->setAutoDefault(true);
    return button;
}

/// The best of the study's finished trials, or null.
const TrialRecord* bestOf(const StudySession& study) {
    const Objective& objective = study.spec().objective;
    const TrialRecord* best = nullptr;
    const auto value = [&objective](const TrialRecord& trial) {
        return trial.lastValues.at(objective.metric);
    };
    for (const TrialRecord& trial : study.trials()) {
        if (trial.state != TrialState::Complete || !trial.lastValues.contains(objective.metric))
            continue;
        if (best == nullptr ||
            (objective.maximize ? value(trial) > value(*best) : value(trial) < value(*best)))
            best = &trial;
    }
    return best;
}

QString metricText(const std::string& metric, double value) {
    return metric == "eval_accuracy" ? percentText(value) : QLocale().toString(value, 'g', 4);
}

QString firstToLast(const MetricSeries* series, const std::string& metric) {
    if (series == nullptr || series->values.empty())
        return kUnknown;
    const QString last = metricText(metric, series->values.back());
    return series->values.size() < 2 ? last : metricText(metric, series->values.front()) + kArrow + last;
}

} // namespace

LiveHeader::LiveHeader(QWidget* parent)
    : QFrame(parent),
      m_title(makeLabel("liveTitleLabel")),
      m_state(makeLabel("liveStateLabel")),
      m_story(makeLabel("storyLabel")),
      m_best(makeLabel("bestTrialLabel")),
      m_trialsLabel(makeLabel("trialsLabel")),
      m_trials(new QComboBox(this)),
      m_progress(new QProgressBar(this)),
      m_progressText(makeLabel("progressLabel")),
      m_accuracy(makeFigure("accuracyFigure")),
      m_loss(makeFigure("lossFigure")),
      m_speed(makeFigure("speedFigure")),
      m_left(makeFigure("timeFigure")),
      m_pause(makeButton(this, "pauseButton", "pause")),
      m_stop(makeButton(this, "stopButton", "stop")),
      m_resume(makeButton(this, "resumeButton", "resume")),
      m_export(makeButton(this, "exportAdapterButton", "export")),
      m_runs(makeButton(this, "allRunsButton", "runs")),
      m_recipe(makeButton(this, "changeRecipeButton", "recipe")),
      m_board(makeButton(this, "studyBoardButton", "study")) {
    setObjectName("liveHeader");
    setLook(this, Look::Card);
    setLook(m_title, Look::Title);
    setLook(m_state, Look::Muted);
    setLook(m_progressText, Look::Muted);
    setLook(m_best, Look::Muted);
    m_export->setIcon(themedIcon("export", IconTone::OnAccent));
    m_resume->setIcon(themedIcon("resume", IconTone::OnAccent));
    for (QPushButton* button : {m_export, m_resume})
        setLook(button, Look::PrimaryButton);
    m_story->setWordWrap(true);
    m_progress->setObjectName("liveProgressBar");
    m_progress->setTextVisible(false);
    m_trials->setObjectName("trialBox");
    m_trials->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_trialsLabel->setBuddy(m_trials);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 14, 20, 16);
    column->setSpacing(8);
    auto* top = new QHBoxLayout;
    top->setSpacing(10);
    top->addWidget(m_title);
    top->addWidget(m_state);
    top->addStretch(1);
    for (QPushButton* button : {m_pause, m_stop, m_recipe, m_runs, m_resume, m_export})
        top->addWidget(button);
    column->addLayout(top);
    auto* studyRow = new QHBoxLayout;
    studyRow->addWidget(m_trialsLabel);
    studyRow->addWidget(m_trials);
    studyRow->addWidget(m_best);
    studyRow->addStretch(1);
    studyRow->addWidget(m_board);
    column->addLayout(studyRow);
    auto* progressRow = new QHBoxLayout;
    progressRow->setSpacing(12);
    progressRow->addWidget(m_progress, 1);
    progressRow->addWidget(m_progressText);
    column->addLayout(progressRow);
    column->addSpacing(2);
    auto* figures = new QHBoxLayout;
    figures->setSpacing(36);
    for (const Figure& figure : {m_accuracy, m_loss, m_speed, m_left}) {
        auto* cell = new QVBoxLayout;
        cell->setSpacing(0);
        cell->addWidget(figure.value);
        cell->addWidget(figure.text);
        figures->addLayout(cell);
    }
    figures->addStretch(1);
    column->addLayout(figures);
    column->addWidget(m_story);
    connect(m_trials, &QComboBox::activated, this,
            [this](int index) { Q_EMIT trialChosen(TrialId{m_trials->itemData(index).toLongLong()}); });
    retranslate();
    showNothing();
}

QLabel* LiveHeader::makeLabel(const QString& name) {
    auto* label = new QLabel(this);
    label->setObjectName(name);
    label->setTextFormat(Qt::PlainText);
    return label;
}

LiveHeader::Figure LiveHeader::makeFigure(const QString& name) {
    const Figure figure{makeLabel(name + QStringLiteral("Label")),
                        makeLabel(name + QStringLiteral("TextLabel"))};
    setLook(figure.value, Look::BigNumber);
    setLook(figure.text, Look::Muted);
    return figure;
}

void LiveHeader::showNothing() {
    m_title->setText(tr("No run chosen"));
    m_state->clear();
    m_story->setText(tr("Start a recipe, or open one of the runs."));
    for (QWidget* widget :
         std::initializer_list<QWidget*>{m_best, m_trialsLabel, m_trials, m_progress, m_progressText, m_pause,
                                         m_stop, m_resume, m_export, m_recipe, m_board})
        widget->hide();
    for (const Figure& figure : {m_accuracy, m_loss, m_speed, m_left}) {
        figure.value->hide();
        figure.text->hide();
    }
}

void LiveHeader::show(const StudySession& study, TrialId trial) {
    m_title->setText(study.name());
    for (const Figure& figure : {m_accuracy, m_loss, m_speed, m_left}) {
        figure.value->show();
        figure.text->show();
    }
    showTrials(study, trial);
    showProgress(study, trial);
    showFigures(study, trial);
    showButtons(study, trial);
}

void LiveHeader::showTrials(const StudySession& study, TrialId trial) {
    const bool isStudy = study.spec().trialCount > 1;
    m_trialsLabel->setVisible(isStudy);
    m_trials->setVisible(isStudy);
    m_board->setVisible(isStudy);
    const TrialRecord* best = isStudy ? bestOf(study) : nullptr;
    m_best->setVisible(best != nullptr);
    if (best != nullptr)
        m_best->setText(tr("Best so far: #%1 with %2")
                            .arg(best->number + 1)
                            .arg(metricText(study.spec().objective.metric,
                                            best->lastValues.at(study.spec().objective.metric))));
    if (!isStudy)
        return;
    const QSignalBlocker silent(m_trials);
    for (std::size_t i = 0; i < study.trials().size(); ++i) {
        const TrialRecord& record = study.trials()[i];
        const QString text = QStringLiteral("#%1").arg(record.number + 1) + kDot + stateText(record.state);
        const int row = static_cast<int>(i);
        if (row == m_trials->count())
            m_trials->addItem(text);
        m_trials->setItemText(row, text);
        m_trials->setItemData(row, qlonglong{record.id.value});
        if (record.id == trial)
            m_trials->setCurrentIndex(row);
    }
    while (m_trials->count() > static_cast<int>(study.trials().size()))
        m_trials->removeItem(m_trials->count() - 1);
}

void LiveHeader::showProgress(const StudySession& study, TrialId trial) {
    const TrialRecord* record = study.trial(trial);
    const TrialState state = record == nullptr ? TrialState::Queued : record->state;
    const TrialProgress progress = study.progress(trial);
    const bool isLive = study.isActive() && !isFinal(state);
    m_state->setText(stateText(state));
    m_progress->setVisible(isLive);
    m_progressText->setVisible(isLive);
    const bool isKnown = progress.total > 0;
    constexpr int kParts = 1000; // a progress bar counts in int
    m_progress->setRange(0, isKnown || state == TrialState::Queued ? kParts : 0);
    if (isKnown)
        m_progress->setValue(static_cast<int>(kParts * progress.done / progress.total));
    QStringList parts;
    if (isKnown)
        parts << tr("step %1 of %2").arg(progress.done).arg(progress.total);
    if (!progress.phase.empty())
        parts << QCoreApplication::translate("Progress", progress.phase.c_str());
    m_progressText->setText(parts.join(kDot));
    m_left.text->setText(isLive ? tr("time left") : tr("training time"));
    m_left.value->setText(isLive ? progress.secondsLeft < 0 ? kUnknown : durationText(progress.secondsLeft)
                                 : durationText(record == nullptr ? 0 : record->seconds));
    m_story->setText(trainingStory(state, record == nullptr ? QString() : toQString(record->note),
                                   study.series(trial, "loss"), study.series(trial, "eval_loss"),
                                   study.series(trial, "eval_accuracy")));
}

void LiveHeader::showFigures(const StudySession& study, TrialId trial) {
    m_accuracy.value->setText(firstToLast(study.series(trial, "eval_accuracy"), "eval_accuracy"));
    m_loss.value->setText(firstToLast(study.series(trial, "eval_loss"), "eval_loss"));
    const MetricSeries* speed = study.series(trial, "tokens_per_second");
    m_speed.value->setText(speed == nullptr || speed->values.empty()
                               ? kUnknown
                               : QLocale().toString(qRound64(speed->values.back())));
}

void LiveHeader::showButtons(const StudySession& study, TrialId trial) {
    const bool isActive = study.isActive();
    const bool isPaused = study.phase() == StudySession::Phase::Paused;
    const bool isStopping = study.phase() == StudySession::Phase::Stopping;
    m_pause->setVisible(isActive);
    m_stop->setVisible(isActive);
    m_pause->setEnabled(study.phase() == StudySession::Phase::Running || isPaused);
    m_stop->setEnabled(!isStopping);
    m_pause->setText(isPaused ? tr("Resume", "after a pause") : tr("Pause"));
    m_pause->setIcon(themedIcon(isPaused ? "resume" : "pause"));
    m_stop->setText(isStopping ? tr("Stopping…") : tr("Stop and keep"));
    const TrialRecord* record = study.trial(trial);
    m_export->setVisible(record != nullptr && !record->adapterFolder.empty());
    m_resume->setVisible(study.canResume());
    m_recipe->setVisible(!isActive);
    m_runs->setVisible(!isActive);
}

void LiveHeader::retranslate() {
    m_trialsLabel->setText(tr("Tria&l"));
    m_trialsLabel->setTextFormat(Qt::AutoText);
    m_trials->setAccessibleName(tr("Trial"));
    m_progress->setAccessibleName(tr("Progress of the run"));
    m_accuracy.text->setText(tr("accuracy, before → now"));
    m_loss.text->setText(tr("evaluation loss, before → now"));
    m_speed.text->setText(tr("tokens per second"));
    m_pause->setText(tr("Pause"));
    m_stop->setText(tr("Stop and keep"));
    m_pause->setToolTip(tr("Hold the training after this step, or go on (Space)"));
    m_stop->setToolTip(tr("End the training after this step and keep what was trained (Ctrl+.)"));
    m_resume->setText(tr("&Go on", "with a run that was stopped"));
    m_resume->setToolTip(tr("Go on from the last checkpoint"));
    m_export->setText(tr("E&xport adapter…"));
    m_export->setToolTip(tr("Write the adapter as a folder that PEFT can load (Ctrl+E)"));
    m_runs->setText(tr("All r&uns"));
    m_recipe->setText(tr("&Change the recipe"));
    m_board->setText(tr("Study &board"));
    m_board->setToolTip(tr("Show all trials of the study together (Ctrl+Shift+B)"));
}

} // namespace lathe
