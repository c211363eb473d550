#include "widgets/charts/live_chart.h"

#include "core/session/metric_label.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

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
    empty.y = {{}, m_unit.toStdString(), yScale() == AxisScale::Log}; // the title or the legend names it
    setData(std::move(empty));
    setMarker(std::nullopt);
}

std::vector<TrialId> LiveChart::trials() const {
    std::vector<TrialId> found;
    for (const Held& line : m_held)
        if (std::ranges::find(found, line.trial) == found.end())
            found.push_back(line.trial);
    return found;
}

/// A trial is named only where there are several to tell apart.
std::string LiveChart::layerNameOf(const Held& line) const {
    const QString metric = metricLabel(line.metric);
    if (trials().size() <= 1)
        return metric.toStdString();
    const auto named = m_trialNames.find(line.trial);
    const QString trial = named != m_trialNames.end() ? named->second : tr("trial %1").arg(line.trial.value);
    return tr("%1: %2", "trial: metric").arg(trial, metric).toStdString();
}

void LiveChart::nameLines() {
    for (const Held& line : m_held)
        if (const std::string name = layerNameOf(line); seriesNames()[line.layer] != name)
            renameLine(line.layer, name);
}

LiveChart::Held& LiveChart::held(const MetricPoint& point) {
    const auto known = std::ranges::find_if(m_held, [&point](const Held& line) {
        return line.trial == point.trial && line.metric == point.name;
    });
    if (known != m_held.end())
        return *known;
    m_held.push_back({point.trial, point.name, 0, {}});
    const std::vector<TrialId> all = trials();
    const auto trial = std::ranges::find(all, point.trial) - all.begin();
    const auto metric = std::ranges::find(m_metrics, point.name) - m_metrics.begin();
    const auto style = trial * static_cast<std::ptrdiff_t>(m_metrics.size()) + metric;
    m_held.back().layer = addLine({layerNameOf(m_held.back()), {}, {}, static_cast<int>(style)});
    nameLines();
    return m_held.back();
}

void LiveChart::hold(Held& line, const MetricPoint& point) {
    const auto place = lowerBound(line.points, point.step);
    if (place != line.points.end() && place->step == point.step) {
        *place = point;
        m_isBestOld = true;
    } else {
        line.points.insert(place, point);
        consider(line, point);
    }
}

void LiveChart::append(std::span<const MetricPoint> points) {
    // A stored run comes in one piece: one pass over each line instead of one announcement a point.
    constexpr std::size_t kManyPoints = 500;
    const bool isBulk = points.size() > kManyPoints;
    std::set<std::size_t> touched;
    bool hasNews = false;
    for (const MetricPoint& point : points) {
        if (std::ranges::find(m_metrics, point.name) == m_metrics.end())
            continue;
        Held& line = held(point);
        hold(line, point);
        if (isBulk)
            touched.insert(line.layer);
        else
            putPoint(line.layer, static_cast<double>(point.step), point.value);
        hasNews = true;
    }
    for (const Held& line : m_held)
        if (touched.contains(line.layer))
            redraw(line);
    if (!hasNews)
        return;
    m_isReplotDue = true;
    if (!m_replotTimer.isActive())
        changed();
}

void LiveChart::redraw(const Held& line) {
    std::vector<double> x, y;
    for (const MetricPoint& point : line.points) {
        x.push_back(static_cast<double>(point.step));
        y.push_back(point.value);
    }
    setPoints(line.layer, std::move(x), std::move(y));
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
    m_isBestOld = true;
    changed();
}

void LiveChart::setTrialName(TrialId trial, const QString& name) {
    m_trialNames[trial] = name;
    nameLines();
}

std::vector<MetricPoint> LiveChart::series(std::string_view metric, std::optional<TrialId> trial) const {
    for (const Held& line : m_held)
        if (line.metric == metric && (!trial || line.trial == *trial))
            return line.points;
    return {};
}

void LiveChart::trackBest(std::string metric, Direction direction) {
    m_objective.emplace(std::move(metric), direction);
    m_isBestOld = true;
    updateBest();
}

std::optional<std::int64_t> LiveChart::bestStep() const {
    return m_best ? std::optional(m_best->step) : std::nullopt;
}

/// Takes the point as the best if it is.
void LiveChart::consider(const Held& line, const MetricPoint& point) {
    if (!m_objective || line.metric != m_objective->first || !std::isfinite(point.value))
        return;
    const bool isLower = m_best && point.value < m_best->value;
    const bool isHigher = m_best && point.value > m_best->value;
    if (!m_best || (m_objective->second == Direction::Minimize ? isLower : isHigher))
        m_best = point;
}

void LiveChart::updateBest() {
    if (!m_objective)
        return;
    if (std::exchange(m_isBestOld, false)) {
        m_best.reset();
        for (const Held& line : m_held)
            for (const MetricPoint& point : line.points)
                consider(line, point);
    }
    if (m_best)
        setMarker(static_cast<double>(m_best->step), tr("best: step %1").arg(m_best->step));
    else
        setMarker(std::nullopt);
}

} // namespace lathe
