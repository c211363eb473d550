#include "core/base/files.h"
#include "core/engine/thread_executor.h"
#include "core/session/project_session.h"
#include "core/session/recipe_comparison.h"
#include "tests/core/store/store_fixture.h"

#include <QSignalSpy>

#include <atomic>
#include <cmath>
#include <thread>

using namespace lathe;
using namespace lathe::test;

namespace {

/// Only a broken session takes this long: it keeps a failing test from hanging.
constexpr int kPatienceMs = 20'000;

/// A small training run: loss = 1 / step + x², twenty checkpoints, from which it goes on. "delay_us"
/// makes it last.
class CountingTask final : public TrialTask {
public:
    Result<TrialResult> run(const ParamValues& values, TrialContext& context) override {
        const std::filesystem::path checkpoint = context.folder / "checkpoint";
        std::int64_t step = 0;
        if (const auto saved = readFile(checkpoint); context.shouldResume && saved.has_value()) {
            step = std::stoll(*saved);
            context.publish(TrialRewind{{}, step});
        }
        context.publish(LogLine{{}, LogLine::Level::Info, "from step " + std::to_string(step)});
        TrialResult result;
        while (step < values.integer("max_steps")) {
            context.pause.waitWhilePaused(context.stop);
            if (context.stop.stop_requested())
                return Error{Error::Kind::Cancelled, {}, "Stopped"};
            std::this_thread::sleep_for(std::chrono::microseconds(values.integer("delay_us")));
            ++step;
            const double loss = 1 / static_cast<double>(step) + values.real("x") * values.real("x");
            context.report("loss", step, loss, 0.001 * static_cast<double>(step));
            context.publish(TrialProgress{{}, "training", step, values.integer("max_steps"), 1});
            result.metrics["loss"] = loss;
            if (step % (values.integer("max_steps") / 20 + 1) == 0)
                LATHE_TRY(writeFileAtomically(checkpoint, std::to_string(step)));
        }
        context.publish(SampleText{{}, step, "prompt", "text", "expected"});
        if (values.flag("fails"))
            return inputError("task", "was asked to fail");
        result.steps = step;
        result.seconds = 1.5;
        result.adapterFolder = context.folder / "adapter";
        LATHE_TRY(ensureWritableFolder(result.adapterFolder));
        LATHE_TRY(writeFileAtomically(result.adapterFolder / "adapter.bin", "weights"));
        return result;
    }
};

ParamSchema schema() {
    return {{"max_steps", "", "Steps", "", "", IntDomain{1, 1'000'000}, std::int64_t{25}, {}},
            {"delay_us", "", "Delay", "", "", IntDomain{0, 1'000'000}, std::int64_t{0}, {}},
            {"x", "", "X", "", "", RealDomain{-1, 1}, 0.0, {}},
            {"model", "", "Model", "", "", TextDomain{}, std::string("base"), {}},
            {"fails", "", "Fails", "", "", BoolDomain{}, false, {}}};
}

/// What the template of few examples speaks of, besides.
ParamSchema schemaWithSimplex() {
    ParamSchema fields = schema();
    const auto addChoice = [&fields](const char* key, std::vector<std::string> values) {
        const std::string first = values.front();
        fields.push_back({key, "", key, "", "", ChoiceDomain{std::move(values), {}}, first, {}});
    };
    addChoice("method", {"prefix_subspace"});
    fields.push_back({"vertices", "", "Vertices", "", "", IntDomain{1, 10}, std::int64_t{3}, {}});
    addChoice("simplex_head", {"mixed", "plain"});
    addChoice("alpha_scope", {"observation_layer", "batch"});
    addChoice("val_mode", {"midpoint", "stochastic"});
    return fields;
}

} // namespace

class TestProjectSession : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void newFolderBecomesAProject();
    void refusedDatabaseIsTold();
    void runGoesFromStartToItsRows();
    void livePointsEqualRowsAndCsv();
    void problemsStopTheStartAndNothingIsWritten();
    void preflightProblemsStopTheStart();
    void unknownSamplerStopsTheStart();
    void studyOfSeveralTrialsFillsTheTable();
    void preparedStudyRunsEachRecipeWithEachSeed();
    void preparedStudyThatCannotBeIsNotWritten();
    void failedTrialKeepsItsReason();
    void pausedRunWaitsAndGoesOn();
    void stoppedRunKeepsItsPointsAndGoesOnLater();
    void stoppedWhileStartingEndsIdle();
    void reopenedProjectShowsTheSame();
    void interruptedRunIsResumedInANewProcess();
    void destructorStopsWhatRuns();
    void forecastIsAnsweredForTheNewestQuestion();
    void renamedAndRemovedStudiesFollow();
    void adapterIsExportedFromItsFolder();
    void guiThreadNeverWaitsLong();

