#include "widgets/pages/study_comparison.h"

#include "core/session/metric_label.h"
#include "core/session/study_board.h"
#include "core/session/text.h"
#include "widgets/charts/chart_view.h"
#include "widgets/forms/elided.h"
#include "widgets/pages/study_chart_texts.h"
#include "widgets/theme/theme.h"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QSplitter>
#include <QTableWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

constexpr QSize kFirstSize{1080, 660};
constexpr int kValueWidth = 120;
enum Over { Steps, Seconds };

/// Counts are told whole.
QString number(double value) {
    constexpr double kMostExact = 1e15;
    if (std::abs(value) < kMostExact && value == std::floor(value))
        return QLocale().toString(static_cast<qlonglong>(value));
    return QLocale().toString(value, 'g', 4);
}

QString valueText(const MeasuredValue& value) {
    if (value.runs == 0)
        return QStringLiteral("–");
    if (value.runs == 1)
        return number(value.mean);
    return StudyComparison::tr("%1 ± %2 (%3 runs)")
        .arg(number(value.mean), number(value.halfWidth))
        .arg(value.runs);
}

QTableWidgetItem* makeItem(const QString& text, bool isBold) {
    auto* item = new QTableWidgetItem(text);
    item->setToolTip(text);
    QFont font = item->font();
    font.setBold(isBold);
    item->setFont(font);
    return item;
}

} // namespace

StudyComparison::StudyComparison(StudyBoard& board, const ParamSchema& recipe, std::set<std::int64_t> numbers,
                                 QWidget* parent)
    : QDialog(parent),
      m_board(board),
      m_recipe(recipe),
      m_study(board.shown()),
      m_numbers(std::move(numbers)) {
    setObjectName("comparisonDialog");
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Compare trials"));
    resize(kFirstSize);
    auto* split = new QSplitter(Qt::Horizontal, this);
    split->setChildrenCollapsible(false);
    split->setHandleWidth(12);
    split->addWidget(makeCurves());
    split->addWidget(makeTables());
    split->setSizes({kFirstSize.width() / 2, kFirstSize.width() / 2});
    auto* buttons = new QDialogButtonBox(this);
    buttons->addButton(tr("&Close"), QDialogButtonBox::RejectRole)->setObjectName("closeComparisonButton");
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 16, 20, 16);
    column->setSpacing(12);
    column->addWidget(m_verdict);
    column->addWidget(split, 1);
    column->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(&m_board, &StudyBoard::changed, this, &StudyComparison::take);
    connect(&m_board, &StudyBoard::pointsRead, this,
            [this](const QString& metric, const QVector<MetricPoint>& points) {
                if (metric == m_metric->currentData().toString())
                    takePoints(points);
            });
    take();
}

QWidget* StudyComparison::makeCurves() {
    m_verdict = new QLabel(this);
    m_verdict->setObjectName("verdictLabel");
    m_verdict->setTextFormat(Qt::PlainText);
    m_verdict->setWordWrap(true);
    setLook(m_verdict, Look::Heading);
    auto* curves = new QWidget(this);
    m_metric = new ElidedComboBox(curves);
    m_metric->setObjectName("comparedMetricBox");
    m_metric->setAccessibleName(tr("Metric of the curves"));
    m_over = new QComboBox(curves);
    m_over->setObjectName("comparedOverBox");
    m_over->addItems({tr("steps"), tr("time")});
    m_over->setAccessibleName(tr("What the curves run over"));
    auto* label = new QLabel(tr("&Metric"), curves);
    label->setBuddy(m_metric);
    auto* over = new QLabel(tr("&over", "metric over steps"), curves);
    over->setBuddy(m_over);
    m_chart = new ChartView(curves);
    m_chart->setObjectName("comparisonChart");
    m_chart->setEmptyText(tr("None of these trials has reported this metric."));
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(label);
    row->addWidget(m_metric, 1);
    row->addWidget(over);
    row->addWidget(m_over);
    auto* column = new QVBoxLayout(curves);
    column->setContentsMargins(0, 0, 0, 0);
    column->addLayout(row);
    column->addWidget(m_chart, 1);
    connect(m_metric, &QComboBox::currentIndexChanged, this, &StudyComparison::askCurves);
    connect(m_over, &QComboBox::currentIndexChanged, this, &StudyComparison::drawCurves);
    return curves;
}

