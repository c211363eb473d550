#include "core/session/work_time_models.h"

#include "core/session/text.h"

#include <QLocale>

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

int alignment(int column, int firstNumber) {
    return static_cast<int>((column < firstNumber ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
}

QString shareText(double share) {
    return WorkTimeModel::tr("%1 %", "a share").arg(QLocale().toString(share * 100, 'f', 1));
}

} // namespace

QString workText(WorkKind kind) {
    switch (kind) {
    case WorkKind::BaseProducts:
        return WorkTimeModel::tr("Products with the base's weights");
    case WorkKind::AdapterProducts:
        return WorkTimeModel::tr("Adapter");
    case WorkKind::Attention:
        return WorkTimeModel::tr("Attention");
    case WorkKind::Elementwise:
        return WorkTimeModel::tr("Norms and activations");
    case WorkKind::LossAndHead:
        return WorkTimeModel::tr("Loss and head");
    case WorkKind::Optimizer:
        return WorkTimeModel::tr("Optimiser");
    case WorkKind::Data:
        return WorkTimeModel::tr("Data");
    case WorkKind::Other:
        return WorkTimeModel::tr("Everything else");
    }
    return {};
}

QString threeDigits(double value) {
    const int digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : value >= 0.9995 ? 2 : 3;
    return QLocale().toString(value, 'f', digits);
}

int WorkTimeModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int WorkTimeModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(ColumnCount);
}

QVariant WorkTimeModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return display(row, index.column());
    case Qt::TextAlignmentRole:
        return alignment(index.column(), Time);
    case Qt::AccessibleTextRole:
        return index.column() == Bar ? shareText(row.share) : display(row, index.column());
    case BarRole:
        return row.bar;
    case RestRole:
        return row.kind == WorkKind::Other;
    default:
        return {};
    }
}

QVariant WorkTimeModel::display(const Row& row, int column) const {
    switch (column) {
    case Work:
        return workText(row.kind);
    case Time:
        return threeDigits(row.seconds * 1e3);
    case Share:
        return shareText(row.share);
    default:
        return {};
    }
}

QVariant WorkTimeModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return alignment(section, Time);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Work:
        return tr("Work");
    case Time:
        return tr("ms per step");
    case Share:
        return tr("Share");
    default:
        return QString();
    }
}

void WorkTimeModel::setProfile(const StepProfile& profile) {
    beginResetModel();
    m_rows.clear();
    const double longest = *std::ranges::max_element(profile.kinds);
    for (std::size_t i = 0; i < kWorkKinds; ++i) {
        const double seconds = profile.kinds[i];
        m_rows.push_back({static_cast<WorkKind>(i), seconds, profile.shareOf(seconds),
                          longest > 0 ? seconds / longest : 0});
    }
    std::ranges::stable_sort(m_rows, [](const Row& a, const Row& b) {
        const bool isLast = a.kind == WorkKind::Other, isOtherLast = b.kind == WorkKind::Other;
        return isLast != isOtherLast ? isOtherLast : a.seconds > b.seconds;
    });
    endResetModel();
}

int OperatorTimeModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_profile.operators.size());
}

int OperatorTimeModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(ColumnCount);
}

QVariant OperatorTimeModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    const OperatorTime& row = m_profile.operators[static_cast<std::size_t>(index.row())];
    if (role == Qt::DisplayRole)
        return display(row, index.column());
    if (role == Qt::ToolTipRole && index.column() == Name)
        return toQString(row.name);
    return role == Qt::TextAlignmentRole ? QVariant(alignment(index.column(), Calls)) : QVariant();
}

QVariant OperatorTimeModel::display(const OperatorTime& row, int column) const {
    switch (column) {
    case Name:
        return toQString(row.name);
    case Work:
        return workText(row.kind);
    case Calls:
        return QLocale().toString(row.calls, 'f', row.calls == std::floor(row.calls) ? 0 : 1);
    case Time:
        return threeDigits(row.seconds * 1e3);
    case Share:
        return shareText(m_profile.shareOf(row.seconds));
    default:
        return {};
    }
}

QVariant OperatorTimeModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return alignment(section, Calls);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name:
        return tr("Operator");
    case Work:
        return tr("Work");
    case Calls:
        return tr("Calls per step");
    case Time:
        return tr("ms per step");
    case Share:
        return tr("Share");
    default:
        return {};
    }
}

void OperatorTimeModel::setProfile(const StepProfile& profile) {
    beginResetModel();
    m_profile = profile;
    endResetModel();
}

} // namespace lathe
