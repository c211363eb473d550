#include "core/session/run_table_model.h"

#include "core/session/core_sentence.h"
#include "core/session/text.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace lathe {

namespace {

/// Which columns of a row an event has changed.
struct Span {
    int first = RunTableModel::ColumnCount;
    int last = -1;

    void add(int column) {
        first = std::min(first, column);
        last = std::max(last, column);
    }
};

const char* metricOf(int column) {
    switch (column) {
    case RunTableModel::Loss:
        return "loss";
    case RunTableModel::EvalLoss:
        return "eval_loss";
    case RunTableModel::Accuracy:
        return "eval_accuracy";
    default:
        return nullptr;
    }
}

std::optional<double> metricAt(const RunRow& row, int column) {
    const auto found = row.trial.lastValues.find(metricOf(column));
    return found == row.trial.lastValues.end() ? std::nullopt : std::optional(found->second);
}

/// In [0, 1]; -1: not known.
double progressOf(const RunRow& row) {
    if (row.trial.state == TrialState::Complete)
        return 1;
    if (row.progress.total > 0)
        return std::clamp(static_cast<double>(row.progress.done) / static_cast<double>(row.progress.total),
                          0.0, 1.0);
    const ParamValue* planned = row.trial.values.find("max_steps");
    const auto* steps = planned == nullptr ? nullptr : std::get_if<std::int64_t>(planned);
    if (steps == nullptr || *steps <= 0)
        return -1;
    return std::clamp(static_cast<double>(row.trial.steps) / static_cast<double>(*steps), 0.0, 1.0);
}

QString nameOf(const RunRow& row) {
    const bool isOneOfSeveral = row.trialCount > 1 || row.trial.number > 0;
    return isOneOfSeveral ? QStringLiteral("%1 #%2").arg(row.studyName).arg(row.trial.number + 1)
                          : row.studyName;
}

QDateTime startOf(const RunRow& row) {
    const std::string& text = row.trial.startedAt.empty() ? row.trial.createdAt : row.trial.startedAt;
    return QDateTime::fromString(toQString(text), Qt::ISODateWithMs);
}

Span spanOf(const TrialChange& change, RunRow& row) {
    row.trial.state = change.state;
    row.trial.note = change.note;
    if (change.state == TrialState::Running && row.trial.startedAt.empty())
        row.trial.startedAt = QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs).toStdString();
    Span span;
    span.add(RunTableModel::State);
    span.add(RunTableModel::Progress);
    if (change.state == TrialState::Running)
        span.add(RunTableModel::Started);
    return span;
}

Span spanOf(const MetricPoint& point, RunRow& row) {
    Span span;
    row.trial.lastValues[point.name] = point.value;
    row.trial.seconds = std::max(row.trial.seconds, point.seconds);
    span.add(RunTableModel::Duration);
    if (point.step > row.trial.steps) {
        row.trial.steps = point.step;
        span.add(RunTableModel::Steps);
        span.add(RunTableModel::Progress);
    }
    for (const int column : {RunTableModel::Loss, RunTableModel::EvalLoss, RunTableModel::Accuracy})
        if (point.name == metricOf(column))
            span.add(column);
    return span;
}

Span spanOf(const TrialProgress& progress, RunRow& row) {
    row.progress = progress;
    return {RunTableModel::Progress, RunTableModel::Progress};
}

Span spanOf(const TrialRewind& rewind, RunRow& row) {
    row.trial.steps = std::min(row.trial.steps, rewind.step);
    return {RunTableModel::Progress, RunTableModel::Steps};
}

Span spanOf(const SampleText&, RunRow&) { return {}; }
Span spanOf(const LogLine&, RunRow&) { return {}; }

} // namespace

RunTableModel::RunTableModel(QObject* parent) : QAbstractTableModel(parent) {}

int RunTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int RunTableModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

const RunRow& RunTableModel::row(int row) const {
    LATHE_EXPECT(row >= 0 && row < rowCount());
    return m_rows[m_rows.size() - 1 - static_cast<std::size_t>(row)];
}

int RunTableModel::rowOf(TrialId trial) const {
    const auto found = m_places.find(trial);
    return found == m_places.end() ? -1 : static_cast<int>(m_rows.size() - 1 - found->second);
}