QWidget* StudyComparison::makeTables() {
    auto* tables = new QWidget(this);
    m_results = makeTable("comparedResultsTable", tr("Results of the trials"));
    m_fields = makeTable("comparedFieldsTable", tr("Recipes of the trials"));
    m_all = new QCheckBox(tr("&All fields of the recipes"), tables);
    m_all->setObjectName("allFieldsCheckBox");
    auto* column = new QVBoxLayout(tables);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    column->addWidget(m_results, 1);
    column->addWidget(m_all);
    column->addWidget(m_fields, 1);
    connect(m_all, &QCheckBox::toggled, this, &StudyComparison::fillRecipes);
    return tables;
}

QTableWidget* StudyComparison::makeTable(const char* name, const QString& accessibleName) {
    auto* table = new QTableWidget(this);
    table->setObjectName(QLatin1String(name));
    table->setAccessibleName(accessibleName);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    table->setAlternatingRowColors(true);
    table->setShowGrid(false);
    table->setWordWrap(false);
    table->setTabKeyNavigation(false); // Tab leaves the table
    table->verticalHeader()->hide();
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    return table;
}

void StudyComparison::take() {
    if (m_board.shown() != m_study) {
        reject();
        return;
    }
    if (m_board.snapshot() == nullptr)
        return;
    m_comparison = compareTrials(*m_board.snapshot(), std::vector(m_numbers.begin(), m_numbers.end()));
    m_verdict->setText(verdict());
    fillResults();
    fillRecipes();
    fillMetrics();
    askCurves();
}

/// What any of them has reported; at first what leads to the objective.
void StudyComparison::fillMetrics() {
    const StudySnapshot& study = *m_board.snapshot();
    std::set<std::string> names;
    for (const TrialRecord& trial : study.records)
        if (m_numbers.contains(trial.number))
            for (const auto& [name, value] : trial.lastValues)
                names.insert(name);
    if (static_cast<int>(names.size()) == m_metric->count())
        return; // they are never taken back
    const QSignalBlocker silent(m_metric);
    const QString chosen =
        m_metric->count() > 0 ? m_metric->currentData().toString() : toQString(curveMetricOf(study));
    m_metric->clear();
    for (const std::string& name : names)
        m_metric->addItem(metricLabel(name), toQString(name));
    m_metric->setCurrentIndex(std::max(0, m_metric->findData(chosen)));
}

void StudyComparison::askCurves() {
    if (m_metric->currentIndex() >= 0)
        m_board.requestPoints(m_metric->currentData().toString());
}

void StudyComparison::takePoints(const QVector<MetricPoint>& points) {
    m_points = points;
    drawCurves();
}

void StudyComparison::drawCurves() {
    const StudySnapshot* study = m_board.snapshot();
    if (study == nullptr)
        return;
    const bool isOverTime = m_over->currentIndex() == Seconds;
    ChartData chart;
    chart.title = m_metric->currentText().toStdString();
    chart.y.label = chart.title;
    chart.x.label = (isOverTime ? tr("time (s)") : tr("step")).toStdString();
    int style = 0;
    for (const std::int64_t trial : m_comparison.numbers) {
        const auto record = std::ranges::find(study->records, trial, &TrialRecord::number);
        Lines line{trialName(trial), {}, {}, style++};
        for (const MetricPoint& point : m_points) {
            if (record == study->records.end() || point.trial != record->id)
                continue;
            line.x.push_back(isOverTime ? point.seconds : static_cast<double>(point.step));
            line.y.push_back(point.value);
        }
        if (!line.x.empty())
            chart.layers.emplace_back(std::move(line));
    }
    refreshChart(*m_chart, std::move(chart));
}

