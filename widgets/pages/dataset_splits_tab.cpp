#include "widgets/pages/dataset_splits_tab.h"

#include "widgets/pages/dataset_form.h"
#include "widgets/theme/theme.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QScrollArea>
#include <QTableView>

#include <numeric>

namespace lathe {

namespace {

constexpr int kFormLetters = 56;
constexpr int kRowHeight = 28;

qint64 sum(const QVector<qint64>& rows) { return std::accumulate(rows.begin(), rows.end(), qint64{0}); }

} // namespace

DatasetSplitsTab::DatasetSplitsTab(DatasetSession& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_form(new DatasetForm(session, session.parts().splitKeys, QStringLiteral("studioSplit"), this)),
      m_summary(new QLabel(this)),
      m_problem(new QLabel(this)),
      m_table(new QTableView(this)) {
    m_summary->setObjectName("splitSummaryLabel");
    setLook(m_summary, Look::Heading);
    m_summary->setWordWrap(true);
    m_problem->setObjectName("splitProblemLabel");
    m_problem->setWordWrap(true);
    m_problem->setTextFormat(Qt::PlainText);
    setLook(m_problem, Look::Problem);
    m_table->setObjectName("splitTable");
    m_table->setModel(&session.splits().counts());
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(kRowHeight);
    m_table->setAlternatingRowColors(true);
    m_table->setShowGrid(false);
    m_table->setTabKeyNavigation(false);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    auto* scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(m_form);
    scroll->setMinimumWidth(kFormLetters * fontMetrics().averageCharWidth());
    auto* answer = new QVBoxLayout;
    answer->setSpacing(10);
    answer->addWidget(m_summary);
    answer->addWidget(m_problem);
    answer->addWidget(m_table, 1);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 12, 0, 0);
    row->setSpacing(16);
    row->addWidget(scroll, 1);
    row->addLayout(answer, 1);
    connect(&m_session.splits(), &DatasetView::changed, this, &DatasetSplitsTab::update);
    retranslate();
}

void DatasetSplitsTab::update() {
    DatasetSplits& splits = m_session.splits();
    m_problem->setText(splits.problem());
    m_problem->setVisible(!splits.problem().isEmpty());
    const DatasetSplit& split = splits.counts().split();
    const auto number = [](qint64 rows) { return QLocale().toString(rows); };
    const qint64 test = sum(split.test);
    if (split.labels.isEmpty())
        m_summary->setText(tr("Not divided yet."));
    else if (test > 0)
        m_summary->setText(tr("%1 rows train, %2 evaluate, %3 test.")
                               .arg(number(sum(split.train)), number(sum(split.dev)), number(test)));
    else
        m_summary->setText(
            tr("%1 rows train, %2 evaluate.").arg(number(sum(split.train)), number(sum(split.dev))));
}

void DatasetSplitsTab::retranslate() {
    m_form->setTitle(tr("How the rows are divided"));
    m_table->setAccessibleName(tr("Rows of each part by label"));
    update();
}

} // namespace lathe
