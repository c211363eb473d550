#include "widgets/pages/dataset_page.h"

#include "core/session/model_library.h"
#include "core/session/project_session.h"
#include "core/session/text.h"
#include "widgets/actions/action_binder.h"
#include "widgets/forms/elided.h"
#include "widgets/pages/dataset_choices.h"
#include "widgets/pages/dataset_lengths_tab.h"
#include "widgets/pages/dataset_quality_tab.h"
#include "widgets/pages/dataset_rows_tab.h"
#include "widgets/pages/dataset_splits_tab.h"
#include "widgets/pages/dataset_tokens_tab.h"
#include "widgets/pages/dataset_versions_tab.h"
#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QAction>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>
#include <QStackedLayout>
#include <QTabWidget>
#include <QTableView>

namespace lathe {

namespace {

constexpr const char* kDataFiles = "*.jsonl *.json *.csv *.tsv *.txt *.parquet *.gz";

QPushButton* makeButton(QWidget* parent, const char* name, const QIcon& icon = {}) {
    auto* button = new QPushButton(icon, {}, parent);
    button->setObjectName(QLatin1String(name));
    return button;
}

QLabel* makeLabel(QWidget* parent, const char* name, Look look) {
    auto* label = new QLabel(parent);
    label->setObjectName(QLatin1String(name));
    label->setTextFormat(Qt::PlainText);
    setLook(label, look);
    return label;
}

} // namespace

DatasetPage::DatasetPage(const WindowParts& parts, ActionBinder& actions, QWidget* parent)
    : Page(parent), m_parts(parts), m_session(parts.dataset), m_stack(new QStackedLayout) {
    setObjectName("datasetPage");
    m_problem = makeLabel(this, "datasetProblemLabel", Look::Problem);
    m_problem->setWordWrap(true);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 16, 20, 16);
    column->setSpacing(10);
    column->addWidget(makeHeader(actions));
    column->addWidget(makeProgress());
    column->addWidget(m_problem);
    column->addLayout(m_stack, 1);
    m_stack->addWidget(makeEmpty());
    m_stack->addWidget(makeContent());
    actions.bind(u"file.openData", this, [this] { askForFile(); });
    connect(&m_session, &DatasetSession::stateChanged, this, &DatasetPage::updateState);
    connect(&m_session.reading(), &StoppableJob::progressed, this, &DatasetPage::updateProgress);
    connect(&m_session, &DatasetSession::opened, this, [this] {
        if (isVisible())
            m_rows->table().setFocus(Qt::OtherFocusReason);
    });
    retranslate();
    updateState();
}

QWidget* DatasetPage::makeHeader(ActionBinder& actions) {
    auto* header = new QWidget(this);
    m_title = makeLabel(header, "datasetTitleLabel", Look::Title);
    m_file = new ElidedLabel(Qt::ElideMiddle, header);
    m_file->setObjectName("datasetFileLabel");
    setLook(m_file, Look::Heading);
    m_facts = new ElidedLabel(Qt::ElideRight, header);
    m_facts->setObjectName("datasetFactsLabel");
    setLook(m_facts, Look::Muted);
    m_open = makeButton(header, "openDataButton", themedIcon("folder"));
    m_recent = makeButton(header, "recentDataButton", themedIcon("file"));
    m_recentMenu = new QMenu(m_recent);
    m_recentMenu->setObjectName("recentDataMenu");
    m_recent->setMenu(m_recentMenu);
    m_train = makeButton(header, "trainOnThisButton", themedIcon("recipe", IconTone::OnAccent));
    m_train->setAutoDefault(true);
    setLook(m_train, Look::PrimaryButton);
    auto* texts = new QVBoxLayout;
    texts->setSpacing(2);
    texts->addWidget(m_file);
    texts->addWidget(m_facts);
    auto* row = new QHBoxLayout(header);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(10);
    row->addWidget(m_title);
    row->addSpacing(10);
    row->addLayout(texts, 1);
    row->addWidget(m_recent);
    row->addWidget(m_open);
    row->addWidget(m_train);
    connect(m_open, &QPushButton::clicked, actions.action(u"file.openData"), &QAction::trigger);
    connect(m_recentMenu, &QMenu::aboutToShow, this, &DatasetPage::fillRecent);
    connect(m_train, &QPushButton::clicked, this, &DatasetPage::train);
    return header;
}

QWidget* DatasetPage::makeProgress() {
    m_progressRow = new QWidget(this);
    m_progressText = makeLabel(m_progressRow, "datasetProgressLabel", Look::Muted);
    m_progress = new QProgressBar(m_progressRow);
    m_progress->setObjectName("datasetProgressBar");
    m_progress->setTextVisible(false);
    m_cancel = makeButton(m_progressRow, "cancelReadingButton", themedIcon("close"));
    auto* row = new QHBoxLayout(m_progressRow);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(10);
    row->addWidget(m_progressText);
    row->addWidget(m_progress, 1);
    row->addWidget(m_cancel);
    connect(m_cancel, &QPushButton::clicked, &m_session, &DatasetSession::cancel);
    return m_progressRow;
}