QVariant RunTableModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    const RunRow& run = row(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return display(run, index.column());
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment(index.column() >= Progress && index.column() <= Duration
                                                     ? Qt::AlignRight | Qt::AlignVCenter
                                                     : Qt::AlignLeft | Qt::AlignVCenter));
    case Qt::ToolTipRole:
        return index.column() == State ? coreSentence(run.trial.note) : QVariant();
    case TrialIdRole:
        return qlonglong{run.trial.id.value};
    case StudyIdRole:
        return qlonglong{run.trial.study.value};
    case StateRole:
        return static_cast<int>(run.trial.state);
    case ProgressRole:
        return progressOf(run);
    case SortRole:
        return sortKey(run, index.column());
    case NoteRole:
        return coreSentence(run.trial.note);
    case AdapterFolderRole:
        return pathText(run.trial.adapterFolder);
    default:
        return {};
    }
}

QVariant RunTableModel::display(const RunRow& run, int column) const {
    const QLocale locale;
    switch (column) {
    case Name:
        return nameOf(run);
    case State:
        return stateText(run.trial.state);
    case Progress: {
        const double progress = progressOf(run);
        return progress < 0 ? QVariant()
                            : tr("%1 %", "share of a run that is done").arg(std::floor(100 * progress));
    }
    case Loss:
    case EvalLoss: {
        const auto value = metricAt(run, column);
        return value ? locale.toString(*value, 'g', 4) : QVariant();
    }
    case Accuracy: {
        const auto value = metricAt(run, column);
        return value ? tr("%1 %", "accuracy").arg(locale.toString(100 * *value, 'f', 1)) : QVariant();
    }
    case Steps:
        return locale.toString(qlonglong{run.trial.steps});
    case Duration:
        return durationText(run.trial.seconds);
    case Started:
        return locale.toString(startOf(run).toLocalTime(), QLocale::ShortFormat);
    default:
        return {};
    }
}

QVariant RunTableModel::sortKey(const RunRow& run, int column) const {
    switch (column) {
    case Name:
        return nameOf(run);
    case State:
        return static_cast<int>(run.trial.state);
    case Progress:
        return progressOf(run);
    case Loss:
    case EvalLoss:
    case Accuracy: {
        // What cannot be compared goes to one end instead of anywhere.
        const double value = metricAt(run, column).value_or(std::nan(""));
        return std::isnan(value) ? std::numeric_limits<double>::infinity() : value;
    }
    case Steps:
        return qlonglong{run.trial.steps};
    case Duration:
        return run.trial.seconds;
    case Started:
        return startOf(run);
    default:
        return {};
    }
}

QVariant RunTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return QAbstractTableModel::headerData(section, orientation, role);
    switch (section) {
    case Name:
        return tr("Name");
    case State:
        return tr("State", "of a run");
    case Progress:
        return tr("Progress");
    case Loss:
        return tr("Loss");
    case EvalLoss:
        return tr("Evaluation loss");
    case Accuracy:
        return tr("Accuracy");
    case Steps:
        return tr("Steps");
    case Duration:
        return tr("Duration");
    case Started:
        return tr("Started", "the time when it was started");
    default:
        return {};
    }
}

void RunTableModel::setRows(std::vector<RunRow> rows) {
    beginResetModel();
    std::ranges::reverse(rows);
    m_rows = std::move(rows);
    rebuildPlaces();
    endResetModel();
}

void RunTableModel::addRow(RunRow run) {
    if (const auto found = m_places.find(run.trial.id); found != m_places.end()) {
        m_rows[found->second] = std::move(run);
        announce(found->second, Name, Started);
        return;
    }
    beginInsertRows({}, 0, 0);
    m_places.emplace(run.trial.id, m_rows.size());
    m_rows.push_back(std::move(run));
    endInsertRows();
}

void RunTableModel::apply(std::span<const Event> events) {
    std::map<std::size_t, Span> changes;
    for (const Event& event : events) {
        const auto found = m_places.find(std::visit([](const auto& e) { return e.trial; }, event));
        if (found == m_places.end())
            continue;
        RunRow& run = m_rows[found->second];
        const Span changed = std::visit([&run](const auto& e) { return spanOf(e, run); }, event);
        if (changed.last < 0)
            continue;
        Span& all = changes[found->second];
        all.add(changed.first);
        all.add(changed.last);
    }
    for (const auto& [place, changed] : changes)
        announce(place, static_cast<Column>(changed.first), static_cast<Column>(changed.last));
}

