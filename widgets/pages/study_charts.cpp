#include "widgets/pages/study_charts.h"

#include "core/analysis/best_so_far.h"
#include "core/session/metric_label.h"
#include "core/session/study_trial_model.h"
#include "core/session/text.h"
#include "widgets/charts/chart_view.h"
#include "widgets/pages/parallel_view.h"
#include "widgets/pages/study_chart_texts.h"
#include "widgets/pages/study_parameters.h"
#include "widgets/pages/study_recipes.h"
#include "widgets/pages/study_rungs.h"
#include "widgets/pages/study_tradeoff.h"
#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {

constexpr std::size_t kFewCurves = 12; ///< as many can be told apart without one of them standing out
constexpr int kAll = 100;              ///< per cent
constexpr std::array kComputes{Compute::Trials, Compute::Steps, Compute::FullRuns, Compute::Seconds};

ChartView* makeChart(QWidget* parent, const char* name) {
    auto* chart = new ChartView(parent);
    chart->setObjectName(QLatin1String(name));
    return chart;
}

/// The chosen curve over all others and bold, as the best one is.
void emphasize(ChartData& chart, const StudySnapshot& snapshot, std::optional<std::int64_t> chosen) {
    const std::string chosenName = chosen ? trialName(*chosen) : std::string();
    const bool isCrowded = !snapshot.best && (chosen || chart.layers.size() > kFewCurves);
    for (Layer& layer : chart.layers) {
        auto& lines = std::get<Lines>(layer);
        if (isCrowded)
            lines.emphasis = Emphasis::Faint;
        if (lines.name == chosenName)
            lines.emphasis = Emphasis::Bold;
    }
    std::ranges::stable_partition(
        chart.layers, [&](const Layer& layer) { return std::get<Lines>(layer).name != chosenName; });
}

} // namespace

StudyCharts::StudyCharts(const ParamSchema& recipe, QWidget* parent)
    : QTabWidget(parent),
      m_recipe(recipe),
      m_curves(makeChart(this, "studyCurvesChart")),
      m_parameters(new StudyParameters(recipe, this)),
      m_tradeoff(new StudyTradeoff(this)),
      m_rungs(new StudyRungs(this)),
      m_recipes(new StudyRecipes(recipe, this)) {
    setObjectName("studyTabs");
    for (QWidget* page : std::initializer_list<QWidget*>{m_curves, makeBest(), m_parameters, makeParallel(),
                                                         m_tradeoff, m_rungs, m_recipes})
        addTab(page, {}); // in the order of Tab
    connect(this, &QTabWidget::currentChanged, this, &StudyCharts::draw);
    connectPicks();
    retranslate();
}

void StudyCharts::connectPicks() {
    connect(m_curves, &ChartView::pointPicked, this, [this](std::size_t layer) {
        const std::string name = std::get<Lines>(m_curves->data().layers[layer]).name;
        if (const auto number = trialNumber(name))
            Q_EMIT trialPicked(*number);
    });
    connect(m_best, &ChartView::pointPicked, this,
            [this](std::size_t, double x, double y) { pickBest(x, y); });
    connect(m_parameters, &StudyParameters::trialPicked, this, &StudyCharts::trialPicked);
    connect(m_parallel, &ParallelView::trialPicked, this, &StudyCharts::trialPicked);
    connect(m_tradeoff, &StudyTradeoff::trialPicked, this, &StudyCharts::trialPicked);
}

/// A trial's own point, or else the one that the staircase has come down to there.
void StudyCharts::pickBest(double x, double y) {
    if (m_snapshot == nullptr)
        return;
    const Compute compute = kComputes[static_cast<std::size_t>(m_compute->currentIndex())];
    for (const auto& points :
         {measuredPoints(m_snapshot->trials, compute), bestSoFar(m_snapshot->trials, compute)})
        for (const BestPoint& point : points)
            if (point.compute == x && point.value == y) {
                Q_EMIT trialPicked(point.trial);
                return;
            }
}

