#include "widgets/charts/chart_state.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lathe {

namespace {

struct Charts {
    Q_DECLARE_TR_FUNCTIONS(Charts)
};

void sortByX(std::vector<double>& x, std::initializer_list<std::vector<double>*> others) {
    std::vector<std::size_t> order(x.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::erase_if(order, [&x](std::size_t i) { return !std::isfinite(x[i]); });
    std::stable_sort(order.begin(), order.end(), [&x](std::size_t a, std::size_t b) { return x[a] < x[b]; });
    const auto pick = [&order](std::vector<double>& values) {
        std::vector<double> picked;
        picked.reserve(order.size());
        for (const std::size_t i : order)
            picked.push_back(values[i]);
        values = std::move(picked);
    };
    for (std::vector<double>* values : others)
        pick(*values);
    pick(x);
}

bool isTidy(const std::vector<double>& x) {
    return std::all_of(x.begin(), x.end(), [](double v) { return std::isfinite(v); }) &&
           std::is_sorted(x.begin(), x.end());
}

void widen(std::optional<ValueRange>& range, double value, bool isLog) {
    if (!std::isfinite(value) || (isLog && value <= 0))
        return;
    if (!range)
        range = ValueRange{value, value};
    range->low = std::min(range->low, value);
    range->high = std::max(range->high, value);
}

void widenX(std::optional<ValueRange>& range, const Layer& layer, bool isLog) {
    std::visit(
        [&](const auto& l) {
            using L = std::decay_t<decltype(l)>;
            if constexpr (std::is_same_v<L, Bars>) {
                widen(range, -0.5, false);
                widen(range, static_cast<double>(l.values.size()) - 0.5, false);
            } else if constexpr (std::is_same_v<L, Heat>) {
                widen(range, -0.5, false);
                widen(range, static_cast<double>(l.columns) - 0.5, false);
            } else {
                const std::size_t count = l.x.size();
                // Sorted, so the ends tell; a logarithmic axis starts at the first positive value.
                const auto first =
                    isLog ? std::upper_bound(l.x.begin(), l.x.end(), 0.0) - l.x.begin() : std::ptrdiff_t{0};
                if (static_cast<std::size_t>(first) < count) {
                    widen(range, l.x[static_cast<std::size_t>(first)], isLog);
                    widen(range, l.x.back(), isLog);
                }
            }
        },
        layer);
}

template <typename Series>
std::pair<std::size_t, std::size_t> indexesWithin(const Series& s, std::optional<ValueRange> within) {
    if (!within)
        return {0, s.x.size()};
    const auto from = std::lower_bound(s.x.begin(), s.x.end(), within->low);
    const auto to = std::upper_bound(s.x.begin(), s.x.end(), within->high);
    return {static_cast<std::size_t>(from - s.x.begin()),
            static_cast<std::size_t>(std::max(from, to) - s.x.begin())};
}

void widenY(std::optional<ValueRange>& range, const Layer& layer, bool isLog,
            std::optional<ValueRange> within) {
    std::visit(
        [&](const auto& l) {
            using L = std::decay_t<decltype(l)>;
            if constexpr (std::is_same_v<L, Bars>) {
                widen(range, 0, isLog);
                for (const double value : l.values)
                    widen(range, value, isLog);
            } else if constexpr (std::is_same_v<L, Heat>) {
                widen(range, -0.5, false);
                widen(range, static_cast<double>(l.rows) - 0.5, false);
            } else {
                const auto [from, to] = indexesWithin(l, within);
                for (std::size_t i = from; i < to; ++i) {
                    if constexpr (std::is_same_v<L, Band>) {
                        widen(range, l.low[i], isLog);
                        widen(range, l.high[i], isLog);
                    } else {
                        widen(range, l.y[i], isLog);
                    }
                }
            }
        },
        layer);
}

bool isSmoothed(const ChartState& state, std::size_t layer) {
    return state.smoothing > 0 && isSmoothable(state.data.layers[layer]);
}

/// One step of core's smoothed(); a test holds the two together.
void pushSmooth(LayerFacts& facts, double value, double weight) {
    if (!std::isfinite(value)) {
        facts.smooth.push_back(value);
        return;
    }
    facts.weightedSum = weight * facts.weightedSum + (1 - weight) * value;
    facts.weightLeft *= weight;
    facts.smooth.push_back(facts.weightedSum / (1 - facts.weightLeft));
}

QString seriesSummary(const std::string& name, PointsView points) {
    const auto firstFinite =
        std::find_if(points.y.begin(), points.y.end(), [](double v) { return std::isfinite(v); });
    if (firstFinite == points.y.end())
        return Charts::tr("%1: no finite value.").arg(QString::fromStdString(name));
    std::size_t lowest = static_cast<std::size_t>(firstFinite - points.y.begin());
    std::size_t highest = lowest;
    std::size_t last = lowest;
    for (std::size_t i = lowest; i < points.y.size(); ++i) {
        if (!std::isfinite(points.y[i]))
            continue;
        last = i;
        lowest = points.y[i] < points.y[lowest] ? i : lowest;
        highest = points.y[i] > points.y[highest] ? i : highest;
    }
    return Charts::tr("%1: first %2, last %3, lowest %4 at %5, highest %6 at %7.")
        .arg(QString::fromStdString(name), numberText(*firstFinite), numberText(points.y[last]),
             numberText(points.y[lowest]), numberText(points.x[lowest]), numberText(points.y[highest]),
             numberText(points.x[highest]));
}

} // namespace

const std::string& layerName(const Layer& layer) {
    return std::visit([](const auto& l) -> const std::string& { return l.name; }, layer);
}

bool isSameSeries(const Layer& one, const Layer& other) {
    return one.index() != other.index() && layerName(one) == layerName(other);
}

void toggleShown(ChartState& state, std::size_t layer) {
    const auto& layers = state.data.layers;
    const bool isShown = !state.isShown[layer];
    for (std::size_t i = 0; i < layers.size(); ++i)
        if (i == layer || isSameSeries(layers[i], layers[layer]))
            state.isShown[i] = isShown;
}

void showAlone(ChartState& state, std::size_t layer) {
    const auto& layers = state.data.layers;
    const auto isIn = [&](std::size_t i) { return i == layer || isSameSeries(layers[i], layers[layer]); };
    bool isAlone = state.isShown[layer];
    for (std::size_t i = 0; i < layers.size(); ++i)
        isAlone = isAlone && (isIn(i) || !state.isShown[i]);
    for (std::size_t i = 0; i < layers.size(); ++i)
        state.isShown[i] = isAlone || isIn(i);
}

int layerStyle(const Layer& layer, std::size_t position) {
    return std::visit(
        [position](const auto& l) {
            if constexpr (requires { l.style; })
                return l.style;
            else
                return static_cast<int>(position);
        },
        layer);
}

bool isSmoothable(const Layer& layer) {
    return std::holds_alternative<Lines>(layer) && layerName(layer).find("eval_") == std::string::npos;
}

std::optional<PointsView> pointsOf(const Layer& layer) {
    if (const Lines* lines = std::get_if<Lines>(&layer))
        return PointsView{lines->x, lines->y};
    if (const Dots* dots = std::get_if<Dots>(&layer))
        return PointsView{dots->x, dots->y};
    return std::nullopt;
}

bool hasPoints(const Layer& layer) {
    return std::visit(
        [](const auto& l) {
            if constexpr (requires { l.x; })
                return !l.x.empty();
            else
                return !l.values.empty();
        },
        layer);
}

void normalize(ChartData& data) {
    for (Layer& layer : data.layers) {
        if (Lines* lines = std::get_if<Lines>(&layer); lines && !isTidy(lines->x))
            sortByX(lines->x, {&lines->y});
        if (Dots* dots = std::get_if<Dots>(&layer); dots && !isTidy(dots->x))
            sortByX(dots->x, {&dots->y});
        if (Band* band = std::get_if<Band>(&layer); band && !isTidy(band->x))
            sortByX(band->x, {&band->low, &band->high});
    }
}

std::optional<ValueRange> xExtent(const ChartState& state, bool isLogX) {
    std::optional<ValueRange> range;
    for (std::size_t i = 0; i < state.data.layers.size(); ++i)
        if (state.isShown[i])
            widenX(range, state.data.layers[i], isLogX);
    return range;
}

std::optional<ValueRange> yExtent(const ChartState& state, bool isLogY, std::optional<ValueRange> within) {
    std::optional<ValueRange> range;
    for (std::size_t i = 0; i < state.data.layers.size(); ++i) {
        if (!state.isShown[i])
            continue;
        const auto& whole = isLogY ? state.facts[i].positiveY : state.facts[i].y;
        if (within) {
            widenY(range, state.data.layers[i], isLogY, within);
        } else if (whole) {
            widen(range, whole->low, false);
            widen(range, whole->high, false);
        }
    }
    return range;
}

void measure(ChartState& state, std::size_t layer) {
    LayerFacts& facts = state.facts[layer];
    facts = {};
    widenY(facts.y, state.data.layers[layer], false, std::nullopt);
    widenY(facts.positiveY, state.data.layers[layer], true, std::nullopt);
    const auto points = pointsOf(state.data.layers[layer]);
    for (std::size_t i = 0; isSmoothed(state, layer) && i < points->y.size(); ++i)
        pushSmooth(facts, points->y[i], state.smoothing);
}

void measureAll(ChartState& state) {
    state.facts.resize(state.data.layers.size());
    for (std::size_t layer = 0; layer < state.facts.size(); ++layer)
        measure(state, layer);
}

void measureLast(ChartState& state, std::size_t layer) {
    LayerFacts& facts = state.facts[layer];
    const double value = pointsOf(state.data.layers[layer])->y.back();
    widen(facts.y, value, false);
    widen(facts.positiveY, value, true);
    if (isSmoothed(state, layer))
        pushSmooth(facts, value, state.smoothing);
}

std::optional<std::size_t> nearestPoint(PointsView points, double x) {
    const auto after = std::lower_bound(points.x.begin(), points.x.end(), x);
    auto right = static_cast<std::size_t>(after - points.x.begin());
    auto left = right;
    while (right < points.x.size() && !std::isfinite(points.y[right]))
        ++right;
    while (left > 0 && !std::isfinite(points.y[left - 1]))
        --left;
    const bool hasLeft = left > 0;
    const bool hasRight = right < points.x.size();
    if (!hasLeft && !hasRight)
        return std::nullopt;
    if (!hasRight || (hasLeft && x - points.x[left - 1] < points.x[right] - x))
        return left - 1;
    return right;
}

QString numberText(double value) {
    QLocale locale;
    locale.setNumberOptions(QLocale::OmitGroupSeparator);
    return std::isfinite(value) ? locale.toString(value, 'g', 6) : QString::number(value);
}

QString axisText(const ChartAxis& axis) {
    const QString label = QString::fromStdString(axis.label);
    if (axis.label.empty())
        return QString::fromStdString(axis.unit);
    return axis.unit.empty()
               ? label
               : Charts::tr("%1 (%2)", "axis label (unit)").arg(label, QString::fromStdString(axis.unit));
}

std::vector<Reading> readings(const ChartState& state, double x) {
    std::vector<Reading> found;
    for (std::size_t i = 0; i < state.data.layers.size(); ++i) {
        const auto points = pointsOf(state.data.layers[i]);
        const auto nearest = state.isShown[i] && points ? nearestPoint(*points, x) : std::nullopt;
        if (!nearest)
            continue;
        Reading reading{i, points->x[*nearest], points->y[*nearest], std::nullopt};
        if (!state.facts[i].smooth.empty())
            reading.smoothed = state.facts[i].smooth[*nearest];
        found.push_back(reading);
    }
    return found;
}

QString readingText(const ChartState& state, double x) {
    const QString xLabel = QString::fromStdString(state.data.x.label);
    QStringList lines{QStringLiteral("%1 %2").arg(xLabel, numberText(x))};
    for (const Reading& reading : readings(state, x)) {
        const QString name = QString::fromStdString(layerName(state.data.layers[reading.layer]));
        QString line = QStringLiteral("%1 %2").arg(name, numberText(reading.y));
        if (reading.smoothed)
            line += QLatin1Char(' ') + Charts::tr("(smoothed %1)").arg(numberText(*reading.smoothed));
        if (reading.x != x)
            line += QLatin1Char(' ') + Charts::tr("at %1", "at this x").arg(numberText(reading.x));
        lines << line;
    }
    return lines.join(QLatin1Char('\n'));
}

QString summaryText(const ChartState& state) {
    int shown = 0;
    QStringList parts;
    for (std::size_t i = 0; i < state.data.layers.size(); ++i) {
        if (!state.isShown[i] || !hasPoints(state.data.layers[i]))
            continue;
        ++shown;
        constexpr int kSpokenSeries = 8; // a screen reader's user can open the table for the rest
        if (const auto points = pointsOf(state.data.layers[i]); points && shown <= kSpokenSeries)
            parts << seriesSummary(layerName(state.data.layers[i]), *points);
    }
    if (shown == 0)
        return Charts::tr("No data yet.");
    const QString y = axisText(state.data.y);
    const QString axes =
        Charts::tr("%1 over %2.", "y axis over x axis")
            .arg(y.isEmpty() ? QString::fromStdString(state.data.title) : y, axisText(state.data.x));
    QString intro = axes + QLatin1Char(' ') + Charts::tr("%n series", nullptr, shown);
    if (const auto extent = xExtent(state, false))
        intro += Charts::tr(", from %1 to %2").arg(numberText(extent->low), numberText(extent->high));
    return intro + QStringLiteral(". ") + parts.join(QLatin1Char(' '));
}

} // namespace lathe
