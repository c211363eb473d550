#include "widgets/pages/study_parameters.h"

#include "core/session/metric_label.h"
#include "core/session/study_trial_model.h"
#include "core/session/text.h"
#include "widgets/charts/chart_view.h"
#include "widgets/forms/elided.h"
#include "widgets/pages/study_chart_texts.h"
#include "widgets/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

QLabel* makeNote(QWidget* parent, const char* name) {
    auto* note = new QLabel(parent);
    note->setObjectName(QLatin1String(name));
    note->setTextFormat(Qt::PlainText);
    note->setWordWrap(true);
    setLook(note, Look::Muted);
    return note;
}

/// What stands at an axis of names: "0 lora, 1 ia3".
QString namedTicks(const ParameterSlice& slice, const SearchDimension& dimension) {
    if (!ParameterAxis(dimension).isNamed())
        return {};
    QStringList names;
    for (std::size_t i = 0; i < slice.ticks.size(); ++i)
        names << QStringLiteral("%1 %2").arg(i).arg(toQString(slice.ticks[i].text));
    return QStringLiteral(" (%1)").arg(names.join(QStringLiteral(", ")));
}

} // namespace

StudyParameters::StudyParameters(const ParamSchema& recipe, QWidget* parent)
    : QWidget(parent),
      m_recipe(recipe),
      m_importance(new ChartView(this)),
      m_importanceNote(makeNote(this, "importanceNoteLabel")),
      m_keyLabel(new QLabel(this)),
      m_keys(new ElidedComboBox(this)),
      m_slice(new ChartView(this)),
      m_correlation(makeNote(this, "correlationLabel")) {
    setObjectName("studyParameters");
    m_importance->setObjectName("importanceChart");
    m_slice->setObjectName("sliceChart");
    m_keys->setObjectName("sliceParameterBox");
    m_keyLabel->setBuddy(m_keys);
    auto* left = new QVBoxLayout;
    left->addWidget(m_importance, 1);
    left->addWidget(m_importanceNote);
    auto* picker = new QHBoxLayout;
    picker->addWidget(m_keyLabel);
    picker->addWidget(m_keys, 1);
    auto* right = new QVBoxLayout;
    right->addLayout(picker);
    right->addWidget(m_slice, 1);
    right->addWidget(m_correlation);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 8, 0, 0);
    row->setSpacing(12);
    row->addLayout(left, 1);
    row->addLayout(right, 1);
    connect(m_keys, &QComboBox::currentIndexChanged, this, &StudyParameters::showSlice);
    connect(m_slice, &ChartView::pointPicked, this, [this](std::size_t, double x, double y) { pick(x, y); });
    retranslate();
}

void StudyParameters::show(const StudySnapshot* snapshot) {
    m_snapshot = snapshot;
    if (snapshot == nullptr) {
        m_keys->clear();
        m_importance->setData({});
        m_importanceNote->clear();
        return;
    }
    fillKeys(*snapshot);
    showImportance(*snapshot);
    showSlice();
}

void StudyParameters::fillKeys(const StudySnapshot& snapshot) {
    QStringList keys;
    for (const SearchDimension& dimension : snapshot.trials.space)
        keys << toQString(dimension.key);
    QStringList shown;
    for (int i = 0; i < m_keys->count(); ++i)
        shown << m_keys->itemData(i).toString();
    if (keys == shown)
        return;
    const QSignalBlocker silent(m_keys);
    m_keys->clear();
    for (const QString& key : std::as_const(keys))
        m_keys->addItem(parameterLabel(m_recipe, key.toStdString()), key);
}

void StudyParameters::showImportance(const StudySnapshot& snapshot) {
    const Importances& importances = snapshot.importances;
    ChartData chart = importanceChart(importances);
    translateNames(chart);
    chart.title = tr("Importance of each field").toStdString();
    for (Layer& layer : chart.layers)
        for (std::string& label : std::get<Bars>(layer).labels)
            label = parameterLabel(m_recipe, label).toStdString();
    refreshChart(*m_importance, std::move(chart));
    if (!importances.isEnough())
        m_importanceNote->setText(tr("Importance takes %1 complete trials; there are %2.")
                                      .arg(importances.needed)
                                      .arg(importances.trials));
    else if (importances.isRough)
        m_importanceNote->setText(
            tr("From %1 trials: too few to rely on the order.").arg(importances.trials));
    else
        m_importanceNote->setText(
            tr("What sets the best trials apart from all %1, by PED-ANOVA.").arg(importances.trials));
}

void StudyParameters::showSlice() {
    const int index = m_keys->currentIndex();
    m_points.clear();
    if (m_snapshot == nullptr || index < 0) {
        m_slice->setData({});
        m_correlation->clear();
        return;
    }
    const StudyTrials& trials = m_snapshot->trials;
    const SearchDimension& dimension = trials.space[static_cast<std::size_t>(index)];
    const ParameterSlice slice = parameterSlice(trials, dimension.key);
    const QString label = parameterLabel(m_recipe, dimension.key);
    ChartData chart = sliceChart(slice, metricLabel(trials.objectives.front().metric).toStdString());
    chart.title = label.toStdString();
    chart.x.label = (label + namedTicks(slice, dimension)).toStdString();
    translateNames(chart);
    m_points = slice.points;
    for (const SlicePoint& point : m_points)
        if (point.trial == m_chosen)
            markTrial(chart, trialName(point.trial), point.x, point.y);
    refreshChart(*m_slice, std::move(chart));
    const auto found = std::ranges::find(m_snapshot->correlations, dimension.key, &ParamCorrelation::key);
    m_correlation->setText(found == m_snapshot->correlations.end()
                               ? tr("Its values have no order, so there is no rank correlation.")
                               : correlationText(*found));
}

void StudyParameters::choose(std::optional<std::int64_t> number) {
    m_chosen = number;
    showSlice();
}

void StudyParameters::pick(double x, double y) {
    const auto found = std::ranges::find_if(
        m_points, [x, y](const SlicePoint& point) { return point.x == x && point.y == y; });
    if (found != m_points.end())
        Q_EMIT trialPicked(found->trial);
}

QString StudyParameters::correlationText(const ParamCorrelation& correlation) const {
    const RankCorrelation& rank = correlation.spearman;
    const auto number = [](double value) { return QLocale().toString(value, 'f', 2); };
    if (std::isnan(rank.coefficient) || rank.count < 4)
        return tr("Rank correlation takes 4 complete trials with different values.");
    return tr("Rank correlation %1 (95 %: %2 to %3; p = %4; %5 trials)")
        .arg(number(rank.coefficient), number(rank.low), number(rank.high), number(rank.pValue))
        .arg(rank.count);
}

void StudyParameters::retranslate() {
    m_keyLabel->setText(tr("F&ield"));
    m_keys->setAccessibleName(tr("Field against the objective"));
    m_importance->setEmptyText(tr("Too few complete trials for now."));
    m_slice->setEmptyText(tr("No trial has a value of this field yet."));
    {
        const QSignalBlocker silent(m_keys);
        for (int i = 0; i < m_keys->count(); ++i)
            m_keys->setItemText(i, parameterLabel(m_recipe, m_keys->itemData(i).toString().toStdString()));
    }
    show(m_snapshot);
}

} // namespace lathe