void StudyComparison::setColumns(QTableWidget& table, const QString& first) const {
    QStringList headers{first};
    for (const std::int64_t trial : m_comparison.numbers)
        headers << toQString(trialName(trial));
    if (table.columnCount() != static_cast<int>(headers.size())) {
        table.setColumnCount(static_cast<int>(headers.size()));
        table.horizontalHeader()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
        for (int column = 1; column < table.columnCount(); ++column)
            table.setColumnWidth(column, kValueWidth);
        table.horizontalHeader()->setStretchLastSection(true);
    }
    table.setHorizontalHeaderLabels(headers);
}

void StudyComparison::fillResults() {
    setColumns(*m_results, tr("Result"));
    m_results->setRowCount(static_cast<int>(m_comparison.measures.size()));
    for (int row = 0; row < m_results->rowCount(); ++row) {
        const ComparedMeasure& measure = m_comparison.measures[static_cast<std::size_t>(row)];
        m_results->setItem(row, 0, makeItem(measureLabel(measure.measure.name), false));
        for (std::size_t i = 0; i < measure.values.size(); ++i)
            m_results->setItem(row, static_cast<int>(i) + 1,
                               makeItem(valueText(measure.values[i]), measure.best == i));
    }
}

void StudyComparison::fillRecipes() {
    setColumns(*m_fields, tr("Field"));
    std::vector<const ComparedField*> shown;
    for (const ComparedField& field : m_comparison.fields)
        if (field.isDifferent || m_all->isChecked())
            shown.push_back(&field);
    m_fields->setRowCount(static_cast<int>(shown.size()));
    for (int row = 0; row < m_fields->rowCount(); ++row) {
        const ComparedField& field = *shown[static_cast<std::size_t>(row)];
        m_fields->setItem(row, 0, makeItem(parameterLabel(m_recipe, field.key), false));
        for (std::size_t i = 0; i < field.values.size(); ++i) {
            const QString text = field.values[i] ? parameterText(*field.values[i]) : QStringLiteral("–");
            const bool isBold = field.isDifferent && m_all->isChecked();
            m_fields->setItem(row, static_cast<int>(i) + 1, makeItem(text, isBold));
        }
    }
}

QString StudyComparison::verdict() const {
    if (m_comparison.numbers.size() < 2)
        return tr("These trials are runs of one recipe.");
    if (!m_comparison.verdict)
        return tr("Fewer than two of these trials have a result so far.");
    const bool isLevel = !m_comparison.measures.front().best;
    return isLevel ? tr("The best of these trials are level.") : verdictText(*m_comparison.verdict);
}

QString StudyComparison::verdictText(const SeedComparison& verdict) {
    const bool isTurned = verdict.outcome == SeedComparison::Outcome::SecondBetter;
    const QString first = toQString(isTurned ? verdict.second : verdict.first);
    const QString second = toQString(isTurned ? verdict.first : verdict.second);
    const QString by = tr("%1 ± %2").arg(number(std::abs(verdict.difference)), number(verdict.halfWidth));
    const std::size_t firstRuns = isTurned ? verdict.secondCount : verdict.firstCount;
    const std::size_t secondRuns = isTurned ? verdict.firstCount : verdict.secondCount;
    switch (verdict.outcome) {
    case SeedComparison::Outcome::TooFew:
        return tr("%1 is ahead of %2; whether by chance, only further runs with other seeds can tell.")
            .arg(first, second);
    case SeedComparison::Outcome::WithinNoise:
        return tr("%1 and %2 differ by %3 (%4 and %5 runs): within noise.")
            .arg(first, second, by)
            .arg(firstRuns)
            .arg(secondRuns);
    case SeedComparison::Outcome::FirstBetter:
    case SeedComparison::Outcome::SecondBetter:
        return tr("%1 beats %2 by %3 (%4 and %5 runs).")
            .arg(first, second, by)
            .arg(firstRuns)
            .arg(secondRuns);
    }
    return {};
}

} // namespace lathe
