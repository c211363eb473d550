#include "core/session/study_board.h"

#include "core/session/earlier_trials.h"
#include "core/session/project_session.h"
#include "core/session/text.h"

#include <algorithm>

namespace lathe {

namespace {

constexpr int kRefreshMs = 500;

Result<StudySnapshot> readSnapshot(const std::filesystem::path& database, StudyId id,
                                   const Registry<Pruner>& pruners) {
    LATHE_ASSIGN(const StudyReader reader, StudyReader::open(database));
    LATHE_ASSIGN(StudyContent content, reader.content(id));
    StudySnapshot snapshot = makeSnapshot(std::move(content));
    TrialCurves curves;
    if (mayPromote(snapshot.study.spec)) {
        LATHE_ASSIGN(curves, readCurves(reader, id, snapshot.study.spec));
    }
    snapshot.isUnfinished = isUnfinished(snapshot.study.spec, snapshot.records, std::move(curves), pruners);
    if (snapshot.study.confirms.isValid()) {
        LATHE_ASSIGN(const std::vector<TrialRecord> finalists, reader.trials(snapshot.study.confirms));
        snapshot.confirmation = confirmationOf(snapshot.study.spec.objective, finalists, snapshot.records);
    }
    return snapshot;
}

Result<std::vector<MetricPoint>> readPoints(const std::filesystem::path& database, StudyId id,
                                            const std::string& metric) {
    LATHE_ASSIGN(const StudyReader reader, StudyReader::open(database));
    return reader.points(id, metric);
}

} // namespace

std::vector<StudyEntry> studiesOf(const RunTableModel& runs) {
    std::vector<StudyEntry> studies;
    for (int row = 0; row < runs.rowCount(); ++row) {
        const RunRow& run = runs.row(row);
        if (run.trialCount > 1 &&
            std::ranges::find(studies, run.trial.study, &StudyEntry::id) == studies.end())
            studies.push_back({run.trial.study, run.studyName});
    }
    return studies;
}

StudyBoard::StudyBoard(ProjectSession& project, QObject* parent)
    : QObject(parent), m_project(project), m_trials(project.recipeSchema()) {
    m_pool.setMaxThreadCount(1); // in their order
    m_refresh.setSingleShot(true);
    m_refresh.setInterval(kRefreshMs);
    connect(&m_refresh, &QTimer::timeout, this, &StudyBoard::read);
    connect(&project.runs(), &QAbstractItemModel::dataChanged, this, &StudyBoard::followRuns);
    connect(&project.runs(), &QAbstractItemModel::rowsInserted, this,
            [this](const QModelIndex&, int first, int last) {
                const RunTableModel& runs = m_project.runs();
                followRuns(runs.index(first, 0), runs.index(last, 0));
            });
    connect(&project, &ProjectSession::activeStudiesChanged, this, &StudyBoard::link);
    connect(&project, &ProjectSession::studyAdded, this, &StudyBoard::link);
}

StudyBoard::~StudyBoard() { m_pool.waitForDone(); }

void StudyBoard::show(StudyId id) {
    if (id == m_id)
        return;
    m_id = id;
    m_snapshot.reset();
    m_trials.clear();
    m_isReading = false;
    (void)m_readings.ask(); // what is being read is of another study
    (void)m_pointReadings.ask();
    link();
    Q_EMIT changed();
    if (id.isValid())
        read();
}

/// A study gets a session when it is opened, and another one when it is opened again.
void StudyBoard::link() {
    StudySession* session = m_id.isValid() ? m_project.findStudy(m_id) : nullptr;
    if (session == m_session && (session == nullptr) == (m_link == nullptr))
        return;
    m_session = session;
    m_link.reset();
    if (session != nullptr) {
        m_link = std::make_unique<QObject>();
        connect(session, &StudySession::phaseChanged, m_link.get(), [this] { Q_EMIT phaseChanged(); });
        connect(session, &StudySession::budgetChanged, m_link.get(), [this] { readSoon(); });
        connect(session, &StudySession::queueOrdered, m_link.get(), [this] { readSoon(); });
        connect(session, &StudySession::trialAdded, m_link.get(), [this] { readSoon(); });
        connect(session, &StudySession::trialChanged, m_link.get(), [this] { readSoon(); }); // protected, too
        // All its rows are written by then, which the change of a trial's state does not promise.
        connect(session, &StudySession::finished, m_link.get(), [this] { readSoon(); });
    }
    Q_EMIT phaseChanged();
}

void StudyBoard::followRuns(const QModelIndex& first, const QModelIndex& last) {
    for (int row = first.row(); row <= last.row(); ++row)
        if (m_project.runs().row(row).trial.study == m_id)
            return readSoon();
}

void StudyBoard::setWatched(bool isWatched) {
    m_isWatched = isWatched;
    if (isWatched && m_isOld)
        read();
}

void StudyBoard::readSoon() {
    m_isOld = true;
    if (!m_refresh.isActive())
        m_refresh.start();
}

void StudyBoard::read() {
    m_isOld = true;
    if (m_isReading || !m_isWatched)
        return;
    const std::uint64_t question = m_readings.ask();
    m_isOld = false;
    m_isReading = true;
    runInBackground(
        m_pool, *this,
        [file = toPath(m_project.database()), id = m_id, pruners = &m_project.prunerRegistry()] {
            return readSnapshot(file, id, *pruners);
        },
        [this, question](Result<StudySnapshot> snapshot) {
            if (!m_readings.isNewest(question))
                return;
            m_isReading = false;
            if (m_isOld)
                readSoon();
            if (snapshot.has_value())
                take(std::move(snapshot).value());
            else
                Q_EMIT failed(toQString(snapshot.error().text()));
        });
}

void StudyBoard::requestPoints(const QString& metric) {
    const std::uint64_t question = m_pointReadings.ask();
    runInBackground(
        m_pool, *this,
        [file = toPath(m_project.database()), id = m_id, name = metric.toStdString()] {
            return readPoints(file, id, name);
        },
        [this, question, metric](const Result<std::vector<MetricPoint>>& points) {
            if (!m_pointReadings.isNewest(question))
                return;
            if (points.has_value())
                Q_EMIT pointsRead(metric, QVector<MetricPoint>(points->begin(), points->end()));
            else
                Q_EMIT failed(toQString(points.error().text()));
        });
}

void StudyBoard::take(StudySnapshot snapshot) {
    m_snapshot = std::move(snapshot);
    if (m_session != nullptr && m_session->isActive()) // what was stopped in this sitting does not come again
        std::erase_if(m_snapshot->queue, [this](TrialId id) {
            const auto record = std::ranges::find(m_snapshot->records, id, &TrialRecord::id);
            return record->state == TrialState::Cancelled;
        });
    m_trials.take(*m_snapshot);
    Q_EMIT changed();
}

} // namespace lathe