private:
    /// Parts, folder and an opened session.
    struct Bench {
        Bench() {
            addBuiltinSamplers(samplers);
            addBuiltinPruners(pruners);
        }
        SessionParts parts() {
            SessionParts parts;
            parts.recipeSchema = recipeSchema;
            parts.samplers = &samplers;
            parts.pruners = &pruners;
            parts.makeExecutor = [](EventHub& hub, std::size_t count) -> std::unique_ptr<Executor> {
                return std::make_unique<ThreadExecutor>(
                    count, [] { return std::make_unique<CountingTask>(); }, hub);
            };
            parts.preflight = [this](const ParamValues&) { return preflightProblems; };
            parts.forecast = [](const ParamValues& recipe) -> Result<RecipeCost> {
                return RecipeCost{recipe.integer("max_steps"), 0, 0};
            };
            parts.exportFormats = {{"usual", "Usual", "As always"}};
            parts.exportAdapter = [](const StudyReader&, const TrialRecord& trial,
                                     const std::filesystem::path& target,
                                     const std::string& format) -> Result<double> {
                LATHE_TRY(ensureWritableFolder(target));
                LATHE_ASSIGN(const std::string weights, readFile(trial.adapterFolder / "adapter.bin"));
                LATHE_TRY(writeFileAtomically(target / "adapter.bin",
                                              weights + " of " + trial.values.text("model") + " " + format));
                return 1e-6;
            };
            return parts;
        }
        QString projectFolder() const { return QString::fromStdString((folder / "project").string()); }
        std::unique_ptr<ProjectSession> open() {
            auto session = std::make_unique<ProjectSession>(parts());
            QSignalSpy opened(session.get(), &ProjectSession::opened);
            session->open(projectFolder());
            if (!opened.wait(kPatienceMs))
                qFatal("the project did not open");
            return session;
        }
        StudyReader reader() const { return need(StudyReader::open(folder / "project/lathe.db")); }

        TempFolder folder;
        Registry<Sampler> samplers;
        Registry<Pruner> pruners;
        ParamSchema recipeSchema = schema();
        std::vector<Problem> preflightProblems;
    };

    static ParamValues recipe(std::int64_t steps, std::int64_t delayUs = 0) {
        return {{"max_steps", steps}, {"delay_us", delayUs}};
    }
    static void waitForEnd(StudySession& study) { QTRY_VERIFY_WITH_TIMEOUT(!study.isActive(), kPatienceMs); }
    static void waitForPoints(StudySession& study, std::size_t count) {
        QTRY_VERIFY_WITH_TIMEOUT(
            !study.trials().empty() && study.points(study.trials()[0].id).size() >= count, kPatienceMs);
    }
};

void TestProjectSession::newFolderBecomesAProject() {
    Bench bench;
    const auto session = bench.open();
    QVERIFY(session->isOpen());
    QVERIFY(std::filesystem::exists(bench.folder / "project/lathe.db"));
    QCOMPARE(session->runs().rowCount(), 0);
}

void TestProjectSession::refusedDatabaseIsTold() {
    Bench bench;
    bench.folder.write("project/lathe.db", "not a database");
    ProjectSession session(bench.parts());
    QSignalSpy failed(&session, &ProjectSession::openFailed);
    session.open(bench.projectFolder());
    QVERIFY(failed.wait(kPatienceMs));
    QVERIFY(failed[0][0].toString().contains(QStringLiteral("not a Lathe database")));
    QVERIFY(!session.isOpen());
}

