#include "core/session/study_session.h"

#include "core/params/study_rules.h"
#include "core/session/background_job.h"
#include "core/session/study_session_content.h"
#include "core/session/text.h"

namespace lathe {

namespace {

Result<TrialId> createTrial(StoreThread& store, StudyMailbox& mailbox, const NewTrial& trial) {
    LATHE_ASSIGN(
        const TrialId id,
        store.call<TrialId>([&trial](StudyWriter& writer) { return writer.createTrial(trial); }).get());
    TrialRecord record;
    record.id = id;
    record.study = trial.study;
    record.number = trial.number;
    record.values = trial.values;
    record.seed = trial.seed;
    record.origin = trial.origin;
    mailbox.post(std::move(record));
    return id;
}

Status finishTrial(StoreThread& store, StudyMailbox& mailbox, TrialId trial, const TrialResult& result) {
    std::vector<Artifact> artifacts;
    if (!result.adapterFolder.empty()) {
        LATHE_ASSIGN(artifacts, listArtifacts(result.adapterFolder));
    }
    std::future<Status> written = store.call<std::monostate>([&](StudyWriter& writer) -> Status {
        LATHE_TRY(writer.finishTrial(trial, result.steps, result.seconds, result.adapterFolder));
        return writer.setArtifacts(trial, artifacts);
    });
    LATHE_TRY(written.get());
    mailbox.post(StudyMailbox::TrialEnd{trial, result});
    return ok();
}

TrialCurves curvesOf(const StudyHistory& history, const std::string& metric) {
    TrialCurves curves;
    for (const TrialRecord& trial : history.trials())
        if (const MetricSeries* series = history.series(trial.id, metric))
            for (std::size_t i = 0; i < series->steps.size(); ++i)
                curves[trial.id].push_back({static_cast<std::int64_t>(series->steps[i]), series->values[i]});
    return curves;
}

std::function<std::optional<std::int64_t>(const ParamValues&)> parameterCounter(const SessionParts& parts) {
    if (!parts.forecast)
        return {};
    return [forecast = parts.forecast](const ParamValues& recipe) {
        const auto cost = forecast(recipe);
        return cost.has_value() ? std::optional(cost->trainableParameters) : std::nullopt;
    };
}

std::vector<Problem> problemsOf(const SessionParts& parts, const StudySpec& spec) {
    std::vector<Problem> problems = problemsOf(parts, spec.fixed);
    if (const Status space = checkSearchSpace(parts.recipeSchema, spec.space); !space.has_value())
        problems.push_back({space.error().where, space.error().message});
    else if (const auto rules = StudyRules::make(spec); !rules.has_value())
        problems.push_back({rules.error().where, rules.error().message});
    if (const auto pruner = makePruner(*parts.pruners, spec); !pruner.has_value())
        problems.push_back({pruner.error().where, pruner.error().message});
    if (spec.trialCount < 1)
        problems.push_back(
            {"trials", std::to_string(spec.trialCount) + " trials are too few; at least 1 is needed"});
    return problems;
}

} // namespace

StudySession::Prepared StudySession::Prepared::make(const StudySurroundings& surroundings,
                                                    const StudySpec& spec, StudyId id) {
    Prepared prepared;
    prepared.id = id;
    prepared.problems = problemsOf(surroundings.parts, spec);
    if (!prepared.problems.empty())
        return prepared;
    if (const Status opened = prepared.open(surroundings, spec); !opened.has_value())
        prepared.error = opened.error().text();
    return prepared;
}

Status StudySession::Prepared::open(const StudySurroundings& surroundings, const StudySpec& spec) {
    // The sampler comes first: a study that cannot be searched is not written.
    LATHE_ASSIGN(sampler, surroundings.parts.samplers->make(spec.samplerId));
    LATHE_TRY(checkObjectives(spec, *sampler));
    LATHE_ASSIGN(pruner, makePruner(*surroundings.parts.pruners, spec));
    if (!id.isValid()) {
        LATHE_ASSIGN(id, surroundings.store
                             .call<StudyId>([&spec](StudyWriter& writer) { return writer.createStudy(spec); })
                             .get());
        return ok();
    }
    LATHE_ASSIGN(const StudyReader reader, StudyReader::open(surroundings.store.database()));
    LATHE_ASSIGN(const StudyRecord record, reader.study(id));
    samplerState = record.samplerState;
    LATHE_ASSIGN(curves, readCurves(reader, id, spec));
    return ok();
}

Result<StudySession::Loaded> StudySession::Loaded::read(const std::filesystem::path& database, StudyId id) {
    LATHE_ASSIGN(const StudyReader reader, StudyReader::open(database));
    LATHE_ASSIGN(StudyRecord record, reader.study(id));
    LATHE_ASSIGN(StudyHistory history, StudyHistory::read(reader, id));
    return Loaded{std::move(record), std::move(history)};
}

StudySession::StudySession(const StudySurroundings& surroundings, StudySpec spec, StudyId id, QObject* parent)
    : QObject(parent),
      m_content(new Content{surroundings,
                            std::move(spec),
                            id,
                            id.isValid() ? Phase::Loading : Phase::Starting,
                            {},
                            {},
                            {},
                            {},
                            false,
                            false,
                            {}}) {}

StudySession::~StudySession() = default;

StudyId StudySession::id() const { return m_content->id; }
const StudySpec& StudySession::spec() const { return m_content->spec; }
QString StudySession::name() const { return toQString(m_content->spec.name); }
StudySession::Phase StudySession::phase() const { return m_content->phase; }

bool StudySession::isActive() const {
    return phase() == Phase::Starting || phase() == Phase::Running || phase() == Phase::Paused ||
           phase() == Phase::Stopping;
}

bool StudySession::canResume() const {
    if (phase() != Phase::Idle)
        return false;
    const StudyHistory& history = m_content->history;
    const StudySpec& spec = m_content->spec;
    return isUnfinished(spec, history.trials(),
                        mayPromote(spec) ? curvesOf(history, prunedMetric(spec)) : TrialCurves{},
                        *m_content->surroundings.parts.pruners);
}

const std::vector<TrialRecord>& StudySession::trials() const { return m_content->history.trials(); }
const TrialRecord* StudySession::trial(TrialId trialId) const { return m_content->history.trial(trialId); }
TrialProgress StudySession::progress(TrialId trialId) const { return m_content->history.progress(trialId); }

std::vector<std::string> StudySession::metricNames(TrialId trialId) const {
    return m_content->history.metricNames(trialId);
}

const MetricSeries* StudySession::series(TrialId trialId, std::string_view metric) const {
    return m_content->history.series(trialId, metric);
}

std::vector<MetricPoint> StudySession::points(TrialId trialId) const {
    return m_content->history.points(trialId);
}

std::vector<SampleText> StudySession::samples(TrialId trialId) const {
    return m_content->history.samples(trialId);
}

const std::vector<LogLine>& StudySession::log() const { return m_content->history.log(); }

void StudySession::setPhase(Phase phase) {
    if (m_content->phase == phase)
        return;
    m_content->phase = phase;
    Q_EMIT phaseChanged(phase);
}

void StudySession::setName(const QString& name) { m_content->spec.name = name.toStdString(); }

void StudySession::load() {
    const auto done = [this](Result<Loaded> loaded) {
        if (!loaded.has_value()) {
            setPhase(Phase::Idle);
            Q_EMIT failed(toQString(loaded.error().text()));
            return;
        }
        m_content->spec = std::move(loaded->record.spec);
        m_content->history = std::move(loaded->history);
        setPhase(Phase::Idle);
        Q_EMIT historyLoaded();
    };
    runInBackground(
        m_content->surroundings.pool, *this,
        [database = m_content->surroundings.store.database(), study = id()] {
            return Loaded::read(database, study);
        },
        done);
}

void StudySession::start() { prepare(); }

void StudySession::continueStudy() {
    if (!canResume())
        return;
    m_content->isStopWanted = false;
    setPhase(Phase::Starting);
    prepare();
}

void StudySession::prepare() {
    runInBackground(
        m_content->surroundings.pool, *this,
        [surroundings = m_content->surroundings, spec = m_content->spec, study = id()] {
            return Prepared::make(surroundings, spec, study);
        },
        [this](Prepared prepared) {
            if (prepared.isReady())
                launch(std::move(prepared));
            else
                refuse(prepared);
        });
}

void StudySession::refuse(const Prepared& prepared) {
    setPhase(id().isValid() ? Phase::Idle : Phase::Refused);
    if (!prepared.problems.empty())
        Q_EMIT problemsFound(QVector<Problem>(prepared.problems.begin(), prepared.problems.end()));
    else
        Q_EMIT failed(toQString(prepared.error));
}

void StudySession::launch(Prepared prepared) {
    Content& content = *m_content;
    const StudyId study = content.id = prepared.id;
    StoreThread& store = content.surroundings.store;
    StudyMailbox& mailbox = content.mailbox;
    if (content.isStopWanted) {
        mailbox.post(StudyOutcome{});
        return;
    }
    StudyServices services{
        content.surroundings.hub,
        *content.surroundings.executor,
        [&store, &mailbox, study](const PlannedTrial& trial) {
            return createTrial(store, mailbox, {study, trial.number, trial.values, trial.seed, trial.origin});
        },
        [&store, &mailbox](TrialId trial, const TrialResult& result) {
            return finishTrial(store, mailbox, trial, result);
        },
        [surroundings = content.surroundings](TrialId trial) { return surroundings.folderOf(trial); },
        [&store, study](std::string_view state) { return saveSamplerState(store, study, state); },
        content.surroundings.parts.lighterRecipe,
        [surroundings = content.surroundings, &mailbox](TrialId trial, const ParamValues& values) -> Status {
            LATHE_TRY(restartTrial(surroundings.store, surroundings.folderOf(trial), trial, values));
            mailbox.post(StudyMailbox::TrialRestart{trial, values});
            return ok();
        },
        [&store, study](const StudyBudget& budget) { return saveBudget(store, study, budget); },
        [&store, &mailbox, study](std::span<const TrialId> order) -> Status {
            LATHE_TRY(saveQueue(store, study, order));
            mailbox.postQueue({order.begin(), order.end()});
            return ok();
        },
        parameterCounter(content.surroundings.parts)};
    content.runner = std::make_unique<StudyRunner>(
        study, content.spec, std::move(prepared.sampler), std::move(prepared.pruner), std::move(services),
        earlierTrials(content.history.trials(), content.spec, std::move(prepared.curves)),
        std::move(prepared.samplerState));
    content.runner->start([&store, &mailbox](StudyOutcome outcome) {
        const Status written = store.flush();
        if (!written.has_value() && outcome.problem.empty())
            outcome.problem = written.error().text();
        mailbox.post(outcome);
    });
    setPhase(Phase::Running);
}

std::vector<TrialRecord> StudySession::takeNews() {
    Content& content = *m_content;
    // The end is announced a tick after it was posted: by then every event before it has been drained.
    content.isSettled = content.outcome.has_value();
    StudyMailbox::News news = content.mailbox.take();
    if (news.outcome.has_value())
        content.outcome = std::move(news.outcome);
    for (const TrialRecord& record : news.created) {
        content.history.addTrial(record);
        Q_EMIT trialAdded(record.id);
    }
    for (StudyMailbox::TrialRestart& restart : news.restarted) {
        content.history.setValues(restart.trial, std::move(restart.values));
        Q_EMIT trialChanged(restart.trial);
    }
    if (news.queue) {
        content.history.setQueue(*news.queue);
        Q_EMIT queueOrdered();
    }
    for (const StudyMailbox::TrialEnd& end : news.ended) {
        content.history.setResult(end.trial, end.result.steps, end.result.seconds, end.result.adapterFolder);
        content.ended.push_back(end.trial);
    }
    return std::move(news.created);
}

std::vector<TrialId> StudySession::take(std::span<const Event> events) {
    const StudyHistory::Changes changes = m_content->history.apply(events);
    // Points first: who reads series() in a later signal of this tick finds them there and told.
    for (const TrialId replaced : changes.replaced)
        Q_EMIT historyReplaced(replaced);
    if (!changes.points.empty())
        Q_EMIT pointsArrived(QVector<MetricPoint>(changes.points.begin(), changes.points.end()));
    for (const auto& [trialId, progress] : changes.progress)
        Q_EMIT progressChanged(progress);
    for (const SampleText& sample : changes.samples)
        Q_EMIT sampleArrived(sample);
    for (const LogLine& line : changes.log)
        Q_EMIT logArrived(line);
    for (const TrialId changed : changes.states)
        Q_EMIT trialChanged(changed);
    std::vector<TrialId> ended = std::exchange(m_content->ended, {});
    for (const TrialId trialId : ended)
        Q_EMIT trialChanged(trialId);
    return ended;
}

void StudySession::settle() {
    if (m_content->isSettled)
        finish();
}

void StudySession::finish() {
    m_content->runner.reset(); // its controller has nothing left to do
    m_content->isSettled = false;
    const StudyOutcome outcome = *std::exchange(m_content->outcome, std::nullopt);
    m_content->phase = Phase::Idle;
    if (!outcome.problem.empty())
        Q_EMIT failed(toQString(outcome.problem));
    Q_EMIT finished(outcome);
    Q_EMIT phaseChanged(Phase::Idle);
}

} // namespace lathe
