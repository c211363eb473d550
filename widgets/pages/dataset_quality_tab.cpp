#include "widgets/pages/dataset_quality_tab.h"

#include "core/session/text.h"
#include "widgets/pages/dataset_progress.h"
#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QIdentityProxyModel>
#include <QLabel>
#include <QListWidget>
#include <QLocale>
#include <QPushButton>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

namespace lathe {

namespace {

constexpr int kRowHeight = 32;
constexpr int kDetailsHeight = 230;

/// The findings with the sign of their weight.
class SignedFindings final : public QIdentityProxyModel {
public:
    using QIdentityProxyModel::QIdentityProxyModel;

    QVariant data(const QModelIndex& index, int role) const override {
        if (role != Qt::DecorationRole || index.column() != FindingTableModel::Label)
            return QIdentityProxyModel::data(index, role);
        switch (static_cast<QualitySeverity>(index.data(FindingTableModel::SeverityRole).toInt())) {
        case QualitySeverity::Problem:
            return themedIcon("warning", IconTone::Danger);
        case QualitySeverity::Warning:
            return themedIcon("warning", IconTone::Warning);
        case QualitySeverity::Note:
            break;
        }
        return themedIcon("info", IconTone::Muted);
    }
};

} // namespace

DatasetQualityTab::DatasetQualityTab(DatasetSession& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_summary(new QLabel(this)),
      m_again(new QPushButton(themedIcon("reset"), {}, this)),
      m_progress(new DatasetProgress(session.quality(), QStringLiteral("quality"), this)),
      m_problem(new QLabel(this)),
      m_table(new QTableView(this)),
      m_message(new QLabel(this)),
      m_advice(new QLabel(this)),
      m_examples(new QListWidget(this)),
      m_fix(new QPushButton(themedIcon("check"), {}, this)),
      m_export(new QPushButton(themedIcon("export"), {}, this)) {
    m_summary->setObjectName("qualitySummaryLabel");
    setLook(m_summary, Look::Heading);
    m_again->setObjectName("qualityAgainButton");
    m_problem->setObjectName("qualityProblemLabel");
    m_problem->setWordWrap(true);
    m_problem->setTextFormat(Qt::PlainText);
    setLook(m_problem, Look::Problem);
    setUpTable();
    auto* top = new QHBoxLayout;
    top->addWidget(m_summary, 1);
    top->addWidget(m_again);
    auto* split = new QSplitter(Qt::Vertical, this);
    split->setHandleWidth(10);
    split->setChildrenCollapsible(false);
    split->addWidget(m_table);
    split->addWidget(makeDetails());
    split->setStretchFactor(0, 1);
    split->setSizes({kDetailsHeight, kDetailsHeight});
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 12, 0, 0);
    column->setSpacing(10);
    column->addLayout(top);
    column->addWidget(m_progress);
    column->addWidget(m_problem);
    column->addWidget(split, 1);
    connect(m_again, &QPushButton::clicked, &m_session.quality(), &DatasetView::refresh);
    connect(&m_session.quality(), &DatasetView::changed, this, &DatasetQualityTab::update);
    connect(&m_session.choices(), &RecipeDraft::changed, this, [this](const QString& key) {
        if (key == m_session.parts().fixKey)
            showFinding();
    });
    retranslate();
}

void DatasetQualityTab::setUpTable() {
    auto* findings = new SignedFindings(this);
    findings->setSourceModel(&m_session.quality().findings());
    m_table->setObjectName("qualityTable");
    m_table->setModel(findings);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setAlternatingRowColors(true);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(kRowHeight);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    const int letter = fontMetrics().averageCharWidth();
    m_table->setColumnWidth(FindingTableModel::Label, 30 * letter);
    m_table->setColumnWidth(FindingTableModel::Count, 11 * letter);
    m_table->setColumnWidth(FindingTableModel::Share, 11 * letter);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            &DatasetQualityTab::showFinding);
}