void RunTableModel::updateTrial(const TrialRecord& trial) {
    const auto found = m_places.find(trial.id);
    if (found == m_places.end())
        return;
    m_rows[found->second].trial = trial;
    announce(found->second, Name, Started);
}

void RunTableModel::setStudyName(StudyId study, const QString& name) {
    for (std::size_t place = 0; place < m_rows.size(); ++place) {
        if (m_rows[place].trial.study != study)
            continue;
        m_rows[place].studyName = name;
        announce(place, Name, Name);
    }
}

void RunTableModel::removeStudy(StudyId study) {
    for (std::size_t place = m_rows.size(); place-- > 0;) {
        if (m_rows[place].trial.study != study)
            continue;
        const int gone = static_cast<int>(m_rows.size() - 1 - place);
        beginRemoveRows({}, gone, gone);
        m_rows.erase(m_rows.begin() + static_cast<std::ptrdiff_t>(place));
        rebuildPlaces();
        endRemoveRows();
    }
}

void RunTableModel::rebuildPlaces() {
    m_places.clear();
    for (std::size_t place = 0; place < m_rows.size(); ++place)
        m_places.emplace(m_rows[place].trial.id, place);
}

void RunTableModel::announce(std::size_t place, Column first, Column last) {
    const int changed = static_cast<int>(m_rows.size() - 1 - place);
    Q_EMIT dataChanged(index(changed, first), index(changed, last));
}

RunSortModel::RunSortModel(QObject* parent) : QSortFilterProxyModel(parent) {
    setSortRole(RunTableModel::SortRole);
    setSortCaseSensitivity(Qt::CaseInsensitive);
    setSortLocaleAware(true);
    setFilterCaseSensitivity(Qt::CaseInsensitive);
    setDynamicSortFilter(true);
}

bool RunSortModel::filterAcceptsRow(int sourceRow, const QModelIndex& sourceParent) const {
    const QRegularExpression filter = filterRegularExpression();
    if (filter.pattern().isEmpty())
        return true;
    const auto text = [&](int column, int role) {
        return sourceModel()->index(sourceRow, column, sourceParent).data(role).toString();
    };
    return text(RunTableModel::Name, Qt::DisplayRole).contains(filter) ||
           text(RunTableModel::State, Qt::DisplayRole).contains(filter) ||
           text(RunTableModel::State, RunTableModel::NoteRole).contains(filter);
}

QString stateText(TrialState state) {
    switch (state) {
    case TrialState::Queued:
        return RunTableModel::tr("queued", "state of a run");
    case TrialState::Preparing:
        return RunTableModel::tr("preparing", "state of a run");
    case TrialState::Running:
        return RunTableModel::tr("running", "state of a run");
    case TrialState::Paused:
        return RunTableModel::tr("paused", "state of a run");
    case TrialState::Finishing:
        return RunTableModel::tr("finishing", "state of a run");
    case TrialState::Complete:
        return RunTableModel::tr("complete", "state of a run");
    case TrialState::Pruned:
        return RunTableModel::tr("pruned", "state of a run");
    case TrialState::Failed:
        return RunTableModel::tr("failed", "state of a run");
    case TrialState::Cancelled:
        return RunTableModel::tr("stopped", "state of a run: the user stopped it");
    case TrialState::Interrupted:
        return RunTableModel::tr("interrupted", "state of a run: the program ended while it ran");
    }
    return {};
}

QString durationText(double seconds) {
    if (!std::isfinite(seconds) || seconds < 0)
        return {};
    const auto whole = static_cast<qlonglong>(std::llround(seconds));
    if (whole < 60)
        return RunTableModel::tr("%1 s", "seconds").arg(whole);
    if (whole < 3600)
        return RunTableModel::tr("%1 min %2 s", "minutes and seconds").arg(whole / 60).arg(whole % 60);
    return RunTableModel::tr("%1 h %2 min", "hours and minutes").arg(whole / 3600).arg(whole % 3600 / 60);
}

} // namespace lathe