QWidget* DatasetPage::makeEmpty() {
    auto* card = new QFrame(this);
    setLook(card, Look::Card);
    auto* column = new QVBoxLayout(card);
    m_emptyTitle = makeLabel(card, "datasetEmptyTitleLabel", Look::Heading);
    m_emptyTitle->setAlignment(Qt::AlignCenter);
    m_emptyText = makeLabel(card, "datasetEmptyLabel", Look::Muted);
    m_emptyText->setAlignment(Qt::AlignCenter);
    m_emptyText->setWordWrap(true);
    m_emptyButton = makeButton(card, "datasetEmptyOpenButton", themedIcon("folder", IconTone::OnAccent));
    m_emptyButton->setAutoDefault(true);
    setLook(m_emptyButton, Look::PrimaryButton);
    column->addStretch(1);
    column->addWidget(m_emptyTitle);
    column->addWidget(m_emptyText);
    column->addSpacing(8);
    column->addWidget(m_emptyButton, 0, Qt::AlignCenter);
    column->addStretch(2);
    connect(m_emptyButton, &QPushButton::clicked, this, &DatasetPage::askForFile);
    return card;
}

QWidget* DatasetPage::makeContent() {
    auto* content = new QWidget(this);
    m_choices = new DatasetChoices(m_session, m_parts.library, content);
    m_tabs = new QTabWidget(content);
    m_tabs->setObjectName("datasetTabs");
    addTabs();
    auto* row = new QHBoxLayout(content);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(16);
    row->addWidget(m_choices);
    row->addWidget(m_tabs, 1);
    return content;
}

void DatasetPage::addTabs() {
    m_rows = new DatasetRowsTab(m_session, m_tabs);
    m_tokens = new DatasetTokensTab(m_session.preview(), m_tabs);
    m_lengths = new DatasetLengthsTab(m_session.lengths(), m_session.choices(), m_tabs);
    m_quality = new DatasetQualityTab(m_session, m_tabs);
    m_splits = new DatasetSplitsTab(m_session, m_tabs);
    m_versions = new DatasetVersionsTab(m_session, m_tabs);
    const DatasetParts& parts = m_session.parts();
    const std::pair<QWidget*, bool> tabs[] = {{m_rows, true},
                                              {m_tokens, parts.look != nullptr},
                                              {m_lengths, parts.lengths != nullptr},
                                              {m_quality, parts.quality != nullptr},
                                              {m_splits, parts.split != nullptr},
                                              {m_versions, true}};
    for (const auto& [tab, isOffered] : tabs) {
        m_tabs->addTab(tab, QString());
        m_tabs->setTabVisible(m_tabs->indexOf(tab), isOffered);
    }
    connect(m_tabs, &QTabWidget::currentChanged, this, &DatasetPage::watchTab);
    connect(m_rows, &DatasetRowsTab::rowChosen, m_tokens, &DatasetTokensTab::goTo);
    connect(m_tokens, &DatasetTokensTab::rowChosen, m_rows, &DatasetRowsTab::goTo);
    connect(m_quality, &DatasetQualityTab::rowWanted, this, [this](std::size_t row) {
        m_rows->goTo(row);
        m_tabs->setCurrentWidget(m_rows);
        m_rows->table().setFocus(Qt::OtherFocusReason);
    });
    watchTab();
}

/// What nobody looks at is not worked out.
void DatasetPage::watchTab() {
    const QWidget* front = m_tabs->currentWidget();
    m_session.preview().setWatched(front == m_tokens);
    m_session.lengths().setWatched(front == m_lengths);
    m_session.quality().setWatched(front == m_quality);
    m_session.splits().setWatched(m_session.parts().split && (front == m_splits || front == m_versions));
}

void DatasetPage::open(const QString& file) {
    m_parts.library.refresh();
    m_session.open(file, m_parts.project.draft().values());
}

void DatasetPage::entered() {
    m_parts.library.refresh(); // whose tokens can be looked at
    QWidget* content = m_session.table() == nullptr ? static_cast<QWidget*>(m_emptyButton) : &m_rows->table();
    content->setFocus(Qt::OtherFocusReason);
}

QLineEdit* DatasetPage::filterEdit() const { return m_rows->filterEdit(); }

RecipeDraft* DatasetPage::history() const { return &m_session.choices(); }

void DatasetPage::askForFile() {
    auto* dialog = new QFileDialog(this, tr("Open a data file"));
    dialog->setObjectName("openDataDialog");
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setNameFilters({tr("Data files (%1)").arg(QLatin1String(kDataFiles)), tr("All files (*)")});
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& file) {
        open(file);
        Q_EMIT wanted();
    });
    dialog->open();
}

