#include "core/session/project_session.h"

#include "core/base/files.h"
#include "core/search/pruner.h"
#include "core/session/background_job.h"
#include "core/session/project_session_content.h"
#include "core/session/text.h"

#include <algorithm>
#include <map>

namespace lathe {

namespace {

constexpr int kTickMs = 33;
constexpr const char* kDatabaseName = "lathe.db";
constexpr const char* kDraftName = "draft.json";

/// What the pool brings back from a project folder.
struct OpenedProject {
    std::unique_ptr<StoreThread> store;
    std::vector<RunRow> rows;
    std::string draft;
};

Result<std::vector<RunRow>> readRows(const std::filesystem::path& database) {
    LATHE_ASSIGN(const StudyReader reader, StudyReader::open(database));
    LATHE_ASSIGN(const std::vector<StudyRecord> studies, reader.studies());
    LATHE_ASSIGN(std::vector<TrialRecord> trials, reader.allTrials());
    std::map<StudyId, const StudyRecord*> byId;
    for (const StudyRecord& study : studies)
        byId.emplace(study.id, &study);
    std::vector<RunRow> rows;
    for (TrialRecord& trial : trials)
        if (const auto study = byId.find(trial.study); study != byId.end())
            rows.push_back(
                {std::move(trial), toQString(study->second->spec.name), study->second->spec.trialCount, {}});
    return rows;
}

Result<OpenedProject> openProject(const std::filesystem::path& folder, EventHub& hub) {
    LATHE_TRY(ensureWritableFolder(folder));
    OpenedProject project;
    LATHE_ASSIGN(project.store, StoreThread::start(folder / kDatabaseName, hub));
    LATHE_ASSIGN(project.rows, readRows(folder / kDatabaseName));
    project.draft = readFile(folder / kDraftName).value_or(std::string()); // a new project has none
    return project;
}

} // namespace

ProjectSession::ProjectSession(SessionParts parts, QObject* parent)
    : QObject(parent), m_content(std::make_unique<Content>(std::move(parts))) {
    LATHE_EXPECT(m_content->parts.samplers != nullptr);
    LATHE_EXPECT(m_content->parts.pruners != nullptr);
    LATHE_EXPECT(m_content->parts.makeExecutor != nullptr);
    m_content->evaluations =
        std::make_unique<EvaluationSession>(m_content->parts.runEvaluation, m_content->pool);
    m_content->tick.setInterval(kTickMs);
    m_content->tick.setTimerType(Qt::PreciseTimer);
    connect(&m_content->tick, &QTimer::timeout, this, &ProjectSession::takeEvents);
}

ProjectSession::~ProjectSession() {
    // Jobs of the pool use the executor and the store through the studies, and studies use both.
    m_content->pool.waitForDone();
    m_content->evaluations->close();
    for (StudySession* study : m_content->studies)
        study->stop();
    for (StudySession* study : std::exchange(m_content->studies, {})) {
        study->disconnect(this);
        study->setParent(nullptr);
        const std::unique_ptr<StudySession> joined(study);
    }
}

void ProjectSession::open(const QString& folder) {
    LATHE_EXPECT(!isOpen() && !m_content->isOpening);
    m_content->isOpening = true;
    m_content->folder = std::filesystem::absolute(toPath(folder));
    const auto done = [this](Result<OpenedProject> project) {
        m_content->isOpening = false;
        if (!project.has_value()) {
            Q_EMIT openFailed(toQString(project.error().text()));
            return;
        }
        m_content->store = std::move(project->store);
        m_content->inbox = m_content->hub.open();
        m_content->executor = m_content->parts.makeExecutor(m_content->hub, 1);
        m_content->runs.setRows(std::move(project->rows));
        m_content->evaluations->open(*m_content->store);
        m_content->draft.startAutosave(pathText(m_content->folder / kDraftName), toQString(project->draft),
                                       m_content->pool);
        Q_EMIT opened();
        Q_EMIT runsLoaded();
    };
    runInBackground(
        m_content->pool, *this,
        [path = m_content->folder, hub = &m_content->hub] { return openProject(path, *hub); }, done);
}

bool ProjectSession::isOpen() const { return m_content->store != nullptr; }
QString ProjectSession::folder() const { return pathText(m_content->folder); }
QString ProjectSession::database() const { return pathText(m_content->folder / kDatabaseName); }

QString ProjectSession::folderOf(TrialId trial) const {
    LATHE_EXPECT(isOpen());
    return pathText(m_content->surroundings().folderOf(trial));
}

const ParamSchema& ProjectSession::recipeSchema() const { return m_content->parts.recipeSchema; }
const Registry<Sampler>& ProjectSession::samplers() const { return *m_content->parts.samplers; }
const Registry<Pruner>& ProjectSession::prunerRegistry() const { return *m_content->parts.pruners; }
RecipeDraft& ProjectSession::draft() { return m_content->draft; }
RunTableModel& ProjectSession::runs() { return m_content->runs; }
EvaluationSession& ProjectSession::evaluations() { return *m_content->evaluations; }
const ParamSchema& ProjectSession::readingSchema() const { return m_content->parts.readingSchema; }

std::size_t ProjectSession::slotCount() const {
    return m_content->executor ? m_content->executor->slots() : 1;
}

Status ProjectSession::setSlots(std::size_t count) {
    LATHE_EXPECT(isOpen() && count >= 1);
    if (count == slotCount())
        return ok();
    if (!activeStudies().isEmpty())
        return inputError({}, tr("While something trains, the number of trials at the same time stays %1; "
                                 "choose %1, or wait until it is over.")
                                  .arg(slotCount())
                                  .toStdString());
    m_content->executor.reset(); // what has run is over: its threads end at once
    m_content->executor = m_content->parts.makeExecutor(m_content->hub, count);
    return ok();
}

StudySession* ProjectSession::startRun(const QString& name, const ParamValues& recipe, const QString& kind,
                                       std::uint64_t seed) {
    StudySpec spec;
    spec.name = name.toStdString();
    spec.kind = kind.toStdString();
    spec.fixed = withDefaults(recipeSchema(), recipe);
    spec.seed = seed;
    return startStudy(spec);
}

StudySession* ProjectSession::startStudy(const StudySpec& draft) {
    StudySession* study = addStudy(draft, {});
    study->start();
    updateActive();
    return study;
}

StudySession* ProjectSession::openStudy(StudyId id) {
    LATHE_EXPECT(id.isValid());
    if (StudySession* known = findStudy(id))
        return known;
    StudySession* study = addStudy({}, id);
    study->load();
    return study;
}

StudySession* ProjectSession::resumeStudy(StudyId id) {
    StudySession* study = openStudy(id);
    if (study->phase() == StudySession::Phase::Loading)
        connect(study, &StudySession::historyLoaded, study, &StudySession::continueStudy,
                Qt::SingleShotConnection);
    else
        study->continueStudy();
    return study;
}

StudySession* ProjectSession::addStudy(const StudySpec& spec, StudyId id) {
    LATHE_EXPECT(isOpen());
    auto* study = new StudySession(m_content->surroundings(), spec, id, this);
    m_content->studies.push_back(study);
    connect(study, &StudySession::phaseChanged, this, &ProjectSession::updateActive);
    connect(study, &StudySession::trialQueued, this, [this, study](const TrialRecord& trial) {
        m_content->runs.addRow({trial, study->name(), study->spec().trialCount, {}});
    });
    Q_EMIT studyAdded(study);
    return study;
}

void ProjectSession::closeStudy(StudyId id) {
    StudySession* study = findStudy(id);
    if (study == nullptr || study->isActive())
        return;
    std::erase(m_content->studies, study);
    study->deleteLater();
}

StudySession* ProjectSession::findStudy(StudyId id) const {
    const auto found = std::ranges::find_if(m_content->studies,
                                            [id](const StudySession* study) { return study->id() == id; });
    return found == m_content->studies.end() ? nullptr : *found;
}

QVector<StudySession*> ProjectSession::activeStudies() const {
    QVector<StudySession*> active;
    std::ranges::copy_if(m_content->studies, std::back_inserter(active), &StudySession::isActive);
    return active;
}

void ProjectSession::stopAll() {
    for (StudySession* study : activeStudies())
        study->stop();
}

void ProjectSession::updateActive() {
    const qsizetype before = std::exchange(m_content->activeCount, activeStudies().size());
    if (m_content->activeCount == before)
        return;
    if (m_content->activeCount > 0)
        m_content->tick.start();
    else
        m_content->tick.stop();
    Q_EMIT activeStudiesChanged();
    if (m_content->activeCount == 0)
        Q_EMIT becameIdle();
}

void ProjectSession::takeEvents() {
    // Events before news: the controller posts a trial before its first event.
    const std::vector<Event> events = m_content->inbox->drain();
    const QVector<StudySession*> active = activeStudies();
    for (StudySession* study : active)
        for (TrialRecord& created : study->takeNews())
            m_content->runs.addRow({std::move(created), study->name(), study->spec().trialCount, {}});
    m_content->runs.apply(events);
    for (StudySession* study : active) {
        for (const TrialId ended : study->take(events))
            m_content->runs.updateTrial(*study->trial(ended));
        study->settle();
    }
    checkStore();
}

void ProjectSession::checkStore() {
    const QString problem = toQString(m_content->store->problem());
    if (problem.isEmpty() == m_content->storeProblem.isEmpty())
        return;
    m_content->storeProblem = problem;
    if (!problem.isEmpty())
        for (StudySession* study : activeStudies())
            study->pause();
    Q_EMIT storeProblemChanged(problem);
}

void ProjectSession::renameStudy(StudyId id, const QString& name) {
    change([id, text = name.toStdString()](StudyWriter& writer) { return writer.rename(id, text); },
           [this, id, name] {
               m_content->runs.setStudyName(id, name);
               if (StudySession* study = findStudy(id))
                   study->setName(name);
           });
}

void ProjectSession::removeStudy(StudyId id) {
    change([id](StudyWriter& writer) { return writer.remove(id); },
           [this, id] {
               m_content->runs.removeStudy(id);
               closeStudy(id);
           });
}

void ProjectSession::change(std::function<Status(StudyWriter&)> request, std::function<void()> done) {
    LATHE_EXPECT(isOpen());
    runInBackground(
        m_content->pool, *this,
        [store = m_content->store.get(), request = std::move(request)] {
            return store->call<std::monostate>(request).get();
        },
        [this, done = std::move(done)](const Status& written) {
            if (written.has_value())
                done();
            else
                Q_EMIT failed(toQString(written.error().text()));
        });
}

} // namespace lathe
