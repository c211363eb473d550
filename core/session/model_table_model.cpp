#include "core/session/model_table_model.h"

#include "core/session/text.h"

#include <QLocale>

#include <algorithm>

namespace lathe {

namespace {

/// Above this share of the free memory a training leaves other programs little.
constexpr double kTightShare = 0.8;

bool hasFacts(const ModelEntry& entry) { return entry.facts.parameters > 0; }

} // namespace

ModelTableModel::ModelTableModel(QObject* parent) : QAbstractTableModel(parent) {}

int ModelTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_entries.size());
}

int ModelTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

const ModelEntry& ModelTableModel::row(int row) const {
    LATHE_EXPECT(row >= 0 && row < rowCount());
    return m_entries[static_cast<std::size_t>(row)];
}

int ModelTableModel::rowOf(const QString& folder) const {
    const auto it = std::ranges::find(m_entries, folder, &ModelEntry::folder);
    return it == m_entries.end() ? -1 : static_cast<int>(it - m_entries.begin());
}

void ModelTableModel::append(ModelEntry entry) {
    beginInsertRows({}, rowCount(), rowCount());
    m_entries.push_back(std::move(entry));
    endInsertRows();
}

void ModelTableModel::replace(int row, ModelEntry entry) {
    LATHE_EXPECT(row >= 0 && row < rowCount());
    m_entries[static_cast<std::size_t>(row)] = std::move(entry);
    Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1));
}

void ModelTableModel::remove(int row) {
    LATHE_EXPECT(row >= 0 && row < rowCount());
    beginRemoveRows({}, row, row);
    m_entries.erase(m_entries.begin() + row);
    endRemoveRows();
}

void ModelTableModel::setFreeMemory(std::optional<double> bytes) {
    m_freeMemory = bytes;
    if (rowCount() > 0)
        Q_EMIT dataChanged(index(0, Fits), index(rowCount() - 1, Fits));
}

