#include "widgets/pages/runs_page.h"

#include "core/session/project_session.h"
#include "core/session/text.h"
#include "widgets/actions/action_binder.h"
#include "widgets/forms/row_table.h"
#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QAction>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QInputDialog>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QStackedLayout>
#include <QTableView>

#include <algorithm>
#include <array>

namespace lathe {

namespace {

constexpr int kRowHeight = 34;
/// Widths in letters: name, state, progress, loss, evaluation loss, accuracy, steps, duration, started.
constexpr std::array<int, RunTableModel::ColumnCount> kColumnLetters{30, 17, 12, 11, 12, 12, 10, 13, 24};

QString plainText(const QAction& action) {
    return action.text().remove(QLatin1Char('&')).remove(QChar(0x2026));
}

bool canGoOn(TrialState state) {
    return state == TrialState::Interrupted || state == TrialState::Cancelled || state == TrialState::Queued;
}

} // namespace

RunsPage::RunsPage(const WindowParts& parts, ActionBinder& actions, QWidget* parent)
    : Page(parent),
      m_parts(parts),
      m_actions(actions),
      m_sorted(new RunSortModel(this)),
      m_table(new QTableView(this)),
      m_filter(new QLineEdit(this)),
      m_title(new QLabel(this)),
      m_stack(new QStackedLayout) {
    setObjectName("runsPage");
    m_title->setObjectName("runsTitleLabel");
    setLook(m_title, Look::Title);
    setUpTable();
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 16, 20, 16);
    column->setSpacing(12);
    column->addWidget(m_title);
    column->addWidget(makeTools(actions));
    auto* card = new QFrame(this);
    setLook(card, Look::Card);
    auto* inside = new QVBoxLayout(card); // a stack has no margins of its own
    inside->setContentsMargins(1, 6, 1, 6);
    inside->addLayout(m_stack);
    m_stack->addWidget(m_table);
    m_stack->addWidget(makeEmpty());
    column->addWidget(card, 1);
    bindActions(actions);
    retranslate();
    updateEmpty();
}

void RunsPage::setUpTable() {
    m_sorted->setSourceModel(&m_parts.project.runs());
    m_table->setObjectName("runsTable");
    m_table->setModel(m_sorted);
    setUpRowTable(*m_table, kRowHeight);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(RunTableModel::Started, Qt::DescendingOrder);
    QHeaderView* header = m_table->horizontalHeader();
    header->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    header->setSectionsMovable(true);
    header->setSectionResizeMode(RunTableModel::Name, QHeaderView::Stretch);
    const RunTableModel& runs = m_parts.project.runs();
    for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(&runs, signal, this, &RunsPage::updateEmpty);
    connect(&runs, &QAbstractItemModel::modelReset, this, &RunsPage::updateEmpty);
    connect(&runs, &QAbstractItemModel::dataChanged, this,
            [this](const QModelIndex& from, const QModelIndex&) {
                if (from.column() <= RunTableModel::State)
                    updateActions();
            });
    connect(&m_parts.project, &ProjectSession::activeStudiesChanged, this, &RunsPage::updateActions);
    connect(&m_parts.project, &ProjectSession::activeStudiesChanged, this, &RunsPage::updateActions);
    connect(m_table, &QTableView::activated, this, &RunsPage::openChosen);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            &RunsPage::updateActions);
}

QWidget* RunsPage::makeTools(ActionBinder& actions) {
    auto* tools = new QWidget(this);
    auto* row = new QHBoxLayout(tools);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    m_filter->setObjectName("runsFilterEdit");
    m_filter->setClearButtonEnabled(true);
    m_filter->setMaximumWidth(320);
    connect(m_filter, &QLineEdit::textChanged, m_sorted, &QSortFilterProxyModel::setFilterFixedString);
    m_open = new QPushButton(themedIcon("chart"), {}, tools);
    m_open->setObjectName("openRunButton");
    connect(m_open, &QPushButton::clicked, this, &RunsPage::openChosen);
    joinFilter(*m_filter, *m_table);
    row->addWidget(m_filter, 1);
    row->addStretch(1);
    row->addWidget(m_open);
    addButton(*row, actions, "run.resume", "resumeRunButton");
    addButton(*row, actions, "run.chat", "chatRunButton");
    addButton(*row, actions, "file.export", "exportRunButton");
    addButton(*row, actions, "file.exportCsv", "exportCsvButton");
    addButton(*row, actions, "edit.rename", "renameRunButton");
    addButton(*row, actions, "run.clone", "cloneRunButton");
    addButton(*row, actions, "edit.trash", "trashRunButton");
    return tools;
}

