#include "core/session/study_trial_model.h"

#include "core/base/contract.h"
#include "core/session/core_sentence.h"
#include "core/session/metric_label.h"
#include "core/session/run_table_model.h"
#include "core/session/text.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

constexpr int kDigits = 4;

QVariant plainValue(const ParamValue& value) {
    if (const auto* flag = std::get_if<bool>(&value))
        return *flag;
    if (const auto* whole = std::get_if<std::int64_t>(&value))
        return qlonglong{*whole};
    if (const auto* real = std::get_if<double>(&value))
        return *real;
    return toQString(std::get<std::string>(value));
}

} // namespace

StudyTrialModel::StudyTrialModel(ParamSchema recipe, QObject* parent)
    : QAbstractTableModel(parent), m_recipe(std::move(recipe)) {}

int StudyTrialModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int StudyTrialModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : FirstParameter + static_cast<int>(m_space.size()) + 1;
}

const ParamValue* StudyTrialModel::parameter(const Row& row, int column) const {
    return row.trial.values.find(m_space[static_cast<std::size_t>(column - FirstParameter)].key);
}

QVariant StudyTrialModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    LATHE_EXPECT(index.row() < rowCount() && index.column() < columnCount());
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return display(row, index.column());
    case Qt::ToolTipRole:
        return row.reason.empty() ? QVariant() : coreSentence(row.reason);
    case TrialIdRole:
        return qlonglong{row.id.value};
    case NumberRole:
        return qlonglong{row.trial.number};
    case StateRole:
        return static_cast<int>(row.trial.state);
    case SortRole:
        return sortKey(row, index.column());
    case IsBestRole:
        return row.isBest;
    case IsProtectedRole:
        return row.isProtected;
    case PlaceRole:
        return qlonglong{row.place};
    case Qt::CheckStateRole:
        if (index.column() == Number)
            return m_ticked.contains(row.trial.number) ? Qt::Checked : Qt::Unchecked;
        return {};
    default:
        return {};
    }
}

QString StudyTrialModel::display(const Row& row, int column) const {
    switch (column) {
    case Number:
        return toQString(trialName(row.trial.number));
    case State:
        return stateOf(row);
    case Value:
        return row.trial.objectives.empty() ? QString()
                                            : QLocale().toString(row.trial.objectives.front(), 'g', kDigits);
    case Steps:
        return QLocale().toString(qlonglong{row.trial.steps});
    case Seconds:
        return durationText(row.trial.seconds);
    default:
        break;
    }
    if (column == reasonColumn())
        return coreSentence(row.reason);
    const ParamValue* value = parameter(row, column);
    return value == nullptr ? QString() : parameterText(*value);
}

QString StudyTrialModel::stateOf(const Row& row) const {
    const QString state = stateText(row.trial.state);
    if (row.isBest)
        return tr("%1, best", "state of a trial").arg(state);
    if (row.place > 0)
        return tr("%1, turn %2", "state of a trial that waits, its place in the queue")
            .arg(state)
            .arg(row.place);
    return row.isProtected && !isFinal(row.trial.state) ? tr("%1, protected", "state of a trial").arg(state)
                                                        : state;
}

Qt::ItemFlags StudyTrialModel::flags(const QModelIndex& index) const {
    const Qt::ItemFlags plain = QAbstractTableModel::flags(index);
    return index.isValid() && index.column() == Number ? plain | Qt::ItemIsUserCheckable : plain;
}

bool StudyTrialModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    if (role != Qt::CheckStateRole || !index.isValid() || index.column() != Number)
        return false;
    const std::int64_t number = m_rows[static_cast<std::size_t>(index.row())].trial.number;
    if (value.toInt() == Qt::Checked)
        m_ticked.insert(number);
    else
        m_ticked.erase(number);
    Q_EMIT dataChanged(index, index, {Qt::CheckStateRole});
    Q_EMIT ticksChanged();
    return true;
}

void StudyTrialModel::setTicked(const std::set<std::int64_t>& numbers) {
    if (numbers == m_ticked)
        return;
    m_ticked = numbers;
    if (!m_rows.empty())
        Q_EMIT dataChanged(index(0, Number), index(rowCount() - 1, Number), {Qt::CheckStateRole});
    Q_EMIT ticksChanged();
}

/// Cells without a value have no key: they come last.
QVariant StudyTrialModel::sortKey(const Row& row, int column) const {
    switch (column) {
    case Number:
        return qlonglong{row.trial.number};
    case Value:
        return row.trial.objectives.empty() ? QVariant() : QVariant(row.trial.objectives.front());
    case Steps:
        return qlonglong{row.trial.steps};
    case Seconds:
        return row.trial.seconds;
    default:
        break;
    }
    if (column == State)
        return row.place > 0 ? stateText(row.trial.state) + QStringLiteral(" %1").arg(row.place, 8)
                             : display(row, column);
    if (column == reasonColumn())
        return toQString(row.reason);
    const ParamValue* value = parameter(row, column);
    return value == nullptr ? QVariant() : plainValue(*value);
}

