#include "widgets/pages/model_page.h"

#include "core/session/model_download.h"
#include "core/session/model_library.h"
#include "core/session/project_session.h"
#include "core/session/settings.h"
#include "core/session/text.h"
#include "widgets/actions/action_binder.h"
#include "widgets/dialogs/download_dialog.h"
#include "widgets/pages/model_details.h"
#include "widgets/pages/model_table.h"
#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QAction>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QShortcut>
#include <QSplitter>
#include <QStackedLayout>

#include <algorithm>

namespace lathe {

namespace {

constexpr int kDetailsHeight = 260;
} // namespace

ModelPage::ModelPage(const WindowParts& parts, ActionBinder& actions, QWidget* parent)
    : Page(parent),
      m_parts(parts),
      m_actions(actions),
      m_table(new ModelTable(parts.library.models(), this)),
      m_sorted(&m_table->sorted()),
      m_filter(new QLineEdit(this)),
      m_title(new QLabel(this)),
      m_problem(new QLabel(this)),
      m_details(new ModelDetails(this)),
      m_stack(new QStackedLayout) {
    setObjectName("modelPage");
    m_title->setObjectName("modelsTitleLabel");
    setLook(m_title, Look::Title);
    m_problem->setObjectName("modelsProblemLabel");
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->setWordWrap(true);
    m_problem->hide();
    setLook(m_problem, Look::Problem);
    setUpTable();
    auto* card = new QFrame(this);
    setLook(card, Look::Card);
    auto* inside = new QVBoxLayout(card); // a stack has no margins of its own
    inside->setContentsMargins(1, 6, 1, 6);
    inside->addLayout(m_stack);
    m_stack->addWidget(m_table);
    m_stack->addWidget(makeEmpty());
    auto* split = new QSplitter(Qt::Vertical, this);
    split->setObjectName("modelsSplitter");
    split->setHandleWidth(12);
    split->setChildrenCollapsible(false);
    split->addWidget(card);
    split->addWidget(m_details);
    split->setStretchFactor(0, 1);
    split->setSizes({2 * kDetailsHeight, kDetailsHeight});
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 16, 20, 16);
    column->setSpacing(12);
    column->addWidget(m_title);
    column->addWidget(makeTools(actions));
    column->addWidget(m_problem);
    column->addWidget(split, 1);
    bindActions();
    followLibrary();
    retranslate();
    updateEmpty();
}

void ModelPage::setUpTable() {
    connect(m_table, &QTableView::activated, this, &ModelPage::useChosen);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            &ModelPage::updateDetails);
    auto* remove = new QShortcut(QKeySequence::Delete, m_table, this, &ModelPage::removeChosen);
    remove->setContext(Qt::WidgetShortcut);
}

QPushButton* ModelPage::addButton(QHBoxLayout& row, const QString& icon, const QString& name) {
    auto* button = new QPushButton(themedIcon(icon), {}, this);
    button->setObjectName(name);
    row.addWidget(button);
    return button;
}

QWidget* ModelPage::makeTools(ActionBinder& actions) {
    auto* tools = new QWidget(this);
    auto* row = new QHBoxLayout(tools);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    m_filter->setObjectName("modelsFilterEdit");
    m_filter->setClearButtonEnabled(true);
    m_filter->setMaximumWidth(320);
    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_sorted->setWords(text);
        updateEmpty();
    });
    joinFilter(*m_filter, *m_table);
    row->addWidget(m_filter, 1);
    row->addStretch(1);
    m_use = addButton(*row, "recipe", "useModelButton");
    m_chat = addButton(*row, "chat", "chatModelButton");
    m_add = addButton(*row, "folder", "addModelButton");
    m_locate = addButton(*row, "search", "locateModelButton");
    m_remove = addButton(*row, "close", "removeModelButton");
    m_download = addButton(*row, "import", "downloadModelButton");
    connect(m_use, &QPushButton::clicked, this, &ModelPage::useChosen);
    connect(m_chat, &QPushButton::clicked, this, [this] { Q_EMIT chatWanted(chosen()); });
    connect(m_add, &QPushButton::clicked, actions.action(u"file.addModel"), &QAction::trigger);
    connect(m_locate, &QPushButton::clicked, this, &ModelPage::locateChosen);
    connect(m_remove, &QPushButton::clicked, this, &ModelPage::removeChosen);
    QAction* download = actions.action(u"tools.downloadModel");
    connect(m_download, &QPushButton::clicked, download, &QAction::trigger);
    connect(download, &QAction::changed, m_download, [this, download] {
        m_download->setEnabled(download->isEnabled());
        m_download->setToolTip(download->toolTip());
    });
    return tools;
}

