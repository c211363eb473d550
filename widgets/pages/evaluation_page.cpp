#include "widgets/pages/evaluation_page.h"

#include "core/session/model_library.h"
#include "core/session/project_session.h"
#include "core/session/text.h"
#include "widgets/actions/action_binder.h"
#include "widgets/pages/evaluation_form.h"
#include "widgets/pages/evaluation_result.h"
#include "widgets/pages/prediction_view.h"
#include "widgets/theme/theme.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QMessageBox>
#include <QPushButton>
#include <QStackedLayout>
#include <QTableView>
#include <QVBoxLayout>

namespace lathe {

EvaluationPage::EvaluationPage(const WindowParts& parts, ActionBinder& actions, QWidget* parent)
    : Page(parent),
      m_parts(parts),
      m_actions(actions),
      m_session(parts.project.evaluations()),
      m_form(new EvaluationForm(parts, this)),
      m_result(new EvaluationResult(m_session, this)),
      m_rows(new PredictionView(this)),
      m_stack(new QStackedLayout),
      m_emptyTitle(new QLabel(this)),
      m_emptyText(new QLabel(this)) {
    setObjectName("evaluationPage");
    setUp();
    connectParts();
    bindActions(actions);
    retranslate();
    showChosen();
}

void EvaluationPage::setUp() {
    auto* results = new QWidget(this);
    auto* inside = new QVBoxLayout(results);
    inside->setContentsMargins(0, 0, 0, 0);
    inside->setSpacing(10);
    inside->addWidget(m_result);
    inside->addWidget(m_rows, 1);
    auto* empty = new QWidget(this);
    auto* middle = new QVBoxLayout(empty);
    m_emptyTitle->setObjectName("evaluationEmptyTitleLabel");
    m_emptyTitle->setAlignment(Qt::AlignCenter);
    setLook(m_emptyTitle, Look::Heading);
    m_emptyText->setObjectName("evaluationEmptyLabel");
    m_emptyText->setAlignment(Qt::AlignCenter);
    m_emptyText->setWordWrap(true);
    setLook(m_emptyText, Look::Muted);
    middle->addStretch(1);
    middle->addWidget(m_emptyTitle);
    middle->addWidget(m_emptyText);
    middle->addStretch(2);
    m_stack->addWidget(results);
    m_stack->addWidget(empty);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(20, 16, 20, 16);
    row->setSpacing(20);
    row->addWidget(m_form);
    row->addLayout(m_stack, 1);
}

void EvaluationPage::connectParts() {
    connect(m_form, &EvaluationForm::startWanted, &m_session,
            [this](const EvaluationSpec& spec, TrialId trial) {
                if (m_session.isOpen())
                    m_session.start(spec, trial);
            });
    connect(m_result, &EvaluationResult::chosen, this, &EvaluationPage::showChosen);
    connect(m_result, &EvaluationResult::pauseWanted, this, &EvaluationPage::togglePause);
    connect(m_result, &EvaluationResult::stopWanted, &m_session, &EvaluationSession::stop);
    connect(m_result, &EvaluationResult::resumeWanted, this, [this] { m_session.resume(m_result->shown()); });
    connect(m_result, &EvaluationResult::exportWanted, this, &EvaluationPage::askForExport);
    connect(m_result, &EvaluationResult::removeWanted, this, &EvaluationPage::askToRemove);
    connect(m_result, &EvaluationResult::compareWanted, this, [this](EvaluationId other) {
        if (other.isValid())
            m_session.compare(other, m_result->shown());
        else
            m_rows->compareWith(nullptr);
    });
    connect(m_rows, &PredictionView::failed, m_result, &EvaluationResult::showProblem);
    // It comes before the list of evaluations does.
    connect(&m_parts.project, &ProjectSession::opened, this,
            [this] { m_rows->setDatabase(m_parts.project.database()); });
    connect(&m_session, &EvaluationSession::started, m_result, &EvaluationResult::show);
    connect(&m_session, &EvaluationSession::activeChanged, this, &EvaluationPage::updateActions);
    connect(&m_session, &EvaluationSession::recordChanged, this, [this](EvaluationId id) {
        if (const EvaluationRecord* record = m_result->record(); record != nullptr && record->id == id)
            m_rows->update(*record);
        updateActions();
    });
    connect(&m_session, &EvaluationSession::compared, this, [this](const EvaluationComparison& comparison) {
        m_result->showComparison(comparison);
        if (comparison.second == m_result->shown())
            m_rows->compareWith(&comparison);
    });
    connect(&m_session, &EvaluationSession::failed, m_result, &EvaluationResult::showProblem);
}

void EvaluationPage::bindActions(ActionBinder& actions) {
    actions.bind(u"evaluation.pause", this, [this] { togglePause(); });
    actions.bind(u"evaluation.stop", this, [this] { m_session.stop(); });
    actions.bind(u"evaluation.resume", this, [this] { m_session.resume(m_result->shown()); });
    actions.bind(u"evaluation.export", this, [this] { askForExport(); });
    updateActions();
}

bool EvaluationPage::isShownActive() const {
    return m_result->shown().isValid() && m_session.active() == m_result->shown();
}

void EvaluationPage::updateActions() {
    const EvaluationRecord* shown = m_result->record();
    const QString idle = tr("Nothing is being evaluated.");
    m_session.active().isValid() ? m_actions.enable(u"evaluation.pause")
                                 : m_actions.disable(u"evaluation.pause", idle);
    m_session.isBusy() ? m_actions.enable(u"evaluation.stop") : m_actions.disable(u"evaluation.stop", idle);
    const bool canGoOn = shown != nullptr && !isShownActive() && shown->state != EvaluationState::Complete &&
                         !(shown->state == EvaluationState::Waiting && m_session.isBusy());
    canGoOn ? m_actions.enable(u"evaluation.resume")
            : m_actions.disable(u"evaluation.resume",
                                tr("Only an evaluation that was stopped or interrupted can go on."));
    shown != nullptr && shown->rowsDone > 0
        ? m_actions.enable(u"evaluation.export")
        : m_actions.disable(u"evaluation.export", tr("There is no row to export yet."));
}

void EvaluationPage::showChosen() {
    const EvaluationRecord* record = m_result->record();
    m_stack->setCurrentIndex(record == nullptr ? 1 : 0);
    m_rows->show(record);
    updateActions();
}

void EvaluationPage::togglePause() {
    if (m_session.active().isValid())
        m_session.setPaused(!m_session.isPauseWanted());
}

void EvaluationPage::askForExport() {
    const EvaluationRecord* record = m_result->record();
    if (record == nullptr)
        return;
    auto* dialog = new QFileDialog(this, tr("Export the rows"));
    dialog->setObjectName("exportEvaluationDialog");
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilters({tr("CSV (*.csv)"), tr("JSON lines (*.jsonl)")});
    dialog->setDefaultSuffix(QStringLiteral("csv"));
    connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString& filter) {
        dialog->setDefaultSuffix(filter.contains(QLatin1String("jsonl")) ? QStringLiteral("jsonl")
                                                                         : QStringLiteral("csv"));
    });
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, id = record->id](const QString& file) { m_session.exportRows(id, file); });
    dialog->open();
}

