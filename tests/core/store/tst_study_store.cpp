#include "tests/core/store/store_fixture.h"

#include <cmath>
#include <limits>

using namespace lathe;
using namespace lathe::test;

class TestStudyStore : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void studyComesBackAsItWasWritten();
    void trialComesBackAsItWasWritten();
    void pointsComeBackByNameAndStep();
    void everyDoubleComesBackBitForBit();
    void pointOfTheSameStepIsReplaced();
    void summaryFollowsAppendedPoints();
    void summaryFollowsReplacedPoints();
    void notANumberIsNeverTheBest();
    void oneMetricOfAllTrialsComesByTrialAndStep();
    void rewindRemovesLaterPointsAndSamples();
    void appendAfterRewindCountsFromThere();
    void stateChangesAreKeptWithTheirTimes();
    void runningSetsTheStartOnce();
    void samplesAndLogComeBackInOrder();
    void eventsOfUnknownTrialsAreLeftOutAndTold();
    void trialsLeftActiveBecomeInterrupted();
    void finishedTrialHasItsTotalsAndFolder();
    void projectFolderMayMove();
    void artifactsAreListedWithTheirHashes();
    void removedStudyIsHiddenButNotErased();
    void renamedStudyKeepsItsSpec();
    void aTrialMayBeginAnewWithOtherValues();
    void aProtectedTrialStaysSo();
    void unknownRowsAreNamed();
    void sameTrialNumberTwiceIsRefused();
    void readerSeesOneStateWhileTheWriterGoesOn();
    void sixtyThousandPointsAreReadBack();

private:
    struct Project {
        TempFolder folder;
        StudyWriter writer = need(StudyWriter::open(folder / "lathe.db"));
        StudyId study = need(writer.createStudy(sampleSpec()));
        TrialId trial = need(writer.createTrial(sampleTrial(study)));

        StudyReader reader() const { return need(StudyReader::open(folder / "lathe.db")); }
        TrialRecord record() const { return need(reader().trial(trial)); }
        void append(std::vector<Event> events) { need(writer.append(events)); }
        Event point(const std::string& name, std::int64_t step, double value) const {
            return MetricPoint{trial, name, step, value, 0.5 * static_cast<double>(step)};
        }
    };
};

void TestStudyStore::studyComesBackAsItWasWritten() {
    Project project;
    need(project.writer.saveSamplerState(project.study, std::string_view("a\0b", 3)));
    const StudyRecord study = need(project.reader().study(project.study));
    QCOMPARE(study.id, project.study);
    QCOMPARE(study.spec, sampleSpec());
    QCOMPARE(study.samplerState, std::string("a\0b", 3));
    QCOMPARE(study.trialsDone, 0);
    QVERIFY(QDateTime::fromString(QString::fromStdString(study.createdAt), Qt::ISODateWithMs).isValid());
}