QWidget* ModelPage::makeEmpty() {
    auto* empty = new QWidget(this);
    auto* column = new QVBoxLayout(empty);
    m_emptyTitle = new QLabel(empty);
    m_emptyTitle->setObjectName("modelsEmptyTitleLabel");
    m_emptyTitle->setAlignment(Qt::AlignCenter);
    setLook(m_emptyTitle, Look::Heading);
    m_emptyText = new QLabel(empty);
    m_emptyText->setObjectName("modelsEmptyLabel");
    m_emptyText->setAlignment(Qt::AlignCenter);
    m_emptyText->setWordWrap(true);
    setLook(m_emptyText, Look::Muted);
    m_emptyButton = new QPushButton(themedIcon("folder", IconTone::OnAccent), {}, empty);
    m_emptyButton->setObjectName("modelsEmptyAddButton");
    m_emptyButton->setAutoDefault(true);
    setLook(m_emptyButton, Look::PrimaryButton);
    column->addStretch(1);
    column->addWidget(m_emptyTitle);
    column->addWidget(m_emptyText);
    column->addSpacing(8);
    column->addWidget(m_emptyButton, 0, Qt::AlignCenter);
    column->addStretch(2);
    connect(m_emptyButton, &QPushButton::clicked, this, &ModelPage::askForFolder);
    return empty;
}

void ModelPage::bindActions() {
    m_actions.bind(u"file.addModel", this, [this] { askForFolder(); });
    m_actions.bind(u"tools.downloadModel", this, [this] { openDownload(); });
    QAction* allow = m_actions.action(u"tools.allowDownloads");
    allow->setChecked(m_parts.settings.areDownloadsAllowed.value());
    m_actions.bind(u"tools.allowDownloads", this,
                   [this](bool isAllowed) { m_parts.settings.areDownloadsAllowed.set(isAllowed); });
    connect(&m_parts.settings, &Settings::changed, this, [this, allow](const QString& key) {
        if (key != m_parts.settings.areDownloadsAllowed.key())
            return;
        allow->setChecked(m_parts.settings.areDownloadsAllowed.value());
        updateDownloads();
        Q_EMIT downloadsAllowed(m_parts.settings.areDownloadsAllowed.value());
    });
}

void ModelPage::followLibrary() {
    ModelLibrary& library = m_parts.library;
    connect(&library, &ModelLibrary::added, this, [this](const QString& folder) {
        showProblem({});
        select(folder);
    });
    connect(&library, &ModelLibrary::addFailed, this, &ModelPage::showProblem);
    RecipeDraft& draft = m_parts.project.draft();
    connect(&library, &ModelLibrary::moved, this, [&draft](const QString& from, const QString& to) {
        if (toQString(toText(draft.value(QStringLiteral("model")))) == from)
            draft.setValue(QStringLiteral("model"), to.toStdString());
    });
    m_recipeDelay.setSingleShot(true);
    connect(&m_recipeDelay, &QTimer::timeout, this, [this] {
        if (isVisible())
            m_parts.library.setRecipe(m_parts.project.draft().values());
    });
    connect(&draft, &RecipeDraft::changed, this, [this] { m_recipeDelay.start(0); });
    connect(m_sorted, &QAbstractItemModel::dataChanged, this, &ModelPage::updateDetails);
    for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(m_sorted, signal, this, &ModelPage::updateEmpty);
}

void ModelPage::entered() {
    showProblem({});
    m_parts.library.setRecipe(m_parts.project.draft().values());
    m_parts.library.refresh();
    updateEmpty();
    focusContent();
}

/// The table, or the way to the first model.
void ModelPage::focusContent() {
    const bool isEmpty = m_parts.library.models().rowCount() == 0;
    QWidget* content = isEmpty ? static_cast<QWidget*>(m_emptyButton) : m_table;
    content->setFocus(Qt::OtherFocusReason);
}

void ModelPage::add(const QString& path) { m_parts.library.add(path); }

QString ModelPage::chosen() const {
    return m_table->currentIndex().data(ModelTableModel::FolderRole).toString();
}

void ModelPage::select(const QString& folder) {
    m_filter->clear(); // it could hide what was just added
    const QModelIndex source = m_parts.library.models().index(m_parts.library.models().rowOf(folder), 0);
    const QModelIndex index = m_sorted->mapFromSource(source);
    m_table->selectRow(index.row());
    m_table->scrollTo(index);
    if (isVisible())
        m_table->setFocus(Qt::OtherFocusReason);
}

