#include "widgets/charts/live_chart.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace lathe {

namespace {

constexpr int kReplotIntervalMs = 34; // at most 30 a second

auto lowerBound(std::vector<MetricPoint>& points, std::int64_t step) {
    return std::lower_bound(points.begin(), points.end(), step,
                            [](const MetricPoint& point, std::int64_t s) { return point.step < s; });
}

} // namespace

LiveChart::LiveChart(const QString& title, const QString& unit, std::vector<std::string> metrics,
                     QWidget* parent)
    : ChartView(parent), m_title(title), m_unit(unit), m_metrics(std::move(metrics)) {
    m_replotTimer.setSingleShot(true);
    m_replotTimer.setInterval(kReplotIntervalMs);
    connect(&m_replotTimer, &QTimer::timeout, this, [this] {
        if (m_isReplotDue)
            changed();
    });
    setEmptyText(tr("No data yet. The first point comes with the first step."));
    clear();
}

void LiveChart::clear() {
    m_held.clear();
    m_best.reset();
    ChartData empty;
    empty.title = m_title.toStdString();
    empty.x = {tr("step").toStdString(), {}, xScale() == AxisScale::Log};
    empty.y = {m_metrics.size() == 1 ? m_metrics.front() : std::string(), m_unit.toStdString(),
               yScale() == AxisScale::Log};
    setData(std::move(empty));
    setMarker(std::nullopt);
}

std::string LiveChart::layerNameOf(const Held& line) const {
    std::set<TrialId> trials{line.trial};
    for (const Held& other : m_held)
        trials.insert(other.trial);
    const auto named = m_trialNames.find(line.trial);
    if (named == m_trialNames.end() && trials.size() == 1)
        return line.metric;
    const std::string trial = named != m_trialNames.end()
                                  ? named->second.toStdString()
                                  : tr("trial %1").arg(line.trial.value).toStdString();
    return trial + ' ' + line.metric;
}

LiveChart::Held& LiveChart::held(const MetricPoint& point) {
    const auto known = std::find_if(m_held.begin(), m_held.end(), [&point](const Held& line) {
        return line.trial == point.trial && line.metric == point.name;
    });
    if (known != m_held.end())
        return *known;
    Held line{point.trial, point.name, 0, {}};
    const auto metric = std::find(m_metrics.begin(), m_metrics.end(), point.name) - m_metrics.begin();
    const bool isNewTrial = std::none_of(m_held.begin(), m_held.end(),
                                         [&point](const Held& other) { return other.trial == point.trial; });
    std::set<TrialId> trials;
    for (const Held& other : m_held)
        trials.insert(other.trial);
    const auto trialIndex = static_cast<int>(trials.size()) - (isNewTrial ? 0 : 1);
    const int style = trialIndex * static_cast<int>(m_metrics.size()) + static_cast<int>(metric);
    line.layer = addLine({layerNameOf(line), {}, {}, style});
    m_held.push_back(std::move(line));
    return m_held.back();
}

void LiveChart::put(Held& line, const MetricPoint& point) {
    const auto place = lowerBound(line.points, point.step);
    if (place != line.points.end() && place->step == point.step)
        *place = point;
    else
        line.points.insert(place, point);
    putPoint(line.layer, static_cast<double>(point.step), point.value);
}

void LiveChart::append(std::span<const MetricPoint> points) {
    bool hasNews = false;
    for (const MetricPoint& point : points) {
        if (std::find(m_metrics.begin(), m_metrics.end(), point.name) == m_metrics.end())
            continue;
        put(held(point), point);
        hasNews = true;
    }
    if (!hasNews)
        return;
    m_isReplotDue = true;
    if (!m_replotTimer.isActive())
        changed();
}

void LiveChart::changed() {
    m_isReplotDue = false;
    m_replotTimer.start();
    updateBest();
    pointsChanged();
}

void LiveChart::rewind(TrialId trial, std::int64_t step) {
    for (Held& line : m_held) {
        if (line.trial != trial)
            continue;
        line.points.erase(lowerBound(line.points, step + 1), line.points.end());
        dropPointsAfter(line.layer, static_cast<double>(step));
    }
    changed();
}

void LiveChart::setTrialName(TrialId trial, const QString& name) { m_trialNames[trial] = name; }

std::vector<MetricPoint> LiveChart::series(std::string_view metric, std::optional<TrialId> trial) const {
    for (const Held& line : m_held)
        if (line.metric == metric && (!trial || line.trial == *trial))
            return line.points;
    return {};
}

void LiveChart::trackBest(std::string metric, Direction direction) {
    m_objective.emplace(std::move(metric), direction);
    updateBest();
}

std::optional<std::int64_t> LiveChart::bestStep() const {
    return m_best ? std::optional(m_best->step) : std::nullopt;
}

void LiveChart::updateBest() {
    if (!m_objective)
        return;
    m_best.reset();
    for (const Held& line : m_held) {
        for (const MetricPoint& point : line.points) {
            if (line.metric != m_objective->first || !std::isfinite(point.value))
                continue;
            const bool isBetter = m_objective->second == Direction::Minimize
                                      ? !m_best || point.value < m_best->value
                                      : !m_best || point.value > m_best->value;
            if (isBetter)
                m_best = point;
        }
    }
    if (m_best)
        setMarker(static_cast<double>(m_best->step), tr("best: step %1").arg(m_best->step));
    else
        setMarker(std::nullopt);
}

} // namespace lathe
