#include "widgets/pages/dataset_rows_tab.h"

#include "core/session/text.h"
#include "widgets/forms/elided.h"
#include "widgets/shell/page.h"
#include "widgets/theme/theme.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {

constexpr int kRowHeight = 28;
constexpr int kLineLetters = 9;
constexpr int kFewestLetters = 12; ///< of a column
constexpr int kMostLetters = 60;
constexpr int kSampledRows = 12;             ///< that a column's first width is made for
constexpr qsizetype kShownLetters = 200'000; ///< a longer text would hold up the window while it is laid out
constexpr int kCellHeight = 150;

} // namespace

DatasetRowsTab::DatasetRowsTab(DatasetSession& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_search(new QLineEdit(this)),
      m_column(new ElidedComboBox(this)),
      m_count(new QLabel(this)),
      m_progress(new QProgressBar(this)),
      m_table(new QTableView(this)),
      m_cellName(new QLabel(this)),
      m_cell(new QPlainTextEdit(this)) {
    m_search->setObjectName("rowsSearchEdit");
    m_search->setClearButtonEnabled(true);
    m_column->setObjectName("rowsColumnBox");
    m_column->setMinimumContentsLength(12);
    m_column->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_count->setObjectName("rowsCountLabel");
    setLook(m_count, Look::Muted);
    m_progress->setObjectName("rowsProgressBar");
    m_progress->setTextVisible(false);
    m_progress->setMaximumWidth(120);
    m_progress->hide();
    m_cellName->setObjectName("cellNameLabel");
    setLook(m_cellName, Look::Muted);
    m_cell->setObjectName("cellText");
    m_cell->setReadOnly(true);
    m_cell->setTabChangesFocus(true);
    setUpTable();
    auto* tools = new QHBoxLayout;
    tools->setSpacing(8);
    tools->addWidget(m_search, 1);
    tools->addWidget(m_column);
    tools->addWidget(m_progress);
    tools->addWidget(m_count);
    auto* cell = new QWidget(this);
    auto* cellColumn = new QVBoxLayout(cell);
    cellColumn->setContentsMargins(0, 0, 0, 0);
    cellColumn->setSpacing(4);
    cellColumn->addWidget(m_cellName);
    cellColumn->addWidget(m_cell, 1);
    auto* split = new QSplitter(Qt::Vertical, this);
    split->setObjectName("rowsSplitter");
    split->setHandleWidth(10);
    split->setChildrenCollapsible(false);
    split->addWidget(m_table);
    split->addWidget(cell);
    split->setStretchFactor(0, 1);
    split->setSizes({3 * kCellHeight, kCellHeight});
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 12, 0, 0);
    column->setSpacing(10);
    column->addLayout(tools);
    column->addWidget(split, 1);
    joinFilter(*m_search, *m_table);
    connect(m_search, &QLineEdit::textChanged, this, &DatasetRowsTab::search);
    connect(m_column, &QComboBox::activated, this, &DatasetRowsTab::search);
    connect(&m_session.search(), &DatasetSearch::changed, this, &DatasetRowsTab::updateCount);
    for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(&m_session.rows(), signal, this, &DatasetRowsTab::updateCount);
    connect(&m_session, &DatasetSession::stateChanged, this, &DatasetRowsTab::takeFile);
    retranslate();
    takeFile();
}

void DatasetRowsTab::setUpTable() {
    m_table->setObjectName("rowsTable");
    QHeaderView* rows = m_table->verticalHeader();
    rows->hide();
    // Fixed: a header that may fit its rows to their content asks every one of them.
    rows->setSectionResizeMode(QHeaderView::Fixed);
    rows->setDefaultSectionSize(kRowHeight);
    m_table->setModel(&m_session.rows());
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setAlternatingRowColors(true);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentChanged, this, &DatasetRowsTab::showCell);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& now) {
                if (now.isValid())
                    Q_EMIT rowChosen(m_session.rows().tableRow(now.row()));
            });
}