void TestProjectSession::runGoesFromStartToItsRows() {
    Bench bench;
    const auto session = bench.open();
    StudySession* study = session->startRun(QStringLiteral("first"), recipe(25));
    QCOMPARE(study->phase(), StudySession::Phase::Starting);
    QSignalSpy finished(study, &StudySession::finished);
    QSignalSpy idle(session.get(), &ProjectSession::becameIdle);
    QVERIFY(finished.wait(kPatienceMs));
    QCOMPARE(study->phase(), StudySession::Phase::Idle);
    QTRY_COMPARE(idle.count(), 1);
    QVERIFY(!study->canResume());

    QCOMPARE(study->trials().size(), 1U);
    const TrialRecord& live = study->trials()[0];
    const TrialRecord row = need(bench.reader().trial(live.id));
    QCOMPARE(nameOf(live.state), nameOf(TrialState::Complete));
    QCOMPARE(nameOf(row.state), nameOf(TrialState::Complete));
    QCOMPARE(row.steps, 25);
    QCOMPARE(row.seconds, 1.5);
    QCOMPARE(live.adapterFolder, row.adapterFolder);
    QCOMPARE(need(bench.reader().artifacts(live.id)).size(), 1U);
    QCOMPARE(study->samples(live.id).size(), 1U);
    QCOMPARE(study->progress(live.id).done, 25);

    QCOMPARE(session->runs().rowCount(), 1);
    const QModelIndex state = session->runs().index(0, RunTableModel::State);
    QCOMPARE(state.data().toString(), stateText(TrialState::Complete));
    QVERIFY(!state.data(RunTableModel::AdapterFolderRole).toString().isEmpty());
}

