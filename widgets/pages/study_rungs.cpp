#include "widgets/pages/study_rungs.h"

#include "widgets/charts/chart_view.h"
#include "widgets/pages/study_chart_texts.h"
#include "widgets/theme/theme.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QTableWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {

/// A pruner that asks at each evaluation leaves as many rungs; more than these nobody reads.
constexpr std::size_t kMostRungs = 10;

/// Evenly chosen ones, the last among them.
std::vector<std::int64_t> fewer(const std::vector<std::int64_t>& rungs) {
    if (rungs.size() <= kMostRungs)
        return rungs;
    std::vector<std::int64_t> some;
    for (std::size_t i = 1; i <= kMostRungs; ++i)
        some.push_back(rungs[i * rungs.size() / kMostRungs - 1]);
    return some;
}

} // namespace

StudyRungs::StudyRungs(QWidget* parent)
    : QWidget(parent),
      m_chart(new ChartView(this)),
      m_table(new QTableWidget(this)),
      m_note(new QLabel(this)) {
    setObjectName("studyRungs");
    m_chart->setObjectName("rungsChart");
    m_table->setObjectName("rungsTable");
    m_table->setColumnCount(6);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setAlternatingRowColors(true);
    m_table->setShowGrid(false);
    m_table->setTabKeyNavigation(false); // Tab leaves the table
    m_table->verticalHeader()->hide();
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_note->setObjectName("rungsNoteLabel");
    m_note->setWordWrap(true);
    setLook(m_note, Look::Muted);
    auto* right = new QVBoxLayout;
    right->addWidget(m_table, 1);
    right->addWidget(m_note);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 8, 0, 0);
    row->setSpacing(12);
    row->addWidget(m_chart, 1);
    row->addLayout(right, 1);
}

void StudyRungs::show(const StudySnapshot* snapshot) {
    m_counts.clear();
    if (snapshot != nullptr)
        m_counts = rungFunnel(snapshot->trials, fewer(rungsOf(snapshot->trials)));
    ChartData chart = rungFunnelChart(m_counts);
    chart.title = tr("How far the trials came").toStdString();
    translateNames(chart);
    refreshChart(*m_chart, std::move(chart));
    fillTable();
    tellNote(snapshot);
}

void StudyRungs::fillTable() {
    m_table->setRowCount(static_cast<int>(m_counts.size()));
    for (int row = 0; row < m_table->rowCount(); ++row) {
        const RungCount& rung = m_counts[static_cast<std::size_t>(row)];
        const std::int64_t numbers[] = {rung.steps,  rung.reached, rung.kept,
                                        rung.pruned, rung.running, rung.stopped};
        int column = 0;
        for (const std::int64_t number : numbers) {
            auto* item = new QTableWidgetItem(QLocale().toString(qlonglong{number}));
            item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
            m_table->setItem(row, column++, item);
        }
    }
}

void StudyRungs::tellNote(const StudySnapshot* snapshot) {
    if (snapshot == nullptr || m_counts.empty())
        m_note->setText({});
    else if (snapshot->pruned == 0)
        m_note->setText(tr("No trial was pruned so far."));
    else
        m_note->setText(tr("A rung is a step at which trials were pruned. The table of trials has the reason "
                           "of each in its last column."));
}

void StudyRungs::retranslate() {
    m_chart->setEmptyText(tr("Rungs appear once a trial is complete or pruned."));
    m_table->setAccessibleName(tr("What became of the trials at each rung"));
    m_table->setHorizontalHeaderLabels({tr("Step", "rung"), tr("Reached", "rung"),
                                        tr("Kept", "by the pruner"), tr("Pruned"), tr("Running"),
                                        tr("Stopped")});
}

} // namespace lathe