void RunsPage::addButton(QHBoxLayout& row, ActionBinder& actions, const QString& id, const QString& name) {
    QAction* action = actions.action(id);
    auto* button = new QPushButton(action->icon(), {}, this);
    button->setObjectName(name);
    connect(button, &QPushButton::clicked, action, &QAction::trigger);
    connect(action, &QAction::changed, button, [button, action] {
        button->setEnabled(action->isEnabled());
        button->setToolTip(action->toolTip());
    });
    row.addWidget(button);
    m_buttons.append({button, id});
}

QWidget* RunsPage::makeEmpty() {
    auto* empty = new QWidget(this);
    auto* column = new QVBoxLayout(empty);
    m_emptyTitle = new QLabel(empty);
    m_emptyTitle->setObjectName("runsEmptyTitleLabel");
    m_emptyTitle->setAlignment(Qt::AlignCenter);
    setLook(m_emptyTitle, Look::Heading);
    m_emptyText = new QLabel(empty);
    m_emptyText->setObjectName("runsEmptyLabel");
    m_emptyText->setAlignment(Qt::AlignCenter);
    m_emptyText->setWordWrap(true);
    setLook(m_emptyText, Look::Muted);
    m_emptyButton = new QPushButton(themedIcon("bolt", IconTone::OnAccent), {}, empty);
    m_emptyButton->setObjectName("runsTryItButton");
    m_emptyButton->setAutoDefault(true);
    setLook(m_emptyButton, Look::PrimaryButton);
    column->addStretch(1);
    column->addWidget(m_emptyTitle);
    column->addWidget(m_emptyText);
    column->addSpacing(8);
    column->addWidget(m_emptyButton, 0, Qt::AlignCenter);
    column->addStretch(2);
    connect(m_emptyButton, &QPushButton::clicked, this, &RunsPage::tryItWanted);
    return empty;
}

void RunsPage::bindActions(ActionBinder& actions) {
    actions.bind(u"run.resume", this, [this] { resumeChosen(); });
    actions.bind(u"edit.rename", this, [this] { renameChosen(); });
    actions.bind(u"edit.trash", this, [this] { trashChosen(); });
    actions.bind(u"run.clone", this, [this] {
        if (const auto run = chosenRun())
            Q_EMIT recipeWanted(run->trial);
    });
    for (const auto* id : {u"edit.rename", u"edit.trash"})
        addAction(actions.action(id)); // page-only shortcuts
    updateActions();
}

std::optional<RunChoice> RunsPage::chosenRun() const {
    const QModelIndex index = m_table->currentIndex();
    if (!index.isValid())
        return std::nullopt;
    return RunChoice{StudyId{index.data(RunTableModel::StudyIdRole).toLongLong()},
                     TrialId{index.data(RunTableModel::TrialIdRole).toLongLong()},
                     index.siblingAtColumn(RunTableModel::Name).data().toString(),
                     index.data(RunTableModel::AdapterFolderRole).toString()};
}

void RunsPage::openChosen() {
    if (const auto run = chosenRun())
        Q_EMIT runOpened(run->study, run->trial);
}

void RunsPage::resumeChosen() {
    if (const auto run = chosenRun())
        Q_EMIT resumed(run->study, run->trial);
}

void RunsPage::renameChosen() {
    const auto run = chosenRun();
    if (!run)
        return;
    const int row = m_parts.project.runs().rowOf(run->trial);
    auto* dialog = new QInputDialog(this);
    dialog->setObjectName("renameDialog");
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Rename"));
    dialog->setLabelText(tr("Name of the run"));
    dialog->setTextValue(m_parts.project.runs().row(row).studyName);
    dialog->setOkButtonText(tr("Rename"));
    dialog->setCancelButtonText(tr("Cancel"));
    connect(dialog, &QInputDialog::textValueSelected, this, [this, study = run->study](const QString& name) {
        if (!name.trimmed().isEmpty())
            m_parts.project.renameStudy(study, name.trimmed());
    });
    dialog->open();
}