QWidget* DatasetQualityTab::makeDetails() {
    auto* details = new QWidget(this);
    m_message->setObjectName("findingMessageLabel");
    m_advice->setObjectName("findingAdviceLabel");
    for (QLabel* label : {m_message, m_advice}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
    }
    setLook(m_advice, Look::Muted);
    m_examples->setObjectName("findingExamplesList");
    m_examples->setUniformItemSizes(true);
    m_fix->setObjectName("fixFindingButton");
    m_export->setObjectName("exportFindingButton");
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(m_fix);
    buttons->addWidget(m_export);
    buttons->addStretch(1);
    auto* column = new QVBoxLayout(details);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    column->addWidget(m_message);
    column->addWidget(m_advice);
    column->addWidget(m_examples, 1);
    column->addLayout(buttons);
    connect(m_examples, &QListWidget::itemActivated, this, [this](const QListWidgetItem* item) {
        if (const QVariant row = item->data(Qt::UserRole); row.isValid())
            Q_EMIT rowWanted(static_cast<std::size_t>(row.toULongLong()));
    });
    connect(m_fix, &QPushButton::clicked, this, &DatasetQualityTab::applyFix);
    connect(m_export, &QPushButton::clicked, this, &DatasetQualityTab::askForTarget);
    return details;
}

const QualityFinding* DatasetQualityTab::chosen() const {
    const QModelIndex index = m_table->currentIndex();
    return index.isValid() ? &m_session.quality().findings().finding(index.row()) : nullptr;
}

void DatasetQualityTab::update() {
    DatasetQuality& quality = m_session.quality();
    m_problem->setText(quality.problem());
    m_problem->setVisible(!quality.problem().isEmpty());
    m_again->setEnabled(!quality.job().isRunning() && m_session.table() != nullptr);
    const int count = quality.findings().rowCount();
    if (quality.isFresh())
        m_summary->setText(count == 0 ? tr("Nothing was found.")
                                      : tr("Findings: %1").arg(QLocale().toString(count)));
    else
        m_summary->setText(quality.job().isRunning() ? tr("Looking at every row…")
                                                     : tr("Not looked at yet."));
    if (count > 0 && !m_table->currentIndex().isValid())
        m_table->setCurrentIndex(m_table->model()->index(0, 0));
    showFinding();
}

void DatasetQualityTab::showFinding() {
    const QualityFinding* finding = chosen();
    m_message->setText(finding == nullptr ? QString() : toQString(finding->message));
    m_advice->setText(finding == nullptr ? QString() : qualityText(finding->advice));
    m_advice->setVisible(!m_advice->text().isEmpty());
    m_fix->setEnabled(finding != nullptr && !finding->fix.empty());
    const bool isFixed = finding != nullptr && m_session.isFixed(toQString(finding->fix));
    m_fix->setText(isFixed ? tr("&Use these rows again") : tr("&Leave these rows out"));
    m_export->setEnabled(finding != nullptr && !finding->rows.empty());
    m_examples->clear();
    if (finding == nullptr)
        return;
    for (const QualityExample& example : finding->examples) {
        // Rows the file's reader dropped are none of the table's.
        const bool isThere = !finding->rows.empty();
        QString text = isThere ? tr("Row %1").arg(QLocale().toString(qulonglong{example.row + 1})) +
                                     QStringLiteral("   ")
                               : QString();
        text += toQString(example.excerpt).simplified();
        if (!example.belongsTo.empty())
            text += QStringLiteral("   ↔ ") + toQString(example.belongsTo);
        auto* item = new QListWidgetItem(text, m_examples);
        if (isThere)
            item->setData(Qt::UserRole, static_cast<qulonglong>(example.row));
    }
}

void DatasetQualityTab::applyFix() {
    if (const QualityFinding* finding = chosen(); finding != nullptr && !finding->fix.empty())
        m_session.toggleFix(toQString(finding->fix));
}

void DatasetQualityTab::askForTarget() {
    const QualityFinding* finding = chosen();
    if (finding == nullptr)
        return;
    auto* dialog = new QFileDialog(this, tr("Write these rows"));
    dialog->setObjectName("exportRowsDialog");
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("jsonl"));
    dialog->selectFile(toQString(finding->id) + QStringLiteral(".jsonl"));
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, rows = finding->rows](const QString& file) { m_session.exportRows(rows, file); });
    dialog->open();
}

void DatasetQualityTab::retranslate() {
    m_again->setText(tr("Look again"));
    m_export->setText(tr("E&xport these rows…"));
    m_progress->setText(tr("Looking at the rows"));
    m_table->setAccessibleName(tr("Findings"));
    m_examples->setAccessibleName(tr("Examples of the finding"));
    m_examples->setToolTip(tr("Enter shows the row"));
    update();
}

} // namespace lathe