QVariant StudyTrialModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Number:
        return tr("Trial");
    case State:
        return tr("State", "of a trial");
    case Value:
        return metricLabel(m_objective.metric);
    case Steps:
        return tr("Steps");
    case Seconds:
        return tr("Time", "of training");
    default:
        break;
    }
    if (section == reasonColumn())
        return tr("Reason", "why a trial was pruned or has failed");
    const auto place = static_cast<std::size_t>(section - FirstParameter);
    return place < m_space.size() ? parameterLabel(m_recipe, m_space[place].key) : QVariant();
}

StudyTrialModel::Row StudyTrialModel::rowFrom(const StudySnapshot& snapshot, std::size_t place) {
    const TrialRecord& record = snapshot.records[place];
    const auto waits = std::ranges::find(snapshot.queue, record.id);
    return {record.id,          snapshot.trials.trials[place],
            record.note,        snapshot.best == record.number,
            record.isProtected, waits == snapshot.queue.end() ? 0 : 1 + (waits - snapshot.queue.begin())};
}

/// Whether the rows are the beginning of the snapshot's.
bool StudyTrialModel::continues(const StudySnapshot& snapshot) const {
    return m_study == snapshot.study.id && m_space == snapshot.trials.space &&
           m_rows.size() <= snapshot.records.size() &&
           std::ranges::equal(m_rows, std::span(snapshot.records).first(m_rows.size()), {}, &Row::id,
                              &TrialRecord::id);
}

void StudyTrialModel::take(const StudySnapshot& snapshot) {
    if (!continues(snapshot)) {
        beginResetModel();
        m_study = snapshot.study.id;
        m_space = snapshot.trials.space;
        m_objective = snapshot.study.spec.objective;
        m_rows.clear();
        for (std::size_t place = 0; place < snapshot.records.size(); ++place)
            m_rows.push_back(rowFrom(snapshot, place));
        endResetModel();
        return;
    }
    for (int row = 0; row < rowCount(); ++row)
        update(row, rowFrom(snapshot, static_cast<std::size_t>(row)));
    if (m_rows.size() == snapshot.records.size())
        return;
    beginInsertRows({}, rowCount(), static_cast<int>(snapshot.records.size()) - 1);
    while (m_rows.size() < snapshot.records.size())
        m_rows.push_back(rowFrom(snapshot, m_rows.size()));
    endInsertRows();
}

void StudyTrialModel::update(int row, Row now) {
    Row& before = m_rows[static_cast<std::size_t>(row)];
    int first = -1;
    int last = -1;
    for (int column = 0; column < columnCount(); ++column) {
        if (isSameCell(before, now, column))
            continue;
        first = first < 0 ? column : first;
        last = column;
    }
    before = std::move(now);
    if (first >= 0)
        Q_EMIT dataChanged(index(row, first), index(row, last));
}

bool StudyTrialModel::isSameCell(const Row& before, const Row& now, int column) const {
    if (column == State)
        return before.trial.state == now.trial.state && before.isBest == now.isBest &&
               before.isProtected == now.isProtected && before.place == now.place;
    const QVariant old = sortKey(before, column);
    const QVariant fresh = sortKey(now, column);
    return old == fresh || (std::isnan(old.toDouble()) && std::isnan(fresh.toDouble()));
}

void StudyTrialModel::clear() {
    beginResetModel();
    m_study = {};
    m_space.clear();
    m_rows.clear();
    endResetModel();
    setTicked({});
}

int StudyTrialModel::rowOf(std::int64_t number) const {
    const auto found =
        std::ranges::lower_bound(m_rows, number, {}, [](const Row& row) { return row.trial.number; });
    return found == m_rows.end() || found->trial.number != number ? -1
                                                                  : static_cast<int>(found - m_rows.begin());
}

QString parameterLabel(const ParamSchema& recipe, std::string_view key) {
    const ParamSpec* spec = findSpec(recipe, key);
    return spec == nullptr || spec->label.empty()
               ? toQString(key)
               : QCoreApplication::translate("ParamSchema", spec->label.c_str());
}

QString parameterText(const ParamValue& value) {
    if (const auto* real = std::get_if<double>(&value))
        return QLocale().toString(*real, 'g', kDigits);
    if (const auto* whole = std::get_if<std::int64_t>(&value))
        return QLocale().toString(qlonglong{*whole});
    return toQString(toText(value));
}

} // namespace lathe