void ModelTableModel::retranslate() {
    Q_EMIT headerDataChanged(Qt::Horizontal, 0, ColumnCount - 1);
    if (rowCount() > 0)
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

MemoryFit ModelTableModel::fit(const ModelEntry& entry) const {
    if (!entry.cost || !m_freeMemory)
        return MemoryFit::Unknown;
    if (entry.cost->memoryBytes > *m_freeMemory)
        return MemoryFit::TooBig;
    return entry.cost->memoryBytes > kTightShare * *m_freeMemory ? MemoryFit::Tight : MemoryFit::Fits;
}

QVariant ModelTableModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    const ModelEntry& entry = row(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return display(entry, index.column());
    case Qt::ToolTipRole:
        return toolTip(entry, index.column());
    case Qt::TextAlignmentRole: {
        const bool isNumber =
            index.column() == Parameters || index.column() == Size || index.column() == Context;
        return QVariant::fromValue(
            Qt::Alignment((isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    }
    case FolderRole:
        return entry.folder;
    case StateRole:
        return static_cast<int>(entry.state);
    case FitRole:
        return static_cast<int>(fit(entry));
    case SortRole:
        return sortKey(entry, index.column());
    default:
        return {};
    }
}

QVariant ModelTableModel::display(const ModelEntry& entry, int column) const {
    if (column == Name)
        return entry.name;
    if (column == Fits)
        return fitText(entry);
    if (!hasFacts(entry))
        return column == Family && entry.state == ModelEntry::State::Reading ? tr("reading…") : QVariant();
    const ModelFacts& facts = entry.facts;
    switch (column) {
    case Family:
        return toQString(facts.family);
    case Parameters:
        return parameterText(facts.parameters);
    case Dtype:
        return toQString(facts.dtype);
    case Size:
        return bytesText(static_cast<double>(facts.bytes));
    case Context:
        return facts.contextLength > 0 ? QLocale().toString(qlonglong{facts.contextLength}) : tr("no limit");
    case Tokenizer:
        return facts.tokenizer.empty() ? tr("none") : toQString(facts.tokenizer);
    case Attach: {
        QStringList labels;
        for (const AdapterPlaces& places : facts.places)
            labels << toQString(places.label);
        return labels.join(QStringLiteral(", "));
    }
    default:
        return {};
    }
}

QString ModelTableModel::fitText(const ModelEntry& entry) const {
    switch (entry.state) {
    case ModelEntry::State::Reading:
        return {};
    case ModelEntry::State::Faulty:
        return tr("cannot be used");
    case ModelEntry::State::Missing:
        return tr("not there now");
    case ModelEntry::State::Ready:
        break;
    }
    if (!entry.cost)
        return entry.costProblem.isEmpty() ? QString() : tr("recipe does not fit");
    const QString bytes = bytesText(entry.cost->memoryBytes);
    switch (fit(entry)) {
    case MemoryFit::Fits:
        return tr("fits, %1").arg(bytes);
    case MemoryFit::Tight:
        return tr("tight, %1").arg(bytes);
    case MemoryFit::TooBig:
        return tr("too big, %1").arg(bytes);
    case MemoryFit::Unknown:
        break;
    }
    return bytes;
}

QString ModelTableModel::toolTip(const ModelEntry& entry, int column) const {
    if (column == Attach) {
        QStringList lines;
        for (const AdapterPlaces& places : entry.facts.places) {
            QStringList modules;
            for (const std::string& module : places.modules)
                modules << toQString(module);
            lines << tr("%1: %2", "method: its places")
                         .arg(toQString(places.label),
                              modules.isEmpty() ? tr("every weight") : modules.join(QStringLiteral(", ")));
        }
        return lines.join(QLatin1Char('\n'));
    }
    if (column != Fits)
        return entry.folder;
    if (!entry.problem.isEmpty() || !entry.cost)
        return entry.problem.isEmpty() ? entry.costProblem : entry.problem;
    const QString need =
        tr("Training with the recipe needs about %1.").arg(bytesText(entry.cost->memoryBytes));
    return m_freeMemory ? need + QLatin1Char('\n') + tr("%1 are free now.").arg(bytesText(*m_freeMemory))
                        : need;
}

QVariant ModelTableModel::sortKey(const ModelEntry& entry, int column) const {
    switch (column) {
    case Parameters:
        return qlonglong{entry.facts.parameters};
    case Size:
        return static_cast<qulonglong>(entry.facts.bytes);
    case Context:
        return qlonglong{entry.facts.contextLength};
    case Fits:
        return entry.cost ? entry.cost->memoryBytes : -1.0;
    default:
        return display(entry, column);
    }
}

QVariant ModelTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    if (role == Qt::TextAlignmentRole) {
        const bool isNumber = section == Parameters || section == Size || section == Context;
        return QVariant::fromValue(
            Qt::Alignment((isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    }
    if (role == Qt::ToolTipRole && section == Fits)
        return tr("What a training with the recipe as it is would need, and whether that is free now");
    if (role != Qt::DisplayRole)
        return {};
    const QString titles[] = {tr("Model"),
                              tr("Family"),
                              tr("Parameters"),
                              tr("Format", "of numbers"),
                              tr("Size", "on the disk"),
                              tr("Context", "tokens a model can read"),
                              tr("Tokenizer"),
                              tr("Methods"),
                              tr("Memory")};
    return titles[section];
}

ModelSortModel::ModelSortModel(QObject* parent) : QSortFilterProxyModel(parent) {
    setSortRole(ModelTableModel::SortRole);
    setSortCaseSensitivity(Qt::CaseInsensitive);
    setDynamicSortFilter(true);
}

void ModelSortModel::setWords(const QString& text) {
    m_words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    invalidateFilter();
}

bool ModelSortModel::filterAcceptsRow(int sourceRow, const QModelIndex& sourceParent) const {
    QString texts =
        sourceModel()->index(sourceRow, 0, sourceParent).data(ModelTableModel::FolderRole).toString();
    for (const int column : {ModelTableModel::Name, ModelTableModel::Family, ModelTableModel::Dtype,
                             ModelTableModel::Tokenizer, ModelTableModel::Fits})
        texts += QLatin1Char('\n') + sourceModel()->index(sourceRow, column, sourceParent).data().toString();
    return std::ranges::all_of(
        m_words, [&texts](const QString& word) { return texts.contains(word, Qt::CaseInsensitive); });
}

QString parameterText(std::int64_t count) {
    const QLocale locale;
    const auto value = static_cast<double>(count);
    const auto scaled = [&](double unit) {
        const double number = value / unit;
        return locale.toString(number, 'f', number < 10 ? 2 : number < 100 ? 1 : 0);
    };
    if (value >= 1e9)
        return ModelTableModel::tr("%1 B", "billion parameters").arg(scaled(1e9));
    if (value >= 1e6)
        return ModelTableModel::tr("%1 M", "million parameters").arg(scaled(1e6));
    return locale.toString(qlonglong{count});
}

QString bytesText(double bytes) {
    return QLocale().formattedDataSize(static_cast<qint64>(bytes), 1, QLocale::DataSizeTraditionalFormat);
}

} // namespace lathe