void DatasetPage::fillRecent() {
    m_recentMenu->clear();
    for (const QString& file : m_session.recentFiles()) {
        const QFileInfo info(file);
        QAction* entry =
            m_recentMenu->addAction(QStringLiteral("%1   —   %2")
                                        .arg(info.fileName().replace(QLatin1Char('&'), QStringLiteral("&&")),
                                             QDir::toNativeSeparators(info.path())));
        connect(entry, &QAction::triggered, this, [this, file] { open(file); });
    }
    if (m_recentMenu->isEmpty())
        m_recentMenu->addAction(tr("No file was opened yet"))->setEnabled(false);
}

bool DatasetPage::canTrain() const {
    return m_session.state() == DatasetSession::State::Ready && m_session.table()->size() > 0;
}

void DatasetPage::train() {
    if (canTrain())
        Q_EMIT trainWanted(m_session.intoRecipe(m_parts.project.draft().values()));
}

QString DatasetPage::facts() const {
    const auto& table = m_session.table();
    if (table == nullptr)
        return {};
    QStringList facts;
    for (const DatasetFact& fact : m_session.facts())
        facts << fact.value;
    facts << tr("%1 rows").arg(QLocale().toString(qulonglong{table->size()}));
    if (table->droppedCount() > 0)
        facts << tr("%1 left out").arg(QLocale().toString(qulonglong{table->droppedCount()}));
    return facts.join(QStringLiteral("  ·  "));
}

void DatasetPage::updateState() {
    using State = DatasetSession::State;
    const State state = m_session.state();
    const bool hasTable = m_session.table() != nullptr;
    const bool hadFocus = m_emptyButton->hasFocus() || m_cancel->hasFocus();
    m_stack->setCurrentIndex(hasTable ? 1 : 0);
    m_progressRow->setVisible(state == State::Reading);
    m_problem->setVisible(state == State::Failed);
    m_problem->setText(m_session.problem());
    m_train->setEnabled(canTrain());
    m_file->setText(hasTable ? pathText(m_session.table()->source.filename()) : QString());
    m_file->setToolTip(hasTable ? QDir::toNativeSeparators(pathText(m_session.table()->source)) : QString());
    m_facts->setText(facts());
    m_facts->setToolTip(m_facts->text());
    updateProgress();
    if (hadFocus && isVisible())
        entered();
}

void DatasetPage::updateProgress() {
    const StoppableJob& job = m_session.reading();
    const QString name = QFileInfo(m_session.readingFile()).fileName();
    constexpr int kSteps = 1000; // a file has more bytes than an int can count
    const double share =
        job.total() == 0 ? 0 : static_cast<double>(job.done()) / static_cast<double>(job.total());
    m_progress->setRange(0, job.total() == 0 ? 0 : kSteps);
    m_progress->setValue(static_cast<int>(kSteps * share));
    m_progressText->setText(job.total() == 0
                                ? tr("Reading %1…").arg(name)
                                : tr("Reading %1: %2 of %3")
                                      .arg(name, QLocale().formattedDataSize(static_cast<qint64>(job.done())),
                                           QLocale().formattedDataSize(static_cast<qint64>(job.total()))));
}

void DatasetPage::retranslate() {
    m_title->setText(tr("Dataset studio"));
    m_open->setText(tr("&Open…", "data file"));
    m_open->setToolTip(tr("Open a data file"));
    m_recent->setText(tr("Recent"));
    m_recent->setToolTip(tr("Files opened before"));
    m_train->setText(tr("Train o&n this"));
    m_train->setToolTip(tr("Put the file and everything chosen here into the recipe"));
    m_cancel->setText(tr("Cancel"));
    m_progress->setAccessibleName(tr("How much of the file is read"));
    m_emptyTitle->setText(tr("Drop a data file here"));
    m_emptyText->setText(
        tr("JSON Lines, JSON, CSV, TSV, text or Parquet. It is read where it lies: nothing is copied or "
           "changed."));
    m_emptyButton->setText(tr("Open a &data file…"));
    const QString tabs[] = {
        tr("Rows"), tr("As the model sees it"), tr("Lengths"), tr("Quality"), tr("Splits"), tr("Versions")};
    for (int i = 0; i < m_tabs->count(); ++i)
        m_tabs->setTabText(i, tabs[i]);
    m_tabs->setAccessibleName(tr("What the file holds"));
    m_choices->retranslate();
    m_rows->retranslate();
    m_tokens->retranslate();
    m_lengths->retranslate();
    m_quality->retranslate();
    m_splits->retranslate();
    m_versions->retranslate();
    updateState();
}

} // namespace lathe
