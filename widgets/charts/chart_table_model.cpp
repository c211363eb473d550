#include "widgets/charts/chart_table_model.h"

#include <algorithm>

namespace lathe {

namespace {

const std::vector<double>* xOf(const Layer& layer) {
    return std::visit(
        [](const auto& l) -> const std::vector<double>* {
            if constexpr (requires { l.x; })
                return &l.x;
            else
                return nullptr;
        },
        layer);
}

double valueOf(const Layer& layer, int part, std::size_t point) {
    return std::visit(
        [part, point](const auto& l) {
            using L = std::decay_t<decltype(l)>;
            if constexpr (std::is_same_v<L, Band>)
                return part == 0 ? l.low[point] : l.high[point];
            else if constexpr (requires { l.y; })
                return l.y[point];
            else
                return l.values[point];
        },
        layer);
}

std::vector<std::pair<double, int>> keysOf(const std::vector<double>& x) {
    std::vector<std::pair<double, int>> keys;
    for (const double value : x) {
        const bool isSame = !keys.empty() && keys.back().first == value;
        keys.emplace_back(value, isSame ? keys.back().second + 1 : 0);
    }
    return keys;
}

/// What stands in the first column of a layer without x.
std::vector<QString> labelsOf(const Layer& layer) {
    std::vector<QString> labels;
    if (const Bars* bars = std::get_if<Bars>(&layer)) {
        for (std::size_t i = 0; i < bars->values.size(); ++i)
            labels.push_back(i < bars->labels.size() ? QString::fromStdString(bars->labels[i])
                                                     : QString::number(i));
    } else if (const Heat* heat = std::get_if<Heat>(&layer)) {
        for (std::size_t i = 0; i < heat->values.size(); ++i)
            labels.push_back(QStringLiteral("%1, %2").arg(i % heat->columns).arg(i / heat->columns));
    }
    return labels;
}

} // namespace

ChartTableModel::ChartTableModel(const ChartState& state, QObject* parent)
    : QAbstractTableModel(parent), m_state(state) {}

void ChartTableModel::addColumns(std::size_t layer) {
    const int parts = std::holds_alternative<Band>(m_state.data.layers[layer]) ? 2 : 1;
    for (int part = 0; part < parts; ++part)
        m_columns.push_back({layer, part, {}});
}

void ChartTableModel::rebuild() {
    beginResetModel();
    m_columns.clear();
    m_rows.clear();
    m_labels.clear();
    for (std::size_t layer = 0; layer < m_state.data.layers.size(); ++layer)
        if (m_state.isShown[layer])
            addColumns(layer);
    fillRows();
    endResetModel();
}

void ChartTableModel::fillRows() {
    std::vector<std::vector<RowKey>> keys(m_columns.size());
    for (std::size_t c = 0; c < m_columns.size(); ++c) {
        const Layer& layer = m_state.data.layers[m_columns[c].layer];
        if (const std::vector<double>* x = xOf(layer))
            keys[c] = keysOf(*x);
        else if (m_labels.empty())
            m_labels = labelsOf(layer);
        m_rows.insert(m_rows.end(), keys[c].begin(), keys[c].end());
    }
    std::sort(m_rows.begin(), m_rows.end());
    m_rows.erase(std::unique(m_rows.begin(), m_rows.end()), m_rows.end());
    const std::size_t count = m_labels.empty() ? m_rows.size() : m_labels.size();
    for (std::size_t c = 0; c < m_columns.size(); ++c) {
        m_columns[c].points.assign(count, -1);
        std::size_t row = 0;
        for (std::size_t point = 0; m_labels.empty() && point < keys[c].size(); ++point) {
            while (m_rows[row] != keys[c][point])
                ++row;
            m_columns[c].points[row] = static_cast<std::int32_t>(point);
        }
        const std::size_t labelled = labelsOf(m_state.data.layers[m_columns[c].layer]).size();
        for (std::size_t i = 0; i < std::min(count, labelled); ++i)
            m_columns[c].points[i] = static_cast<std::int32_t>(i);
    }
}

void ChartTableModel::putPoint(std::size_t layer, std::size_t index) {
    const auto column = std::find_if(m_columns.begin(), m_columns.end(),
                                     [layer](const Column& c) { return c.layer == layer; });
    if (column == m_columns.end())
        return;
    const double x = (*xOf(m_state.data.layers[layer]))[index];
    const auto place = std::lower_bound(m_rows.begin(), m_rows.end(), RowKey(x, 0));
    const auto row = static_cast<std::size_t>(place - m_rows.begin());
    if (place == m_rows.end() || place->first != x) {
        beginInsertRows({}, static_cast<int>(row), static_cast<int>(row));
        m_rows.insert(place, RowKey(x, 0));
        for (Column& c : m_columns)
            c.points.insert(c.points.begin() + static_cast<std::ptrdiff_t>(row), -1);
        column->points[row] = static_cast<std::int32_t>(index);
        endInsertRows();
        return;
    }
    column->points[row] = static_cast<std::int32_t>(index);
    const QModelIndex cell =
        this->index(static_cast<int>(row), static_cast<int>(column - m_columns.begin()) + 1);
    Q_EMIT dataChanged(cell, cell);
}

int ChartTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_labels.empty() ? m_rows.size() : m_labels.size());
}

int ChartTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() || m_columns.empty() ? 0 : static_cast<int>(m_columns.size()) + 1;
}

std::optional<double> ChartTableModel::valueAt(const Column& column, std::size_t row) const {
    const std::int32_t point = column.points[row];
    if (point < 0)
        return std::nullopt;
    return valueOf(m_state.data.layers[column.layer], column.part, static_cast<std::size_t>(point));
}

QVariant ChartTableModel::firstColumn(std::size_t row, int role) const {
    if (!m_labels.empty())
        return m_labels[row];
    return role == NumberRole ? QVariant(m_rows[row].first) : QVariant(numberText(m_rows[row].first));
}

QVariant ChartTableModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole && role != NumberRole)
        return {};
    const auto row = static_cast<std::size_t>(index.row());
    if (index.column() == 0)
        return firstColumn(row, role);
    const auto value = valueAt(m_columns[static_cast<std::size_t>(index.column() - 1)], row);
    if (!value)
        return {};
    return role == NumberRole ? QVariant(*value) : QVariant(numberText(*value));
}

QVariant ChartTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::AlignRight | Qt::AlignVCenter);
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return QAbstractTableModel::headerData(section, orientation, role);
    if (section == 0)
        return m_labels.empty() ? axisText(m_state.data.x) : QString::fromStdString(m_state.data.x.label);
    const Column& column = m_columns[static_cast<std::size_t>(section - 1)];
    const Layer& layer = m_state.data.layers[column.layer];
    const QString name = QString::fromStdString(layerName(layer));
    if (!std::holds_alternative<Band>(layer))
        return name;
    return column.part == 0 ? tr("%1, low", "lower edge of a band").arg(name)
                            : tr("%1, high", "upper edge of a band").arg(name);
}

QString ChartTableModel::toTsv(const QList<int>& rows) const {
    QStringList lines;
    QStringList cells;
    for (int column = 0; column < columnCount(); ++column)
        cells << headerData(column, Qt::Horizontal).toString();
    lines << cells.join(QLatin1Char('\t'));
    for (const int row : rows) {
        cells.clear();
        for (int column = 0; column < columnCount(); ++column)
            cells << data(index(row, column)).toString();
        lines << cells.join(QLatin1Char('\t'));
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace lathe
