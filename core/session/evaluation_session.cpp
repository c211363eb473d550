#include "core/session/evaluation_session.h"

#include "core/session/text.h"

namespace lathe {

namespace {

constexpr int kTickMs = 100;

Result<EvaluationRecord> readRecord(const std::filesystem::path& database, EvaluationId id) {
    LATHE_ASSIGN(const StudyReader reader, StudyReader::open(database));
    return reader.evaluations().one(id);
}

Result<std::vector<EvaluationRecord>> readAll(const std::filesystem::path& database) {
    LATHE_ASSIGN(const StudyReader reader, StudyReader::open(database));
    return reader.evaluations().all();
}

} // namespace

EvaluationSession::EvaluationSession(RunEvaluation run, QThreadPool& pool, QObject* parent)
    : QObject(parent), m_run(std::move(run)), m_pool(pool) {
    m_tick.setInterval(kTickMs);
    connect(&m_tick, &QTimer::timeout, this, &EvaluationSession::takeReports);
}

EvaluationSession::~EvaluationSession() { close(); }

void EvaluationSession::open(StoreThread& store) {
    LATHE_EXPECT(m_store == nullptr);
    m_store = &store;
    m_worker = std::make_unique<EvaluationWorker>(m_run, store);
    runInBackground(
        m_pool, *this, [file = store.database()] { return readAll(file); },
        [this](Result<std::vector<EvaluationRecord>> records) {
            if (records.has_value())
                m_list.setRecords(std::move(records).value());
            else
                Q_EMIT failed(toQString(records.error().text()));
            Q_EMIT opened();
        });
}

void EvaluationSession::close() {
    m_tick.stop();
    m_worker.reset();
    m_store = nullptr;
}

void EvaluationSession::start(const EvaluationSpec& spec, TrialId trial) {
    LATHE_EXPECT(isOpen());
    if (!m_run) {
        Q_EMIT failed(tr("Nothing can be evaluated here."));
        return;
    }
    const NewEvaluation fresh{spec.name, toJson(spec), trial};
    runInBackground(
        m_pool, *this,
        [store = m_store, fresh]() -> Result<EvaluationRecord> {
            LATHE_ASSIGN(const EvaluationId id, store
                                                    ->call<EvaluationId>([fresh](StudyWriter& writer) {
                                                        return writer.evaluations().create(fresh);
                                                    })
                                                    .get());
            return readRecord(store->database(), id);
        },
        [this](const Result<EvaluationRecord>& record) {
            if (!record.has_value()) {
                Q_EMIT failed(toQString(record.error().text()));
                return;
            }
            m_list.put(*record);
            submit(record->id);
            Q_EMIT started(record->id);
        });
}

void EvaluationSession::resume(EvaluationId id) {
    LATHE_EXPECT(isOpen());
    submit(id);
}

void EvaluationSession::submit(EvaluationId id) {
    ++m_open;
    m_worker->submit(id);
    m_tick.start();
}

void EvaluationSession::stop() {
    LATHE_EXPECT(isOpen());
    m_isPauseWanted = false;
    m_worker->stop();
}

void EvaluationSession::setPaused(bool shouldPause) {
    LATHE_EXPECT(isOpen());
    m_isPauseWanted = shouldPause;
    m_worker->setPaused(shouldPause);
    Q_EMIT activeChanged();
}

void EvaluationSession::takeReports() {
    const EvaluationWorker::Reports reports = m_worker->take();
    if (reports.started) {
        m_active = *reports.started;
        m_progress = {};
        reload(m_active);
        Q_EMIT activeChanged();
    }
    if (reports.progress) {
        m_progress = *reports.progress;
        Q_EMIT progressChanged();
    }
    if (m_active.isValid() && (reports.hasNewRows || reports.figures)) {
        reload(m_active);
        Q_EMIT rowsArrived(m_active);
    }
    if (reports.isPaused != m_isPaused) {
        m_isPaused = reports.isPaused;
        Q_EMIT activeChanged();
    }
    for (const auto& [id, problem] : reports.ended) {
        --m_open;
        if (id == m_active)
            m_active = {};
        reload(id);
        Q_EMIT activeChanged();
        if (!problem.empty())
            Q_EMIT failed(toQString(problem));
    }
    if (m_open == 0) {
        m_isPauseWanted = false;
        m_tick.stop();
    }
}

void EvaluationSession::reload(EvaluationId id) {
    runInBackground(
        m_pool, *this, [file = m_store->database(), id] { return readRecord(file, id); },
        [this, id](const Result<EvaluationRecord>& record) {
            if (!record.has_value())
                return; // it was removed meanwhile
            if (m_list.rowOf(id) >= 0)
                m_list.put(*record);
            Q_EMIT recordChanged(id);
        });
}

void EvaluationSession::rename(EvaluationId id, const QString& name) {
    change([id, text = name.toStdString()](EvaluationWriter writer) { return writer.rename(id, text); },
           [this, id] { reload(id); });
}

void EvaluationSession::remove(EvaluationId id) {
    change([id](EvaluationWriter writer) { return writer.remove(id); }, [this, id] { m_list.remove(id); });
}

void EvaluationSession::change(std::function<Status(EvaluationWriter writer)> request,
                               std::function<void()> done) {
    LATHE_EXPECT(isOpen());
    runInBackground(
        m_pool, *this,
        [store = m_store, request = std::move(request)] {
            return store
                ->call<std::monostate>(
                    [request](StudyWriter& writer) { return request(writer.evaluations()); })
                .get();
        },
        [this, done = std::move(done)](const Status& written) {
            if (written.has_value())
                done();
            else
                Q_EMIT failed(toQString(written.error().text()));
        });
}

void EvaluationSession::exportRows(EvaluationId id, const QString& file) {
    LATHE_EXPECT(isOpen());
    runInBackground(
        m_pool, *this,
        [database = m_store->database(), id, target = toPath(file)]() -> Status {
            LATHE_ASSIGN(const StudyReader reader, StudyReader::open(database));
            return exportPredictions(reader.evaluations(), id, target);
        },
        [this, file](const Status& written) {
            if (written.has_value())
                Q_EMIT exported(file);
            else
                Q_EMIT failed(toQString(written.error().text()));
        });
}

void EvaluationSession::compare(EvaluationId first, EvaluationId second) {
    LATHE_EXPECT(isOpen());
    const std::uint64_t question = m_comparisons.ask();
    runInBackground(
        m_pool, *this,
        [database = m_store->database(), first, second]() -> Result<EvaluationComparison> {
            LATHE_ASSIGN(const StudyReader reader, StudyReader::open(database));
            return compareEvaluations(reader, first, second);
        },
        [this, question](const Result<EvaluationComparison>& comparison) {
            if (!m_comparisons.isNewest(question))
                return;
            if (comparison.has_value())
                Q_EMIT compared(*comparison);
            else
                Q_EMIT failed(toQString(comparison.error().text()));
        });
}

} // namespace lathe
