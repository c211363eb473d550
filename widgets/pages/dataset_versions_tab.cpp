#include "widgets/pages/dataset_versions_tab.h"

#include "core/session/text.h"
#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QDir>
#include <QFileDialog>
#include <QFormLayout>
#include <QFrame>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QTableView>

namespace lathe {

namespace {
constexpr int kRowHeight = 28;
} // namespace

DatasetVersionsTab::DatasetVersionsTab(DatasetSession& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_droppedTitle(new QLabel(this)),
      m_export(new QPushButton(themedIcon("export"), {}, this)),
      m_table(new QTableView(this)) {
    auto* card = new QFrame(this);
    setLook(card, Look::Card);
    auto* form = new QFormLayout(card);
    form->setContentsMargins(18, 14, 14, 14);
    form->setHorizontalSpacing(16);
    form->setVerticalSpacing(6);
    m_source = addFact(*form, "versionSourceLabel");
    m_hash = addFact(*form, "versionHashLabel");
    m_rows = addFact(*form, "versionRowsLabel");
    m_split = addFact(*form, "versionSplitLabel");
    m_record = addFact(*form, "versionRecordLabel");
    m_droppedTitle->setObjectName("droppedTitleLabel");
    setLook(m_droppedTitle, Look::Heading);
    m_export->setObjectName("exportDroppedButton");
    m_table->setObjectName("droppedTable");
    m_table->setModel(&m_dropped);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_table->verticalHeader()->setDefaultSectionSize(kRowHeight);
    m_table->setAlternatingRowColors(true);
    m_table->setShowGrid(false);
    m_table->setTabKeyNavigation(false);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    auto* top = new QHBoxLayout;
    top->addWidget(m_droppedTitle, 1);
    top->addWidget(m_export);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 12, 0, 0);
    column->setSpacing(10);
    column->addWidget(card);
    column->addLayout(top);
    column->addWidget(m_table, 1);
    connect(m_export, &QPushButton::clicked, this, &DatasetVersionsTab::askForTarget);
    connect(&m_session, &DatasetSession::stateChanged, this, &DatasetVersionsTab::update);
    connect(&m_session.splits(), &DatasetView::changed, this, &DatasetVersionsTab::update);
    retranslate();
}

QLabel* DatasetVersionsTab::addFact(QFormLayout& form, const char* name) {
    auto* title = new QLabel(this);
    auto* value = new QLabel(this);
    value->setObjectName(QLatin1String(name));
    value->setTextFormat(Qt::PlainText);
    value->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    value->setWordWrap(true);
    setLook(title, Look::Muted);
    title->setBuddy(value);
    form.addRow(title, value);
    m_names << title;
    return value;
}

void DatasetVersionsTab::update() {
    const auto& table = m_session.table();
    const DatasetSplit& split = m_session.splits().counts().split();
    const QString nothing = QStringLiteral("–");
    const auto number = [](std::size_t count) { return QLocale().toString(qulonglong{count}); };
    const std::size_t dropped = table == nullptr ? 0 : table->droppedCount();
    m_source->setText(table == nullptr ? nothing : QDir::toNativeSeparators(pathText(table->source)));
    m_hash->setText(table == nullptr || table->sha256.empty() ? nothing : toQString(table->sha256));
    m_rows->setText(table == nullptr
                        ? nothing
                        : tr("%1 in the file: %2 could be read, %3 could not")
                              .arg(number(table->size() + dropped), number(table->size()), number(dropped)));
    m_split->setText(split.hash.isEmpty() ? nothing : split.hash);
    m_record->setText(!split.words.isEmpty()                   ? split.words.join(QLatin1Char('\n'))
                      : m_session.splits().problem().isEmpty() ? nothing
                                                               : m_session.splits().problem());
    if (!split.hash.isEmpty())
        m_dropped.setRows(split.dropped);
    else
        m_dropped.setRows(table == nullptr ? std::vector<DroppedRow>() : table->dropped);
    const bool isAny = m_dropped.rowCount() > 0;
    m_droppedTitle->setText(isAny ? tr("Rows left out") : tr("No row was left out"));
    m_export->setEnabled(isAny);
    m_table->setVisible(isAny);
}

void DatasetVersionsTab::askForTarget() {
    auto* dialog = new QFileDialog(this, tr("Write the list of rows left out"));
    dialog->setObjectName("exportDroppedDialog");
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("csv"));
    dialog->selectFile(QStringLiteral("left_out.csv"));
    connect(dialog, &QFileDialog::fileSelected, this,
            [this](const QString& file) { m_session.exportDropped(m_dropped.rows(), file); });
    dialog->open();
}

void DatasetVersionsTab::retranslate() {
    const QString titles[] = {tr("File"), tr("SHA-256 of the file"), tr("Rows"), tr("SHA-256 of the split"),
                              tr("What a run records")};
    for (qsizetype i = 0; i < m_names.size(); ++i)
        m_names[i]->setText(titles[i]);
    m_export->setText(tr("Export the list…"));
    m_table->setAccessibleName(tr("Rows left out"));
    update();
}

} // namespace lathe