void TestStudyStore::trialComesBackAsItWasWritten() {
    Project project;
    const TrialRecord trial = project.record();
    QCOMPARE(trial.study, project.study);
    QCOMPARE(trial.number, 0);
    QCOMPARE(trial.values, sampleSpec().fixed);
    QCOMPARE(trial.seed, 0x8000'0000'0000'0001U);
    QCOMPARE(nameOf(trial.state), nameOf(TrialState::Queued));
    QVERIFY(trial.startedAt.empty());
    QVERIFY(trial.adapterFolder.empty());
}

void TestStudyStore::pointsComeBackByNameAndStep() {
    Project project;
    project.append(
        {project.point("loss", 2, 1.5), project.point("eval_loss", 1, 3), project.point("loss", 1, 2)});
    const std::vector<MetricPoint> expected{{project.trial, "eval_loss", 1, 3, 0.5},
                                            {project.trial, "loss", 1, 2, 0.5},
                                            {project.trial, "loss", 2, 1.5, 1}};
    QCOMPARE(need(project.reader().points(project.trial)), expected);
}

void TestStudyStore::oneMetricOfAllTrialsComesByTrialAndStep() {
    Project project;
    const TrialId second = need(project.writer.createTrial(sampleTrial(project.study, 1)));
    const StudyId other = need(project.writer.createStudy(sampleSpec()));
    const TrialId stranger = need(project.writer.createTrial(sampleTrial(other)));
    project.append({MetricPoint{second, "loss", 1, 7, 1}, project.point("loss", 2, 1.5),
                    project.point("lr", 1, 3), project.point("loss", 1, 2),
                    MetricPoint{stranger, "loss", 1, 9, 1}});
    const std::vector<MetricPoint> expected{
        {project.trial, "loss", 1, 2, 0.5}, {project.trial, "loss", 2, 1.5, 1}, {second, "loss", 1, 7, 1}};
    QCOMPARE(need(project.reader().points(project.study, "loss")), expected);
    QVERIFY(need(project.reader().points(project.study, "unheard of")).empty());
}

void TestStudyStore::everyDoubleComesBackBitForBit() {
    Project project;
    using Limits = std::numeric_limits<double>;
    const std::vector<double> values{0.1,
                                     -0.0,
                                     0.0,
                                     1.0,
                                     1e308,
                                     Limits::max(),
                                     Limits::min(),
                                     Limits::denorm_min(),
                                     9007199254740993.0,
                                     3.0,
                                     Limits::infinity(),
                                     -Limits::infinity()};
    std::vector<Event> events;
    for (std::size_t i = 0; i < values.size(); ++i)
        events.push_back(
            MetricPoint{project.trial, "loss", static_cast<std::int64_t>(i), values[i], values[i]});
    events.push_back(MetricPoint{project.trial, "loss", 1000, Limits::quiet_NaN(), Limits::quiet_NaN()});
    project.append(events);
    const auto points = need(project.reader().points(project.trial));
    QCOMPARE(points.size(), values.size() + 1);
    for (std::size_t i = 0; i < values.size(); ++i) {
        QCOMPARE(std::bit_cast<std::uint64_t>(points[i].value), std::bit_cast<std::uint64_t>(values[i]));
        QCOMPARE(std::bit_cast<std::uint64_t>(points[i].seconds), std::bit_cast<std::uint64_t>(values[i]));
    }
    QVERIFY(std::isnan(points.back().value));
    QVERIFY(std::isnan(points.back().seconds));
}

void TestStudyStore::pointOfTheSameStepIsReplaced() {
    Project project;
    project.append({project.point("loss", 1, 5), project.point("loss", 1, 4)});
    project.append({MetricPoint{project.trial, "loss", 1, 3, 9}});
    const std::vector<MetricPoint> expected{{project.trial, "loss", 1, 3, 9}};
    QCOMPARE(need(project.reader().points(project.trial)), expected);
}

void TestStudyStore::summaryFollowsAppendedPoints() {
    Project project;
    project.append({project.point("loss", 1, 5), project.point("eval_accuracy", 1, 0.25)});
    project.append({project.point("loss", 2, 3), project.point("loss", 3, 4),
                    project.point("eval_accuracy", 2, 0.75), project.point("eval_accuracy", 3, 0.5)});
    const TrialRecord trial = project.record();
    QCOMPARE(trial.lastValues.at("loss"), 4.0);
    QCOMPARE(trial.bestValues.at("loss"), 3.0);
    QCOMPARE(trial.lastValues.at("eval_accuracy"), 0.5);
    QCOMPARE(trial.bestValues.at("eval_accuracy"), 0.75);
    QCOMPARE(trial.steps, 3);
    QCOMPARE(trial.seconds, 1.5);
}

void TestStudyStore::summaryFollowsReplacedPoints() {
    Project project;
    project.append({project.point("loss", 1, 5), project.point("loss", 2, 1), project.point("loss", 3, 4)});
    project.append({project.point("loss", 2, 6)});
    QCOMPARE(project.record().bestValues.at("loss"), 4.0);
    project.append({project.point("loss", 3, 9)});
    QCOMPARE(project.record().lastValues.at("loss"), 9.0);
    QCOMPARE(project.record().bestValues.at("loss"), 5.0);
}

void TestStudyStore::notANumberIsNeverTheBest() {
    Project project;
    project.append({project.point("loss", 1, std::nan(""))});
    QVERIFY(!project.record().bestValues.contains("loss"));
    QVERIFY(std::isnan(project.record().lastValues.at("loss")));
    project.append({project.point("loss", 2, 7), project.point("loss", 3, std::nan(""))});
    QCOMPARE(project.record().bestValues.at("loss"), 7.0);
    QVERIFY(std::isnan(project.record().lastValues.at("loss")));
}

void TestStudyStore::rewindRemovesLaterPointsAndSamples() {
    Project project;
    project.append({project.point("loss", 1, 5), project.point("loss", 2, 4), project.point("loss", 3, 1),
                    project.point("lr", 3, 0.1), SampleText{project.trial, 2, "p", "early", ""},
                    SampleText{project.trial, 3, "p", "late", ""}});
    need(project.writer.rewindTrial(project.trial, 2));
    const auto points = need(project.reader().points(project.trial));
    QCOMPARE(points.size(), 2U);
    QCOMPARE(points.back().step, 2);
    const TrialRecord trial = project.record();
    QCOMPARE(trial.lastValues.at("loss"), 4.0);
    QCOMPARE(trial.bestValues.at("loss"), 4.0);
    QVERIFY(!trial.lastValues.contains("lr"));
    QCOMPARE(trial.steps, 2);
    const auto samples = need(project.reader().samples(project.trial));
    QCOMPARE(samples.size(), 1U);
    QCOMPARE(samples.front().text, std::string("early"));
}

void TestStudyStore::appendAfterRewindCountsFromThere() {
    Project project;
    project.append({project.point("loss", 1, 5), project.point("loss", 2, 4), project.point("loss", 3, 1)});
    project.append({TrialRewind{project.trial, 1}, project.point("loss", 2, 3), project.point("loss", 3, 2)});
    const TrialRecord trial = project.record();
    QCOMPARE(trial.lastValues.at("loss"), 2.0);
    QCOMPARE(trial.bestValues.at("loss"), 2.0);
    QCOMPARE(need(project.reader().points(project.trial)).size(), 3U);
}

void TestStudyStore::stateChangesAreKeptWithTheirTimes() {
    Project project;
    project.append({TrialChange{project.trial, TrialState::Running, ""},
                    TrialChange{project.trial, TrialState::Failed, "out of memory"}});
    const auto changes = need(project.reader().stateChanges(project.trial));
    QCOMPARE(changes.size(), 2U);
    QCOMPARE(nameOf(changes[1].state), nameOf(TrialState::Failed));
    QCOMPARE(changes[1].note, std::string("out of memory"));
    QVERIFY(QDateTime::fromString(QString::fromStdString(changes[1].time), Qt::ISODateWithMs).isValid());
    QCOMPARE(nameOf(project.record().state), nameOf(TrialState::Failed));
    QCOMPARE(project.record().note, std::string("out of memory"));
    QCOMPARE(need(project.reader().study(project.study)).trialsDone, 1);
}

void TestStudyStore::runningSetsTheStartOnce() {
    Project project;
    project.append({TrialChange{project.trial, TrialState::Running, ""}});
    const std::string start = project.record().startedAt;
    QVERIFY(!start.empty());
    QVERIFY(project.record().endedAt.empty());
    QTest::qSleep(2); // times are in milliseconds
    project.append({TrialChange{project.trial, TrialState::Cancelled, ""}});
    QVERIFY(project.record().endedAt > start);
    project.append({TrialChange{project.trial, TrialState::Running, ""}});
    QCOMPARE(project.record().startedAt, start);
    QVERIFY(project.record().endedAt.empty());
}

void TestStudyStore::samplesAndLogComeBackInOrder() {
    Project project;
    project.append({LogLine{project.trial, LogLine::Level::Warning, "second row dropped"},
                    SampleText{project.trial, 20, "Hello", "world", "there"},
                    SampleText{project.trial, 10, "Hello", "w", "there"},
                    LogLine{project.trial, LogLine::Level::Info, "checkpoint"},
                    LogLine{{}, LogLine::Level::Error, "of the study"}});
    const StudyReader reader = project.reader();
    const auto samples = need(reader.samples(project.trial));
    QCOMPARE(samples.size(), 2U);
    QCOMPARE(samples[0].step, 10);
    QCOMPARE(samples[1].text, std::string("world"));
    QCOMPARE(samples[1].expected, std::string("there"));
    const auto log = need(reader.log(project.trial));
    QCOMPARE(log.size(), 2U);
    QCOMPARE(log[0].level, LogLine::Level::Warning);
    QCOMPARE(log[1].text, std::string("checkpoint"));
    const auto common = need(reader.log({}));
    QCOMPARE(common.size(), 1U);
    QCOMPARE(common[0].text, std::string("of the study"));
}

void TestStudyStore::eventsOfUnknownTrialsAreLeftOutAndTold() {
    Project project;
    const TrialId stranger{999};
    project.append({project.point("loss", 1, 5), MetricPoint{stranger, "loss", 1, 1, 1},
                    TrialChange{stranger, TrialState::Running, ""}, TrialProgress{stranger, "", 1, 2, 3}});
    QCOMPARE(need(project.reader().points(project.trial)).size(), 1U);
    QVERIFY(need(project.reader().points(stranger)).empty());
    const auto log = need(project.reader().log({}));
    QCOMPARE(log.size(), 1U);
    QCOMPARE(log[0].text, std::string("2 events of trial 999 were left out: it has no row"));
}

void TestStudyStore::trialsLeftActiveBecomeInterrupted() {
    Project project;
    const TrialId finished = need(project.writer.createTrial(sampleTrial(project.study, 1)));
    project.append({TrialChange{project.trial, TrialState::Running, ""},
                    TrialChange{finished, TrialState::Complete, ""}});
    need(project.writer.markInterrupted());
    QCOMPARE(nameOf(project.record().state), nameOf(TrialState::Interrupted));
    QCOMPARE(nameOf(need(project.reader().trial(finished)).state), nameOf(TrialState::Complete));
    QCOMPARE(need(project.reader().stateChanges(project.trial)).size(), 2U);
}

void TestStudyStore::finishedTrialHasItsTotalsAndFolder() {
    Project project;
    project.append({project.point("loss", 10, 5)});
    const auto folder = project.folder / "runs/1/adapter";
    need(project.writer.finishTrial(project.trial, 12, 34.5, folder));
    const TrialRecord trial = project.record();
    QCOMPARE(trial.steps, 12);
    QCOMPARE(trial.seconds, 34.5);
    QCOMPARE(trial.adapterFolder.string(), folder.string());
}

void TestStudyStore::projectFolderMayMove() {
    Project project;
    need(project.writer.finishTrial(project.trial, 1, 1, project.folder / "runs/1/adapter"));
    const TempFolder elsewhere;
    need(project.writer.append({})); // nothing pends: the file alone is whole after the writer has closed
    { const StudyWriter closed = std::move(project.writer); }
    std::filesystem::copy_file(project.folder / "lathe.db", elsewhere / "lathe.db");
    const auto reader = need(StudyReader::open(elsewhere / "lathe.db"));
    QCOMPARE(need(reader.trial(project.trial)).adapterFolder.string(),
             (elsewhere / "runs/1/adapter").string());
}

void TestStudyStore::artifactsAreListedWithTheirHashes() {
    Project project;
    project.folder.write("out/b.txt", "abc");
    project.folder.write("out/sub/a.bin", "");
    const auto artifacts = need(listArtifacts(project.folder / "out"));
    // FIPS 180-4 test vectors for "abc" and the empty message.
    const std::vector<Artifact> expected{
        {"b.txt", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"sub/a.bin", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}};
    QCOMPARE(artifacts, expected);
    need(project.writer.setArtifacts(project.trial, artifacts));
    need(project.writer.setArtifacts(project.trial, artifacts));
    QCOMPARE(need(project.reader().artifacts(project.trial)), expected);
    QVERIFY(!listArtifacts(project.folder / "missing").has_value());
}

void TestStudyStore::removedStudyIsHiddenButNotErased() {
    Project project;
    need(project.writer.remove(project.study));
    QVERIFY(need(project.reader().studies()).empty());
    QVERIFY(need(project.reader().allTrials()).empty());
    QCOMPARE(need(project.reader().study(project.study)).spec.name, sampleSpec().name);
    QCOMPARE(need(project.reader().trials(project.study)).size(), 1U);
}

void TestStudyStore::renamedStudyKeepsItsSpec() {
    Project project;
    need(project.writer.rename(project.study, "better"));
    StudySpec expected = sampleSpec();
    expected.name = "better";
    QCOMPARE(need(project.reader().study(project.study)).spec, expected);
}

void TestStudyStore::aTrialMayBeginAnewWithOtherValues() {
    Project project;
    const ParamValues lighter{{"batch_size", std::int64_t{4}}};
    need(project.writer.setRecipe(project.trial, lighter));
    QCOMPARE(project.record().values, lighter);
    QVERIFY(!project.writer.setRecipe(TrialId{99}, lighter).has_value());
}

void TestStudyStore::aProtectedTrialStaysSo() {
    Project project;
    QVERIFY(!project.record().isProtected);
    need(project.writer.protectTrial(project.trial));
    QVERIFY(project.record().isProtected);
    need(project.writer.unprotectTrial(project.trial));
    QVERIFY(!project.record().isProtected);
    QVERIFY(!project.writer.protectTrial(TrialId{99}).has_value());
}

void TestStudyStore::unknownRowsAreNamed() {
    Project project;
    QCOMPARE(project.reader().trial(TrialId{77}).error().text(),
             std::string("trial 77: is not in this project"));
    QCOMPARE(project.reader().trial({}).error().text(), std::string("trial 0: is not in this project"));
    QCOMPARE(project.reader().study(StudyId{78}).error().text(),
             std::string("study 78: is not in this project"));
    QCOMPARE(project.writer.finishTrial(TrialId{77}, 1, 1, {}).error().where, std::string("trial 77"));
    QCOMPARE(project.writer.rename(StudyId{78}, "x").error().where, std::string("study 78"));
}

void TestStudyStore::sameTrialNumberTwiceIsRefused() {
    Project project;
    QVERIFY(!project.writer.createTrial(sampleTrial(project.study)).has_value());
    QVERIFY(!project.writer.createTrial(sampleTrial(StudyId{55})).has_value());
    QVERIFY(project.writer.createTrial(sampleTrial(project.study, 1)).has_value());
}

void TestStudyStore::readerSeesOneStateWhileTheWriterGoesOn() {
    Project project;
    const StudyReader reader = project.reader();
    for (std::int64_t step = 1; step <= 50; ++step) {
        project.append({project.point("loss", step, 1), project.point("lr", step, 1)});
        QCOMPARE(need(reader.points(project.trial)).size(), static_cast<std::size_t>(2 * step));
        QCOMPARE(need(reader.trial(project.trial)).steps, step);
    }
    need(reader.checkIntegrity());
}

void TestStudyStore::sixtyThousandPointsAreReadBack() {
    Project project;
    constexpr std::int64_t kSteps = 20'000;
    const std::vector<std::string> names{"eval_loss", "loss", "lr"};
    std::vector<MetricPoint> expected;
    for (const std::string& name : names)
        for (std::int64_t step = 1; step <= kSteps; ++step)
            expected.push_back({project.trial, name, step, 1.0 / static_cast<double>(step), 0.25});
    for (std::size_t begin = 0; begin < expected.size(); begin += 500)
        project.append(std::vector<Event>(expected.begin() + static_cast<std::ptrdiff_t>(begin),
                                          expected.begin() + static_cast<std::ptrdiff_t>(begin + 500)));
    QVERIFY(need(project.reader().points(project.trial)) == expected);
    QCOMPARE(project.record().steps, kSteps);
}

QTEST_GUILESS_MAIN(TestStudyStore)
#include "tst_study_store.moc"
