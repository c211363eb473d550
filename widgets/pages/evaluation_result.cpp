#include "widgets/pages/evaluation_result.h"

#include "core/session/run_table_model.h"
#include "core/session/text.h"
#include "widgets/forms/elided.h"
#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>
#include <memory>

namespace lathe {

namespace {

constexpr std::size_t kShownFigures = 4;
constexpr int kBoxLetters = 24;
constexpr int kSteps = 1000; ///< of the bar

QComboBox* makeBox(const char* name, QWidget* parent) {
    auto* box = new ElidedComboBox(parent);
    box->setObjectName(QLatin1String(name));
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(kBoxLetters);
    box->setFocusPolicy(Qt::StrongFocus);
    return box;
}

} // namespace

EvaluationResult::EvaluationResult(EvaluationSession& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_list(makeBox("evaluationBox", this)),
      m_state(new QLabel(this)),
      m_bar(new QProgressBar(this)),
      m_pause(makeButton("pause", "pauseEvaluationButton", &EvaluationResult::pauseWanted)),
      m_stop(makeButton("stop", "stopEvaluationButton", &EvaluationResult::stopWanted)),
      m_resume(makeButton("resume", "resumeEvaluationButton", &EvaluationResult::resumeWanted)),
      m_export(makeButton("export", "exportEvaluationButton", &EvaluationResult::exportWanted)),
      m_remove(makeButton("trash", "removeEvaluationButton", &EvaluationResult::removeWanted)),
      m_figures(new QWidget(this)),
      m_figureRow(new QHBoxLayout(m_figures)),
      m_note(new QLabel(this)),
      m_othersLabel(new QLabel(this)),
      m_others(makeBox("compareEvaluationBox", this)),
      m_verdict(new QLabel(this)) {
    setUp();
    connectParts();
    retranslate();
}

void EvaluationResult::connectParts() {
    const EvaluationListModel& list = m_session.list();
    for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(&list, signal, this, &EvaluationResult::fill);
    connect(&list, &QAbstractItemModel::modelReset, this, &EvaluationResult::fill);
    connect(&list, &QAbstractItemModel::dataChanged, this, [this] {
        fillOthers();
        update();
    });
    connect(&m_session, &EvaluationSession::progressChanged, this, &EvaluationResult::updateProgress);
    connect(&m_session, &EvaluationSession::activeChanged, this, &EvaluationResult::update);
    connect(m_list, &QComboBox::activated, this,
            [this](int index) { show(EvaluationId{m_list->itemData(index).toLongLong()}); });
    connect(m_others, &QComboBox::activated, this, [this](int index) {
        m_other = EvaluationId{m_others->itemData(index).toLongLong()};
        m_comparison.reset();
        updateFigures();
        Q_EMIT compareWanted(m_other);
    });
}

QPushButton* EvaluationResult::makeButton(const char* icon, const char* name,
                                          void (EvaluationResult::*pressed)()) {
    auto* button = new QPushButton(themedIcon(QLatin1String(icon)), {}, this);
    button->setObjectName(QLatin1String(name));
    connect(button, &QPushButton::clicked, this, pressed);
    return button;
}

void EvaluationResult::setUp() {
    setObjectName("evaluationResult");
    m_state->setObjectName("evaluationStateLabel");
    m_bar->setObjectName("evaluationProgressBar");
    m_bar->setRange(0, kSteps);
    m_bar->setTextVisible(false);
    m_bar->setMaximumHeight(8);
    m_figures->setObjectName("evaluationFigures");
    m_figureRow->setContentsMargins(0, 0, 0, 0);
    m_figureRow->setSpacing(24);
    m_note->setObjectName("evaluationProblemLabel");
    m_note->setWordWrap(true);
    m_note->setTextFormat(Qt::PlainText);
    setLook(m_note, Look::Problem);
    setLook(m_state, Look::Muted);
    m_verdict->setObjectName("comparisonVerdictLabel");
    m_verdict->setWordWrap(true);
    m_verdict->setTextFormat(Qt::PlainText);
    m_othersLabel->setBuddy(m_others);
    arrange();
}

void EvaluationResult::arrange() {
    auto* top = new QHBoxLayout;
    top->setSpacing(8);
    top->addWidget(m_list, 1);
    for (QPushButton* button : {m_pause, m_stop, m_resume, m_export, m_remove})
        top->addWidget(button);
    auto* beside = new QHBoxLayout;
    beside->setSpacing(8);
    beside->addWidget(m_othersLabel);
    beside->addWidget(m_others, 1);
    beside->addWidget(m_verdict, 2);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    column->addLayout(top);
    column->addWidget(m_state);
    column->addWidget(m_bar);
    column->addWidget(m_note);
    column->addWidget(m_figures);
    column->addLayout(beside);
}

/// Names need not differ; numbers do.
QString EvaluationResult::nameOf(const EvaluationRecord& record) {
    return tr("%1 (evaluation %2)", "name and number").arg(toQString(record.name)).arg(record.id.value);
}

const EvaluationRecord* EvaluationResult::record() const {
    const int row = m_session.list().rowOf(m_id);
    return row < 0 ? nullptr : &m_session.list().record(row);
}

void EvaluationResult::show(EvaluationId id) {
    const EvaluationListModel& list = m_session.list();
    m_id = list.rowOf(id) >= 0 ? id : list.rowCount() > 0 ? list.record(0).id : EvaluationId{};
    m_other = {};
    m_comparison.reset();
    m_list->setCurrentIndex(m_list->findData(qlonglong{m_id.value}));
    fillOthers();
    update();
    Q_EMIT chosen();
}

void EvaluationResult::fill() {
    {
        const QSignalBlocker silent(m_list);
        m_list->clear();
        const EvaluationListModel& list = m_session.list();
        for (int row = 0; row < list.rowCount(); ++row)
            m_list->addItem(nameOf(list.record(row)), qlonglong{list.record(row).id.value});
        m_list->setCurrentIndex(m_list->findData(qlonglong{m_id.value}));
    }
    if (record() == nullptr)
        show({});
    fillOthers();
    update();
}

/// Those of the same data: others cannot be compared row by row. The box is left alone where it has them
/// already, for somebody may have it open.
void EvaluationResult::fillOthers() {
    QVector<std::pair<QString, qlonglong>> wanted{{tr("Nothing", "to compare with"), 0}};
    const EvaluationRecord* own = record();
    const EvaluationListModel& list = m_session.list();
    for (int row = 0; row < list.rowCount() && own != nullptr; ++row) {
        const EvaluationRecord& other = list.record(row);
        if (other.id != m_id && other.dataHash == own->dataHash && !own->dataHash.empty() &&
            other.rowsDone > 0)
            wanted.append({nameOf(other), qlonglong{other.id.value}});
    }
    QVector<std::pair<QString, qlonglong>> there;
    for (int i = 0; i < m_others->count(); ++i)
        there.append({m_others->itemText(i), m_others->itemData(i).toLongLong()});
    const QSignalBlocker silent(m_others);
    if (there != wanted) {
        m_others->clear();
        for (const auto& [name, id] : wanted)
            m_others->addItem(name, id);
    }
    m_others->setCurrentIndex(std::max(0, m_others->findData(qlonglong{m_other.value})));
    m_others->setEnabled(m_others->count() > 1);
}

void EvaluationResult::update() {
    updateProgress();
    updateFigures();
    updateButtons();
}

void EvaluationResult::updateProgress() {
    const EvaluationRecord* shown = record();
    const bool isActive = shown != nullptr && m_session.active() == m_id;
    m_bar->setVisible(isActive);
    if (shown == nullptr) {
        m_state->clear();
        return;
    }
    const auto number = [](std::int64_t value) { return QLocale().toString(qlonglong{value}); };
    QString text = stateText(shown->state);
    if (isActive && m_session.isPaused())
        text = tr("paused", "state of an evaluation");
    if (isActive) {
        const EvaluationProgress& progress = m_session.progress();
        m_bar->setValue(progress.total > 0 ? static_cast<int>(kSteps * progress.done / progress.total) : 0);
        text +=
            QStringLiteral("  ·  ") +
            (progress.phase.empty() ? tr("%1 of %2 rows").arg(number(progress.done), number(progress.total))
                                    : phaseText(progress));
        if (progress.secondsLeft >= 0 && !m_session.isPaused())
            text += QStringLiteral("  ·  ") + tr("about %1 left").arg(durationText(progress.secondsLeft));
    } else {
        text += QStringLiteral("  ·  ") +
                tr("%1 of %2 rows").arg(number(shown->rowsDone), number(shown->rowsTotal)) +
                QStringLiteral("  ·  ") + durationText(shown->seconds);
    }
    m_state->setText(text);
}

QWidget* EvaluationResult::makeFigure(std::size_t place, const EvaluationFigure& figure) {
    auto* whole = new QWidget(m_figures);
    auto* column = new QVBoxLayout(whole);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    const std::pair<QString, Look> lines[] = {
        {figureLabel(figure), Look::Muted},
        {figureText(figure), place == 0 ? Look::BigNumber : Look::Heading},
        {intervalText(figure), Look::Muted}};
    const char* names[] = {"Name", "Value", "Interval"};
    for (int line = 0; line < 3; ++line) {
        auto* label = new QLabel(lines[line].first, whole);
        label->setObjectName(QStringLiteral("figure%1%2Label").arg(place).arg(QLatin1String(names[line])));
        setLook(label, lines[line].second);
        column->addWidget(label);
    }
    column->addStretch(1);
    whole->setToolTip(tr("The true value lies in the interval with 95 % certainty."));
    return whole;
}

QString EvaluationResult::phaseText(const EvaluationProgress& progress) {
    if (progress.phase == "reading the data")
        return tr("Reading the data…");
    if (progress.phase == "loading the model")
        return tr("Loading the model…");
    return toQString(progress.phase);
}

void EvaluationResult::updateFigures() {
    while (const std::unique_ptr<QLayoutItem> item{m_figureRow->takeAt(0)})
        if (QWidget* widget = item->widget())
            widget->deleteLater();
    const EvaluationRecord* shown = record();
    const std::size_t count = shown == nullptr ? 0 : std::min(kShownFigures, shown->figures.size());
    for (std::size_t i = 0; i < count; ++i) {
        m_figureRow->addWidget(makeFigure(i, shown->figures[i]));
    }
    m_figureRow->addStretch(1);
    m_figures->setVisible(count > 0);
    m_note->setText(shown == nullptr ? QString() : toQString(shown->note));
    m_note->setVisible(shown != nullptr && shown->state == EvaluationState::Failed);
    m_verdict->setText(m_comparison ? verdictText(*m_comparison) : QString());
}

void EvaluationResult::updateButtons() {
    const EvaluationRecord* shown = record();
    const bool isActive = shown != nullptr && m_session.active() == m_id;
    const bool isWaiting = shown != nullptr && shown->state == EvaluationState::Waiting && m_session.isBusy();
    const bool canGoOn =
        shown != nullptr && !isActive && !isWaiting && shown->state != EvaluationState::Complete;
    m_pause->setVisible(isActive);
    m_stop->setVisible(isActive || isWaiting);
    m_resume->setVisible(canGoOn);
    m_export->setEnabled(shown != nullptr && shown->rowsDone > 0);
    m_remove->setEnabled(shown != nullptr && !isActive && !isWaiting);
    m_list->setEnabled(shown != nullptr);
    m_pause->setText(m_session.isPauseWanted() ? tr("Go on") : tr("Pause"));
    m_pause->setIcon(themedIcon(m_session.isPauseWanted() ? "resume" : "pause"));
}

void EvaluationResult::showComparison(const EvaluationComparison& comparison) {
    if (comparison.second != m_id || comparison.first != m_other)
        return;
    m_comparison = comparison;
    updateFigures();
}

void EvaluationResult::showProblem(const QString& message) {
    m_note->setText(message);
    m_note->show();
}

void EvaluationResult::retranslate() {
    m_list->setAccessibleName(tr("Evaluation"));
    m_others->setAccessibleName(tr("Evaluation to compare with"));
    m_othersLabel->setText(tr("&Compare with"));
    m_bar->setAccessibleName(tr("Progress"));
    m_stop->setText(tr("Stop"));
    m_stop->setToolTip(tr("End it after the rows that are being answered; it can go on later"));
    m_resume->setText(tr("Resume"));
    m_resume->setToolTip(tr("Ask the rows that are left"));
    m_export->setText(tr("Export…"));
    m_export->setToolTip(tr("Write every row to a CSV or JSON lines file"));
    m_remove->setText(tr("Trash"));
    m_remove->setToolTip(tr("Put this evaluation into the trash; nothing is erased"));
    fill();
}

} // namespace lathe
