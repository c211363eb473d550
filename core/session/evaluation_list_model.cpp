#include "core/session/evaluation_list_model.h"

#include "core/base/contract.h"
#include "core/session/metric_label.h"
#include "core/session/text.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

#include <algorithm>
#include <array>
#include <cmath>

namespace lathe {

namespace {

QString numberText(double value, bool isPercent) {
    if (std::isnan(value))
        return QStringLiteral("–");
    if (isPercent)
        return EvaluationListModel::tr("%1 %", "per cent").arg(QLocale().toString(100 * value, 'f', 1));
    return QLocale().toString(value, 'g', 4);
}

QString rowsText(const EvaluationRecord& record) {
    const QString done = QLocale().toString(qlonglong{record.rowsDone});
    if (record.rowsDone == record.rowsTotal)
        return done;
    return EvaluationListModel::tr("%1 of %2", "rows")
        .arg(done, QLocale().toString(qlonglong{record.rowsTotal}));
}

} // namespace

int EvaluationListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_records.size());
}

int EvaluationListModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant EvaluationListModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    const EvaluationRecord& record = this->record(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return display(record, index.column());
    case Qt::ToolTipRole:
        return record.note.empty() ? QVariant() : toQString(record.note);
    case IdRole:
        return qlonglong{record.id.value};
    case StateRole:
        return static_cast<int>(record.state);
    default:
        return {};
    }
}

QString EvaluationListModel::display(const EvaluationRecord& record, int column) const {
    switch (column) {
    case Name:
        return toQString(record.name);
    case State:
        return stateText(record.state);
    case Rows:
        return rowsText(record);
    case Figure:
        return record.figures.empty() ? QString() : figureText(record.figures.front());
    case Started:
        return QLocale().toString(
            QDateTime::fromString(toQString(record.createdAt), Qt::ISODateWithMs).toLocalTime(),
            QLocale::ShortFormat);
    default:
        return {};
    }
}

QVariant EvaluationListModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    const std::array titles{tr("Evaluation"), tr("State"), tr("Rows"), tr("Result"), tr("Started")};
    return section >= 0 && section < ColumnCount ? titles[static_cast<std::size_t>(section)] : QString();
}

void EvaluationListModel::setRecords(std::vector<EvaluationRecord> records) {
    beginResetModel();
    m_records = std::move(records);
    endResetModel();
}

void EvaluationListModel::put(const EvaluationRecord& record) {
    if (const int row = rowOf(record.id); row >= 0) {
        m_records[static_cast<std::size_t>(row)] = record;
        Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1));
        return;
    }
    beginInsertRows({}, 0, 0);
    m_records.insert(m_records.begin(), record);
    endInsertRows();
}

void EvaluationListModel::remove(EvaluationId id) {
    const int row = rowOf(id);
    if (row < 0)
        return;
    beginRemoveRows({}, row, row);
    m_records.erase(m_records.begin() + row);
    endRemoveRows();
}

const EvaluationRecord& EvaluationListModel::record(int row) const {
    LATHE_EXPECT(row >= 0 && row < rowCount());
    return m_records[static_cast<std::size_t>(row)];
}

int EvaluationListModel::rowOf(EvaluationId id) const {
    const auto found = std::ranges::find(m_records, id, &EvaluationRecord::id);
    return found == m_records.end() ? -1 : static_cast<int>(found - m_records.begin());
}

QString stateText(EvaluationState state) {
    switch (state) {
    case EvaluationState::Waiting:
        return EvaluationListModel::tr("waiting", "state of an evaluation");
    case EvaluationState::Running:
        return EvaluationListModel::tr("running", "state of an evaluation");
    case EvaluationState::Complete:
        return EvaluationListModel::tr("complete", "state of an evaluation");
    case EvaluationState::Stopped:
        return EvaluationListModel::tr("stopped", "state of an evaluation");
    case EvaluationState::Failed:
        return EvaluationListModel::tr("failed", "state of an evaluation");
    case EvaluationState::Interrupted:
        return EvaluationListModel::tr("interrupted", "state of an evaluation");
    }
    return {};
}

bool isShare(const std::string& figureName) {
    constexpr std::array kShares{"accuracy", "accuracy_norm", "exact_match", "macro_f1", "f1", "token_f1"};
    return std::ranges::any_of(kShares, [&](const char* name) { return figureName == name; });
}

QString figureLabel(const EvaluationFigure& figure) {
    if (figure.name == "loss") // which in a training is another one
        return QCoreApplication::translate("Metrics", "Loss");
    const QString known = metricLabel(figure.name);
    return known == toQString(figure.name) ? toQString(figure.label) : known;
}

QString figureText(const EvaluationFigure& figure) { return numberText(figure.value, isShare(figure.name)); }

QString intervalText(const EvaluationFigure& figure) {
    if (!figure.low || !figure.high)
        return {};
    const bool isPercent = isShare(figure.name);
    return EvaluationListModel::tr("%1 to %2", "an interval")
        .arg(numberText(*figure.low, isPercent), numberText(*figure.high, isPercent));
}

} // namespace lathe