QWidget* StudyCharts::makeBest() {
    auto* page = new QWidget(this);
    m_computeLabel = new QLabel(page);
    m_compute = new QComboBox(page);
    m_compute->setObjectName("computeBox");
    for (std::size_t i = 0; i < kComputes.size(); ++i)
        m_compute->addItem({});
    m_computeLabel->setBuddy(m_compute);
    m_best = makeChart(page, "bestSoFarChart");
    auto* row = new QHBoxLayout;
    row->addWidget(m_computeLabel);
    row->addWidget(m_compute);
    row->addStretch(1);
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(0, 8, 0, 0);
    column->addLayout(row);
    column->addWidget(m_best, 1);
    connect(m_compute, &QComboBox::currentIndexChanged, this, &StudyCharts::drawBest);
    return page;
}

QWidget* StudyCharts::makeParallel() {
    auto* page = new QFrame(this);
    setLook(page, Look::Card);
    m_parallel = new ParallelView(page);
    m_topLabel = new QLabel(page);
    m_top = new QSpinBox(page);
    m_top->setObjectName("topShareSpinBox");
    m_top->setRange(1, kAll);
    m_top->setValue(kAll);
    m_topLabel->setBuddy(m_top);
    m_marked = new QLabel(page);
    m_marked->setObjectName("markedTrialsLabel");
    setLook(m_marked, Look::Muted);
    m_clear = new QPushButton(themedIcon("close"), {}, page);
    m_clear->setObjectName("clearMarksButton");
    auto* row = new QHBoxLayout;
    row->addWidget(m_topLabel);
    row->addWidget(m_top);
    row->addWidget(m_marked, 1);
    row->addWidget(m_clear);
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(14, 10, 10, 8);
    column->addLayout(row);
    column->addWidget(m_parallel, 1);
    connect(m_top, &QSpinBox::valueChanged, this, &StudyCharts::drawParallel);
    connect(m_clear, &QPushButton::clicked, m_parallel, &ParallelView::clearBrushes);
    connect(m_parallel, &ParallelView::marksChanged, this, &StudyCharts::countMarked);
    return page;
}

void StudyCharts::show(const StudySnapshot* snapshot) {
    m_snapshot = snapshot;
    m_isOld.fill(true);
    if (snapshot == nullptr) {
        m_parameters->show(nullptr); // what it shows is gone
        m_parallel->setData({});
        m_tradeoff->show(nullptr);
        m_rungs->show(nullptr);
    }
    offerRecipes();
    draw();
}

/// The tab is there for studies of that kind, and in front when such a one is opened.
void StudyCharts::offerRecipes() {
    m_comparison.reset();
    if (m_snapshot != nullptr && !m_snapshot->study.confirms.isValid()) // that one has its own words
        m_comparison = compareRecipes(m_snapshot->study.spec, m_snapshot->records);
    const bool isOffered = m_comparison.has_value();
    setTabVisible(Recipes, isOffered);
    if (isOffered && m_offered != m_snapshot->study.id)
        setCurrentIndex(Recipes);
    m_offered = isOffered ? m_snapshot->study.id : StudyId{};
}

void StudyCharts::choose(std::optional<std::int64_t> number) {
    if (number == m_chosen)
        return;
    m_chosen = number;
    m_parallel->setChosen(number);
    m_parameters->choose(number);
    m_tradeoff->choose(number);
    m_isOld[Curves] = true;
    m_isOld[Best] = true;
    draw();
}

void StudyCharts::draw() {
    const int front = currentIndex();
    if (front < 0 || !std::exchange(m_isOld[static_cast<std::size_t>(front)], false))
        return;
    if (front == Curves)
        drawCurves();
    else if (front == Best)
        drawBest();
    else if (front == Parameters)
        m_parameters->show(m_snapshot);
    else if (front == Parallel)
        drawParallel();
    else if (front == Tradeoff)
        m_tradeoff->show(m_snapshot);
    else if (front == Rungs)
        m_rungs->show(m_snapshot);
    else
        m_recipes->show(m_comparison);
}