/// Another table is there, or none.
void DatasetRowsTab::takeFile() {
    if (m_session.state() == DatasetSession::State::Reading)
        return;
    const QSignalBlocker quiet(m_search);
    m_search->clear();
    m_column->clear();
    m_column->addItem(QString());
    const DatasetRowsModel& rows = m_session.rows();
    const int letter = fontMetrics().averageCharWidth();
    for (int column = 0; column < rows.columnCount(); ++column) {
        const QString name = rows.headerData(column, Qt::Horizontal).toString();
        if (column > 0)
            m_column->addItem(name, name);
        qsizetype letters = column == 0 ? kLineLetters : std::max<qsizetype>(kFewestLetters, name.size() + 3);
        for (int row = 0; column > 0 && row < std::min(kSampledRows, rows.rowCount()); ++row)
            letters = std::max(letters, rows.index(row, column).data().toString().size() + 3);
        m_table->setColumnWidth(column,
                                letter * static_cast<int>(std::min<qsizetype>(letters, kMostLetters)));
    }
    if (rows.rowCount() > 0)
        m_table->setCurrentIndex(rows.index(0, std::min(1, rows.columnCount() - 1)));
    showCell();
    retranslate();
}

void DatasetRowsTab::search() {
    m_session.search().setText(m_search->text(), m_column->currentData().toString());
}

void DatasetRowsTab::goTo(std::size_t row) {
    int place = m_session.rows().modelRow(row);
    if (place < 0 && m_session.rows().isFiltered()) {
        m_search->clear();
        m_session.search().clear();
        m_session.rows().showAll();
        place = m_session.rows().modelRow(row);
    }
    if (place < 0)
        return;
    const int column = std::max(0, m_table->currentIndex().column());
    m_table->setCurrentIndex(m_session.rows().index(place, column));
}

void DatasetRowsTab::showCell() {
    const QModelIndex index = m_table->currentIndex();
    const QString text = index.data(DatasetRowsModel::WholeTextRole).toString();
    const bool isCut = text.size() > kShownLetters;
    m_cell->setPlainText(isCut ? text.left(kShownLetters) : text);
    const QString column = m_session.rows().headerData(index.column(), Qt::Horizontal).toString();
    if (!index.isValid())
        m_cellName->setText(tr("Choose a cell to read all of it."));
    else if (isCut)
        m_cellName->setText(
            tr("%1: the first %2 of %3 letters")
                .arg(column, QLocale().toString(kShownLetters), QLocale().toString(text.size())));
    else
        m_cellName->setText(
            tr("%1, %Ln letters", "column, length", static_cast<int>(text.size())).arg(column));
    m_cell->setAccessibleName(m_cellName->text());
}

void DatasetRowsTab::updateCount() {
    const StoppableJob& job = m_session.search().job();
    const auto all = m_session.table() == nullptr ? 0 : m_session.table()->size();
    const QString count = QLocale().toString(qulonglong{all});
    m_count->setText(m_session.rows().isFiltered()
                         ? tr("%1 of %2 rows").arg(QLocale().toString(m_session.rows().rowCount()), count)
                         : tr("%1 rows").arg(count));
    m_progress->setVisible(job.isRunning());
    m_progress->setRange(0, static_cast<int>(job.total()));
    m_progress->setValue(static_cast<int>(job.done()));
}

void DatasetRowsTab::retranslate() {
    m_search->setPlaceholderText(tr("Search the rows (Ctrl+F)"));
    m_search->setAccessibleName(tr("Search the rows"));
    m_column->setItemText(0, tr("Any column"));
    m_column->setAccessibleName(tr("Column that is searched"));
    m_table->setAccessibleName(tr("Rows of the file"));
    m_progress->setAccessibleName(tr("Rows searched"));
    showCell();
    updateCount();
}

} // namespace lathe