void TestProjectSession::livePointsEqualRowsAndCsv() {
    Bench bench;
    const auto session = bench.open();
    StudySession* study = session->startRun(QStringLiteral("many"), recipe(20'000));
    std::vector<MetricPoint> arrived;
    connect(study, &StudySession::pointsArrived, this, [&arrived](const QVector<MetricPoint>& points) {
        arrived.insert(arrived.end(), points.begin(), points.end());
    });
    waitForEnd(*study);
    const TrialId trial = study->trials()[0].id;
    const auto rows = need(bench.reader().points(trial));
    QCOMPARE(rows.size(), 20'000U);
    QVERIFY(arrived == rows);
    QVERIFY(study->points(trial) == rows);

    QSignalSpy exported(session.get(), &ProjectSession::exportFinished);
    const QString csv = bench.projectFolder() + QStringLiteral("/points.csv");
    session->exportPoints(trial, csv);
    QVERIFY(exported.wait(kPatienceMs));
    QVERIFY(need(readFile(csv.toStdString())) == toCsv(rows));
}

void TestProjectSession::problemsStopTheStartAndNothingIsWritten() {
    Bench bench;
    const auto session = bench.open();
    StudySession* study = session->startRun(QStringLiteral("bad"), recipe(0));
    QSignalSpy problems(study, &StudySession::problemsFound);
    QVERIFY(problems.wait(kPatienceMs));
    const auto found = problems[0][0].value<QVector<Problem>>();
    QCOMPARE(found.size(), 1);
    QCOMPARE(found[0].key, std::string("max_steps"));
    QCOMPARE(study->phase(), StudySession::Phase::Refused);
    QVERIFY(session->activeStudies().isEmpty());
    QVERIFY(need(bench.reader().studies()).empty());
}

void TestProjectSession::preflightProblemsStopTheStart() {
    Bench bench;
    bench.preflightProblems = {{"model", "has no config.json"}};
    const auto session = bench.open();
    StudySession* study = session->startRun(QStringLiteral("bad"), recipe(5));
    QSignalSpy problems(study, &StudySession::problemsFound);
    QVERIFY(problems.wait(kPatienceMs));
    QCOMPARE(problems[0][0].value<QVector<Problem>>()[0].message, std::string("has no config.json"));
    QSignalSpy ready(session.get(), &ProjectSession::preflightReady);
    session->requestPreflight(withDefaults(schema(), recipe(5)));
    QVERIFY(ready.wait(kPatienceMs));
    QCOMPARE(ready[0][0].value<QVector<Problem>>().size(), 1);
}

void TestProjectSession::unknownSamplerStopsTheStart() {
    Bench bench;
    const auto session = bench.open();
    StudySpec spec;
    spec.fixed = withDefaults(schema(), recipe(5));
    spec.samplerId = "oracle";
    StudySession* study = session->startStudy(spec);
    QSignalSpy failed(study, &StudySession::failed);
    QVERIFY(failed.wait(kPatienceMs));
    QVERIFY(failed[0][0].toString().contains(QStringLiteral("oracle")));
    QVERIFY(need(bench.reader().studies()).empty());
}

void TestProjectSession::studyOfSeveralTrialsFillsTheTable() {
    Bench bench;
    const auto session = bench.open();
    StudySpec spec;
    spec.name = "search";
    spec.kind = "study";
    spec.fixed = withDefaults(schema(), recipe(30));
    spec.space = {{"x", RealDomain{-1, 1}, {}}};
    spec.objective = {"loss", false};
    spec.trialCount = 5;
    StudySession* study = session->startStudy(spec);
    QSignalSpy finished(study, &StudySession::finished);
    QVERIFY(finished.wait(kPatienceMs));
    const auto outcome = finished[0][0].value<StudyOutcome>();
    QCOMPARE(outcome.complete, 5U);
    QVERIFY(outcome.best.has_value());
    QCOMPARE(session->runs().rowCount(), 5);
    QCOMPARE(session->runs().index(4, RunTableModel::Name).data().toString(), QStringLiteral("search #1"));
    double best = INFINITY;
    for (const TrialRecord& trial : study->trials())
        best = std::min(best, trial.lastValues.at("loss"));
    QCOMPARE(study->trial(*outcome.best)->lastValues.at("loss"), best);
}

void TestProjectSession::preparedStudyRunsEachRecipeWithEachSeed() {
    Bench bench;
    bench.recipeSchema = schemaWithSimplex();
    const auto session = bench.open();
    QSignalSpy started(session.get(), &ProjectSession::confirmationStarted);
    StudySpec base;
    base.name = "question";
    base.fixed = recipe(5);
    base.objective = {"loss", false};
    session->startTemplate(QStringLiteral("few_shot"), base, {1, 2});
    QVERIFY(started.wait(kPatienceMs));
    const auto id = started[0][0].value<StudyId>();
    QSignalSpy finished(session->findStudy(id), &StudySession::finished);
    QVERIFY(finished.wait(kPatienceMs));
    const StudyContent content = need(bench.reader().content(id));
    QCOMPARE(content.trials.size(), 10U);
    QVERIFY(!content.study.confirms.isValid());
    const auto found = compareRecipes(content.study.spec, content.trials);
    QVERIFY(found.has_value() && found->missing == 0);
    QCOMPARE(found->recipes.size(), 5U);
    QCOMPARE(found->recipes[0].name, std::string("Prefix tuning"));
    QCOMPARE(session->runs().rowCount(), 10);
}

void TestProjectSession::preparedStudyThatCannotBeIsNotWritten() {
    Bench bench;
    bench.recipeSchema = schemaWithSimplex();
    bench.preflightProblems = {{"model", "is missing"}};
    const auto session = bench.open();
    QSignalSpy failed(session.get(), &ProjectSession::failed);
    StudySpec base;
    base.fixed = recipe(5);
    session->startTemplate(QStringLiteral("few_shot"), base, {1, 2});
    QVERIFY(failed.wait(kPatienceMs));
    QCOMPARE(failed[0][0].toString(), QStringLiteral("model: is missing"));
    session->startTemplate(QStringLiteral("allocation"), base, {1, 2}); // its methods are missing
    QVERIFY(failed.wait(kPatienceMs));
    QVERIFY(need(bench.reader().studies()).empty());
}

void TestProjectSession::failedTrialKeepsItsReason() {
    Bench bench;
    const auto session = bench.open();
    ParamValues failing = recipe(5);
    failing.set("fails", true);
    StudySession* study = session->startRun(QStringLiteral("failing"), failing);
    waitForEnd(*study);
    QCOMPARE(nameOf(study->trials()[0].state), nameOf(TrialState::Failed));
    QCOMPARE(study->trials()[0].note, std::string("task: was asked to fail"));
    QCOMPARE(session->runs().index(0, 0).data(RunTableModel::NoteRole).toString(),
             QStringLiteral("task: was asked to fail"));
    QCOMPARE(study->log().back().level, LogLine::Level::Error);
}

void TestProjectSession::pausedRunWaitsAndGoesOn() {
    Bench bench;
    const auto session = bench.open();
    StudySession* study = session->startRun(QStringLiteral("paused"), recipe(300, 500));
    waitForPoints(*study, 5);
    study->pause();
    QCOMPARE(study->phase(), StudySession::Phase::Paused);
    // A step that was under way may still report; after that the count must stand still for several ticks.
    QTest::qWait(100);
    const std::size_t count = study->points(study->trials()[0].id).size();
    QTest::qWait(150);
    QCOMPARE(study->points(study->trials()[0].id).size(), count);
    QVERIFY(count < 300);
    study->togglePause();
    QCOMPARE(study->phase(), StudySession::Phase::Running);
    waitForEnd(*study);
    QCOMPARE(study->points(study->trials()[0].id).size(), 300U);
}

void TestProjectSession::stoppedRunKeepsItsPointsAndGoesOnLater() {
    Bench bench;
    const auto session = bench.open();
    StudySession* study = session->startRun(QStringLiteral("stopped"), recipe(200, 500));
    waitForPoints(*study, 25);
    study->stop();
    QCOMPARE(study->phase(), StudySession::Phase::Stopping);
    waitForEnd(*study);
    const TrialId trial = study->trials()[0].id;
    QCOMPARE(nameOf(study->trials()[0].state), nameOf(TrialState::Cancelled));
    QVERIFY(study->points(trial).size() >= 25);
    QVERIFY(study->points(trial) == need(bench.reader().points(trial)));
    QVERIFY(study->canResume());

    const QSignalSpy replaced(study, &StudySession::historyReplaced);
    study->continueStudy();
    QVERIFY(study->isActive());
    waitForEnd(*study);
    QCOMPARE(nameOf(study->trials()[0].state), nameOf(TrialState::Complete));
    QCOMPARE(study->trials().size(), 1U);
    QCOMPARE(study->points(trial).size(), 200U);
    QVERIFY(study->points(trial) == need(bench.reader().points(trial)));
    QVERIFY(replaced.count() <= 1); // none if it stopped right at a checkpoint
    QVERIFY(study->log().back().text != "from step 0");
}

void TestProjectSession::stoppedWhileStartingEndsIdle() {
    Bench bench;
    const auto session = bench.open();
    StudySession* study = session->startRun(QStringLiteral("hasty"), recipe(200, 500));
    QSignalSpy finished(study, &StudySession::finished);
    study->stop();
    QVERIFY(finished.wait(kPatienceMs));
    QCOMPARE(study->phase(), StudySession::Phase::Idle);
    QVERIFY(study->trials().empty());
    QVERIFY(session->activeStudies().isEmpty());
}

void TestProjectSession::reopenedProjectShowsTheSame() {
    Bench bench;
    std::vector<MetricPoint> points;
    StudyId id;
    QString state;
    {
        const auto session = bench.open();
        session->draft().setValue(QStringLiteral("max_steps"), std::int64_t{77});
        StudySession* study = session->startRun(QStringLiteral("kept"), recipe(40));
        waitForEnd(*study);
        points = study->points(study->trials()[0].id);
        id = study->id();
        state = session->runs().index(0, RunTableModel::State).data().toString();
    }
    const auto session = bench.open();
    QVERIFY(session->draft().value(QStringLiteral("max_steps")) == ParamValue(std::int64_t{77}));
    QCOMPARE(session->runs().rowCount(), 1);
    QCOMPARE(session->runs().index(0, RunTableModel::State).data().toString(), state);
    QCOMPARE(session->runs().index(0, RunTableModel::Name).data().toString(), QStringLiteral("kept"));
    StudySession* study = session->openStudy(id);
    QCOMPARE(session->openStudy(id), study);
    QSignalSpy loaded(study, &StudySession::historyLoaded);
    QVERIFY(loaded.wait(kPatienceMs));
    QCOMPARE(study->phase(), StudySession::Phase::Idle);
    QCOMPARE(study->name(), QStringLiteral("kept"));
    QVERIFY(study->points(study->trials()[0].id) == points);
    QCOMPARE(study->samples(study->trials()[0].id).size(), 1U);
    session->closeStudy(id);
    QVERIFY(session->findStudy(id) == nullptr);
}

void TestProjectSession::interruptedRunIsResumedInANewProcess() {
    Bench bench;
    StudyId id;
    {
        // What a killed process leaves: an active trial with points beyond its checkpoint.
        std::filesystem::create_directories(bench.folder / "project");
        StudyWriter writer = need(StudyWriter::open(bench.folder / "project/lathe.db"));
        StudySpec spec;
        spec.name = "killed";
        spec.fixed = withDefaults(schema(), recipe(30));
        id = need(writer.createStudy(spec));
        const TrialId trial = need(writer.createTrial({id, 0, spec.fixed, 1}));
        std::vector<Event> events{TrialChange{trial, TrialState::Running, ""}};
        for (std::int64_t step = 1; step <= 17; ++step)
            events.push_back(MetricPoint{trial, "loss", step, -1, 0});
        need(writer.append(events));
        bench.folder.write("project/runs/" + std::to_string(trial.value) + "/checkpoint", "10");
    }
    const auto session = bench.open();
    QCOMPARE(session->runs().index(0, RunTableModel::State).data().toString(),
             stateText(TrialState::Interrupted));
    StudySession* study = session->resumeStudy(id);
    QSignalSpy finished(study, &StudySession::finished);
    QVERIFY(finished.wait(kPatienceMs));
    const auto points = study->points(study->trials()[0].id);
    QCOMPARE(points.size(), 30U);
    QCOMPARE(points[9].value, -1.0);
    QCOMPARE(points[10].value, 1.0 / 11);
    QVERIFY(points == need(bench.reader().points(study->trials()[0].id)));
}

void TestProjectSession::destructorStopsWhatRuns() {
    Bench bench;
    {
        const auto session = bench.open();
        StudySession* study = session->startRun(QStringLiteral("long"), recipe(1'000'000, 500));
        waitForPoints(*study, 3);
    }
    const auto trials = need(bench.reader().allTrials());
    QCOMPARE(nameOf(trials[0].state), nameOf(TrialState::Cancelled));
}

void TestProjectSession::forecastIsAnsweredForTheNewestQuestion() {
    Bench bench;
    ProjectSession session(bench.parts());
    std::vector<std::int64_t> answers;
    connect(&session, &ProjectSession::forecastReady, this,
            [&answers](const RecipeCost& cost) { answers.push_back(cost.trainableParameters); });
    for (std::int64_t steps = 1; steps <= 50; ++steps)
        session.requestForecast(withDefaults(schema(), recipe(steps)));
    QTRY_COMPARE_WITH_TIMEOUT(answers.size(), 1U, kPatienceMs);
    QCOMPARE(answers[0], 50);
    QSignalSpy failed(&session, &ProjectSession::forecastFailed);
    session.requestForecast(withDefaults(schema(), recipe(0)));
    QVERIFY(failed.wait(kPatienceMs));
    QCOMPARE(answers.size(), 1U);
}

void TestProjectSession::renamedAndRemovedStudiesFollow() {
    Bench bench;
    const auto session = bench.open();
    StudySession* study = session->startRun(QStringLiteral("first"), recipe(3));
    waitForEnd(*study);
    const StudyId id = study->id();
    session->renameStudy(id, QStringLiteral("better"));
    const auto name = [&] { return session->runs().index(0, RunTableModel::Name).data().toString(); };
    QTRY_COMPARE_WITH_TIMEOUT(name(), QStringLiteral("better"), kPatienceMs);
    QCOMPARE(study->name(), QStringLiteral("better"));
    session->removeStudy(id);
    QTRY_COMPARE_WITH_TIMEOUT(session->runs().rowCount(), 0, kPatienceMs);
    QVERIFY(need(bench.reader().studies()).empty());
}

void TestProjectSession::adapterIsExportedFromItsFolder() {
    Bench bench;
    const auto session = bench.open();
    StudySession* study = session->startRun(QStringLiteral("first"), recipe(3));
    waitForEnd(*study);
    QSignalSpy exported(session.get(), &ProjectSession::exportFinished);
    const QString target = bench.projectFolder() + QStringLiteral("/exported");
    QCOMPARE(session->exportFormats().front().id, std::string("usual"));
    session->exportAdapter(study->trials()[0].id, target, QStringLiteral("usual"));
    QVERIFY(exported.wait(kPatienceMs));
    QVERIFY(exported[0][1].toString().contains(QStringLiteral("1e-06")));
    QCOMPARE(need(readFile((target + QStringLiteral("/adapter.bin")).toStdString())),
             std::string("weights of base usual"));
    QSignalSpy failed(session.get(), &ProjectSession::exportFailed);
    session->exportAdapter(TrialId{99}, target);
    QVERIFY(failed.wait(kPatienceMs));
}

void TestProjectSession::guiThreadNeverWaitsLong() {
    Bench bench;
    const auto session = bench.open();
    QElapsedTimer clock;
    clock.start();
    StudySession* study = session->startRun(QStringLiteral("quick"), recipe(100'000, 100));
    session->requestForecast(withDefaults(schema(), recipe(5)));
    QVERIFY2(clock.elapsed() < 50, "starting must not wait for the disk"); // one fsync costs about as much
    waitForPoints(*study, 20);
    clock.start();
    study->pause();
    study->resume();
    study->stop();
    QVERIFY(clock.elapsed() < 50);
    waitForEnd(*study);
}

QTEST_GUILESS_MAIN(TestProjectSession)
#include "tst_project_session.moc"