void StudyCharts::drawCurves() {
    if (m_snapshot == nullptr)
        return m_curves->setData({});
    ChartData chart = m_snapshot->curves;
    emphasize(chart, *m_snapshot, m_chosen);
    chart.title = tr("Learning curves").toStdString();
    chart.x.label = translatedName(chart.x.label);
    chart.y.label = metricLabel(chart.y.label).toStdString();
    refreshChart(*m_curves, std::move(chart));
}

void StudyCharts::drawBest() {
    if (m_snapshot == nullptr || m_compute->currentIndex() < 0)
        return m_best->setData({});
    const Compute compute = kComputes[static_cast<std::size_t>(m_compute->currentIndex())];
    ChartData chart = bestSoFarChart(m_snapshot->trials, compute);
    chart.title = tr("Best so far").toStdString();
    chart.y.label = metricLabel(chart.y.label).toStdString();
    translateNames(chart);
    for (const BestPoint& point : measuredPoints(m_snapshot->trials, compute))
        if (point.trial == m_chosen)
            markTrial(chart, trialName(point.trial), point.compute, point.value);
    refreshChart(*m_best, std::move(chart));
}

void StudyCharts::drawParallel() {
    ParallelCoordinates chart;
    if (m_snapshot != nullptr)
        chart = parallelCoordinates(m_snapshot->trials, static_cast<double>(m_top->value()) / kAll);
    for (ParallelAxis& axis : chart.axes)
        axis.label =
            (axis.isObjective ? metricLabel(axis.label) : parameterLabel(m_recipe, axis.label)).toStdString();
    m_parallel->setData(std::move(chart));
    countMarked();
}

void StudyCharts::countMarked() {
    const auto all = static_cast<int>(m_parallel->data().lines.size());
    const auto marked = static_cast<int>(m_parallel->marked().size());
    m_clear->setEnabled(marked < all);
    if (all == 0)
        m_marked->setText(tr("A line appears for each trial that is complete."));
    else if (marked < all)
        m_marked->setText(tr("%1 of %2 trials run through the marked ranges.").arg(marked).arg(all));
    else
        m_marked->setText(tr("Drag along an axis to mark a range (keys: arrows)."));
}

void StudyCharts::retranslate() {
    setTabText(Curves, tr("&Curves", "tab"));
    setTabText(Best, tr("&Best so far", "tab"));
    setTabText(Parameters, tr("Fie&lds", "tab"));
    setTabText(Parallel, tr("&Parallel", "tab"));
    setTabText(Tradeoff, tr("Tra&de-off", "tab"));
    setTabText(Rungs, tr("Run&gs", "tab"));
    setTabText(Recipes, tr("Recip&es", "tab"));
    setAccessibleName(tr("Charts of the study"));
    m_curves->setEmptyText(tr("The curves of all trials appear here as soon as one has a value."));
    m_best->setEmptyText(tr("The best value appears here once a trial is complete."));
    m_computeLabel->setText(tr("&Over", "best value over compute"));
    m_compute->setAccessibleName(tr("What the progress is measured against"));
    const QString computes[] = {tr("trials"), tr("steps"), tr("full runs"), tr("time")};
    {
        const QSignalBlocker silent(m_compute);
        for (std::size_t i = 0; i < kComputes.size(); ++i)
            m_compute->setItemText(static_cast<int>(i), computes[i]);
    }
    m_topLabel->setText(tr("Best sh&are"));
    m_top->setSuffix(tr(" %", "per cent"));
    m_top->setAccessibleName(tr("Share of the best trials that is not dim"));
    m_clear->setText(tr("Clear &marks"));
    m_clear->setToolTip(tr("Take all marked ranges away (Esc on the chart)"));
    m_parameters->retranslate();
    m_tradeoff->retranslate();
    m_rungs->retranslate();
    m_recipes->retranslate();
    m_isOld.fill(true);
    draw();
}

} // namespace lathe