void RunsPage::trashChosen() {
    const auto run = chosenRun();
    if (!run)
        return;
    auto* question =
        new QMessageBox(QMessageBox::Question, tr("Move to trash"),
                        tr("Put “%1” into the trash?").arg(run->name), QMessageBox::NoButton, this);
    question->setObjectName("trashDialog");
    question->setAttribute(Qt::WA_DeleteOnClose);
    question->setInformativeText(
        tr("All trials of its study go with it. Its rows and files stay on the disk."));
    QPushButton* go = question->addButton(tr("Move to &trash"), QMessageBox::AcceptRole);
    go->setObjectName("trashButton");
    question->addButton(tr("Cancel"), QMessageBox::RejectRole);
    connect(question, &QMessageBox::buttonClicked, this,
            [this, go, study = run->study](QAbstractButton* pressed) {
                if (pressed == go)
                    m_parts.project.removeStudy(study);
            });
    question->open();
}

void RunsPage::updateActions() {
    const QModelIndex index = m_table->currentIndex();
    const QString nothing = tr("Choose a run in the table first.");
    m_open->setEnabled(index.isValid());
    for (const auto* id : {u"edit.rename", u"run.clone"})
        index.isValid() ? m_actions.enable(id) : m_actions.disable(id, nothing);
    const auto state = static_cast<TrialState>(index.data(RunTableModel::StateRole).toInt());
    const StudySession* study =
        index.isValid()
            ? m_parts.project.findStudy(StudyId{index.data(RunTableModel::StudyIdRole).toLongLong()})
            : nullptr;
    const bool isActive = study != nullptr && study->isActive();
    if (!index.isValid())
        m_actions.disable(u"edit.trash", nothing);
    else if (isActive)
        m_actions.disable(u"edit.trash", tr("It is training: stop it first."));
    else
        m_actions.enable(u"edit.trash");
    if (!index.isValid())
        m_actions.disable(u"run.resume", nothing);
    else if (isActive || !canGoOn(state))
        m_actions.disable(u"run.resume", tr("Only a run that was stopped or interrupted can go on."));
    else
        m_actions.enable(u"run.resume");
    Q_EMIT chosenRunChanged();
}

void RunsPage::updateEmpty() {
    const bool isEmpty = m_parts.project.runs().rowCount() == 0;
    m_stack->setCurrentIndex(isEmpty ? 1 : 0);
    if (!isEmpty && !m_table->selectionModel()->hasSelection()) // the focus makes an index current, no more
        m_table->selectRow(std::max(m_table->currentIndex().row(), 0));
    updateActions();
}

void RunsPage::entered() {
    if (m_parts.project.runs().rowCount() == 0)
        m_emptyButton->setFocus(Qt::OtherFocusReason);
    else
        m_table->setFocus(Qt::OtherFocusReason);
}

/// The name takes what is left, so that at 1280 pixels no heading is cut and nothing scrolls.
void RunsPage::sizeColumns() {
    QHeaderView* header = m_table->horizontalHeader();
    const int letter = m_table->fontMetrics().averageCharWidth();
    for (int column = 0; column < RunTableModel::ColumnCount; ++column)
        header->resizeSection(column, std::max(letter * kColumnLetters[static_cast<std::size_t>(column)],
                                               header->sectionSizeHint(column)));
}

void RunsPage::retranslate() {
    m_title->setText(tr("Runs"));
    m_filter->setPlaceholderText(tr("Filter (Ctrl+F)"));
    m_filter->setAccessibleName(tr("Filter the runs"));
    m_table->setAccessibleName(tr("Runs"));
    m_open->setText(tr("Open", "a run"));
    m_open->setToolTip(tr("Show the run's charts and samples (Enter)"));
    m_emptyTitle->setText(tr("No runs yet"));
    m_emptyText->setText(tr("Each training appears here with its state, loss and accuracy."));
    m_emptyButton->setText(tr("Tr&y the example"));
    sizeColumns();
    const QString texts[] = {tr("Resume"),  tr("Chat"),  tr("Export…"), tr("CSV…"),
                             tr("Rename…"), tr("Clone"), tr("Trash")};
    for (qsizetype i = 0; i < m_buttons.size(); ++i) {
        const QAction* action = m_actions.action(m_buttons[i].action);
        m_buttons[i].button->setText(texts[i]);
        m_buttons[i].button->setAccessibleName(plainText(*action));
        m_buttons[i].button->setToolTip(action->toolTip());
        m_buttons[i].button->setEnabled(action->isEnabled());
    }
    updateActions();
    m_table->viewport()->update();
}

} // namespace lathe