void ModelPage::useChosen() {
    const int row = m_parts.library.models().rowOf(chosen());
    if (row >= 0 && m_parts.library.models().row(row).state == ModelEntry::State::Ready)
        Q_EMIT modelChosen(chosen());
}

void ModelPage::askForFolder() {
    auto* dialog = new QFileDialog(this, tr("Add a model or a folder with models"));
    dialog->setObjectName("addModelDialog");
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this, &ModelPage::add);
    dialog->open();
}

void ModelPage::locateChosen() {
    const QString folder = chosen();
    if (folder.isEmpty())
        return;
    auto* dialog = new QFileDialog(
        this, tr("Where is %1 now?").arg(m_table->currentIndex().siblingAtColumn(0).data().toString()));
    dialog->setObjectName("locateModelDialog");
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, folder](const QString& place) { m_parts.library.locate(folder, place); });
    dialog->open();
}

void ModelPage::removeChosen() {
    if (!m_remove->isEnabled())
        return;
    const int row = m_table->currentIndex().row();
    m_parts.library.remove(chosen());
    m_table->selectRow(std::min(row, m_sorted->rowCount() - 1));
}

void ModelPage::openDownload() {
    auto* dialog = new DownloadDialog(m_parts.downloads, this);
    connect(dialog, &DownloadDialog::downloaded, this, &ModelPage::add);
    dialog->open();
}

void ModelPage::showProblem(const QString& message) {
    m_problem->setText(message);
    m_problem->setVisible(!message.isEmpty());
}

void ModelPage::updateDetails() {
    const ModelTableModel& models = m_parts.library.models();
    const int row = models.rowOf(chosen());
    const ModelEntry* entry = row < 0 ? nullptr : &models.row(row);
    m_details->show(entry);
    const bool isReady = entry != nullptr && entry->state == ModelEntry::State::Ready;
    m_use->setEnabled(isReady);
    m_chat->setEnabled(isReady);
    m_locate->setEnabled(entry != nullptr && entry->state == ModelEntry::State::Missing);
    m_remove->setEnabled(entry != nullptr && entry->source != ModelEntry::Source::BuiltIn);
}

void ModelPage::updateDownloads() {
    if (!m_parts.settings.areDownloadsAllowed.value())
        m_actions.disable(u"tools.downloadModel",
                          tr("Downloads are switched off. Switch them on with Tools, Allow downloads."));
    else if (!m_parts.downloads.whyNot().isEmpty())
        m_actions.disable(
            u"tools.downloadModel",
            tr("The environment variable HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE forbids downloads."));
    else
        m_actions.enable(u"tools.downloadModel");
}

void ModelPage::updateEmpty() {
    const bool isEmpty = m_sorted->rowCount() == 0;
    const bool isFiltered = isEmpty && m_parts.library.models().rowCount() > 0;
    const bool hadFocus = m_table->hasFocus() || m_emptyButton->hasFocus(); // one of them is about to go
    m_stack->setCurrentIndex(isEmpty ? 1 : 0);
    m_emptyTitle->setText(isFiltered ? tr("No model matches the filter") : tr("No models yet"));
    m_emptyText->setText(
        isFiltered ? tr("Fewer words find more.")
                   : tr("Drop the folder of a model here, or add one. Nothing is copied or changed."));
    m_emptyButton->setVisible(!isFiltered);
    if (!isEmpty && !m_table->selectionModel()->hasSelection()) // the focus makes an index current, no more
        m_table->selectRow(std::max(m_table->currentIndex().row(), 0));
    if (hadFocus && !isFiltered)
        focusContent();
    updateDetails();
}

void ModelPage::retranslate() {
    m_title->setText(tr("Models"));
    m_filter->setPlaceholderText(tr("Filter (Ctrl+F)"));
    m_filter->setAccessibleName(tr("Filter the models"));
    m_table->setAccessibleName(tr("Models"));
    m_use->setText(tr("Use in recipe"));
    m_use->setToolTip(tr("Make it the recipe's base model (Enter)"));
    m_chat->setText(tr("Chat", "with a model"));
    m_chat->setToolTip(tr("Ask this model something"));
    m_add->setText(tr("Add folder…"));
    m_add->setToolTip(m_actions.action(u"file.addModel")->toolTip());
    m_locate->setText(tr("Locate…"));
    m_locate->setToolTip(tr("Tell where a model that is not there now has gone"));
    m_remove->setText(tr("Remove"));
    m_remove->setToolTip(tr("Take it off the list; its files stay (Del)"));
    m_download->setText(tr("Download…"));
    m_emptyButton->setText(tr("Add a &folder…"));
    m_parts.library.models().retranslate();
    m_details->retranslate();
    updateDownloads();
    updateEmpty();
}

} // namespace lathe