void EvaluationPage::askToRemove() {
    const EvaluationRecord* record = m_result->record();
    if (record == nullptr)
        return;
    auto* question = new QMessageBox(QMessageBox::Question, tr("Move to trash"),
                                     tr("Put “%1” into the trash?").arg(toQString(record->name)),
                                     QMessageBox::NoButton, this);
    question->setObjectName("removeEvaluationDialog");
    question->setAttribute(Qt::WA_DeleteOnClose);
    question->setInformativeText(tr("Its rows stay on the disk."));
    QPushButton* go = question->addButton(tr("Move to &trash"), QMessageBox::AcceptRole);
    go->setObjectName("removeEvaluationConfirmButton");
    question->addButton(tr("Cancel"), QMessageBox::RejectRole);
    connect(question, &QMessageBox::buttonClicked, this,
            [this, go, id = record->id](QAbstractButton* pressed) {
                if (pressed == go)
                    m_session.remove(id);
            });
    question->open();
}

void EvaluationPage::evaluateRun(TrialId trial) { m_form->takeRun(trial); }
void EvaluationPage::setModel(const QString& folder) { m_form->setModel(folder); }
void EvaluationPage::setAdapter(const QString& folder) { m_form->setAdapter(folder); }
void EvaluationPage::setDataFile(const QString& file) { m_form->setDataFile(file); }
void EvaluationPage::start() { m_form->start(); }
QLineEdit* EvaluationPage::filterEdit() const { return m_rows->filterEdit(); }

void EvaluationPage::entered() {
    m_parts.library.refresh();
    if (m_result->record() == nullptr)
        m_form->focusFirst();
    else
        m_rows->table()->setFocus(Qt::OtherFocusReason);
}

void EvaluationPage::retranslate() {
    m_emptyTitle->setText(tr("No evaluation yet"));
    m_emptyText->setText(
        tr("Choose a model, an adapter and a data file on the left, or drop a file here. Each row "
           "is asked, and every answer can be read afterwards."));
    m_form->retranslate();
    m_result->retranslate();
    m_rows->retranslate();
    updateActions();
}

} // namespace lathe
