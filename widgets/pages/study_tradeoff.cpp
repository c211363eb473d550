#include "widgets/pages/study_tradeoff.h"

#include "core/analysis/pareto.h"
#include "core/session/text.h"
#include "widgets/charts/chart_view.h"
#include "widgets/forms/elided.h"
#include "widgets/pages/study_chart_texts.h"
#include "widgets/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {

constexpr std::size_t kMostNamed = 12; ///< trials of the front that are told by number

/// "Time (s), less is better".
std::string axisText(const TrialMeasure& measure) {
    const QString how = measure.isHigherBetter ? StudyTradeoff::tr("%1 (more is better)")
                                               : StudyTradeoff::tr("%1 (less is better)");
    return how.arg(measureLabel(measure.name)).toStdString();
}

} // namespace

StudyTradeoff::StudyTradeoff(QWidget* parent)
    : QWidget(parent),
      m_firstLabel(new QLabel(this)),
      m_first(new ElidedComboBox(this)),
      m_secondLabel(new QLabel(this)),
      m_second(new ElidedComboBox(this)),
      m_chart(new ChartView(this)),
      m_front(new QLabel(this)) {
    setObjectName("studyTradeoff");
    m_first->setObjectName("firstMeasureBox");
    m_second->setObjectName("secondMeasureBox");
    m_chart->setObjectName("tradeoffChart");
    m_firstLabel->setBuddy(m_first);
    m_secondLabel->setBuddy(m_second);
    m_front->setObjectName("frontLabel");
    m_front->setWordWrap(true);
    setLook(m_front, Look::Muted);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_firstLabel);
    row->addWidget(m_first);
    row->addSpacing(12);
    row->addWidget(m_secondLabel);
    row->addWidget(m_second);
    row->addStretch(1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 8, 0, 0);
    column->addLayout(row);
    column->addWidget(m_chart, 1);
    column->addWidget(m_front);
    connect(m_chart, &ChartView::pointPicked, this, [this](std::size_t, double x, double y) { pick(x, y); });
    for (QComboBox* box : {m_first, m_second}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        connect(box, &QComboBox::currentIndexChanged, this, &StudyTradeoff::draw);
    }
}

void StudyTradeoff::show(const StudySnapshot* snapshot) {
    m_snapshot = snapshot;
    fillBoxes();
    draw();
}

/// What was chosen stays; at first the two objectives, or the only one against the time.
void StudyTradeoff::fillBoxes() {
    std::vector<TrialMeasure> measures = m_snapshot ? measuresOf(*m_snapshot) : std::vector<TrialMeasure>{};
    if (measures == m_measures)
        return;
    m_measures = std::move(measures);
    const auto fill = [this](QComboBox* box, const QString& usual) {
        const QSignalBlocker silent(box);
        const QString chosen = box->currentData().toString();
        box->clear();
        for (const TrialMeasure& measure : m_measures)
            box->addItem(measureLabel(measure.name), toQString(measure.name));
        const int kept = box->findData(chosen);
        box->setCurrentIndex(kept >= 0 ? kept : std::max(0, box->findData(usual)));
    };
    const bool hasTwo = m_snapshot != nullptr && !m_snapshot->study.spec.furtherObjectives.empty();
    fill(m_first, hasTwo ? toQString(m_measures[1].name) : QLatin1String(kSecondsMeasure));
    fill(m_second, m_measures.empty() ? QString() : toQString(m_measures.front().name));
}

void StudyTradeoff::draw() {
    const int first = m_first->currentIndex();
    const int second = m_second->currentIndex();
    m_trials = {};
    if (m_snapshot == nullptr || first < 0 || second < 0 || first == second) {
        m_chart->setData({});
        m_front->setText(first >= 0 && first == second ? tr("Choose two different measures.") : QString());
        return;
    }
    const TrialMeasure& x = m_measures[static_cast<std::size_t>(first)];
    const TrialMeasure& y = m_measures[static_cast<std::size_t>(second)];
    m_trials = weighedBy(*m_snapshot, x, y);
    ChartData chart = paretoChart(m_trials, 0, 1);
    for (const StudyTrial* trial : measuredTrials(m_trials))
        if (trial->number == m_chosen)
            markTrial(chart, trialName(trial->number), trial->objectives[0], trial->objectives[1]);
    translateNames(chart);
    chart.title = tr("Trade-off").toStdString();
    chart.x.label = axisText(x);
    chart.y.label = axisText(y);
    refreshChart(*m_chart, std::move(chart));
    tellFront(m_trials);
}

void StudyTradeoff::choose(std::optional<std::int64_t> number) {
    m_chosen = number;
    draw();
}

void StudyTradeoff::pick(double x, double y) {
    for (const StudyTrial* trial : measuredTrials(m_trials))
        if (trial->objectives[0] == x && trial->objectives[1] == y) {
            Q_EMIT trialPicked(trial->number);
            return;
        }
}

void StudyTradeoff::tellFront(const StudyTrials& trials) {
    const std::vector<std::int64_t> front = paretoFront(trials).trials;
    QStringList names;
    for (std::size_t i = 0; i < std::min(front.size(), kMostNamed); ++i)
        names << toQString(trialName(front[i]));
    if (front.size() > kMostNamed)
        names << QStringLiteral("…");
    m_front->setText(front.empty() ? QString()
                                   : tr("No trial betters these in both: %1.", "list of trials")
                                         .arg(names.join(QStringLiteral(", "))));
}

void StudyTradeoff::retranslate() {
    m_firstLabel->setText(tr("&x axis"));
    m_secondLabel->setText(tr("&y axis"));
    m_first->setAccessibleName(tr("Measure on the x axis"));
    m_second->setAccessibleName(tr("Measure on the y axis"));
    m_chart->setEmptyText(tr("Trials appear here once they are complete."));
    for (QComboBox* box : {m_first, m_second})
        for (int i = 0; i < box->count(); ++i)
            box->setItemText(i, measureLabel(box->itemData(i).toString().toStdString()));
}

} // namespace lathe
