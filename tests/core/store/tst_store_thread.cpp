#include "core/store/store_thread.h"
#include "tests/core/store/store_fixture.h"

#include <atomic>
#include <csignal>
#include <sys/resource.h>

using namespace lathe;
using namespace lathe::test;
using namespace std::chrono_literals;

class TestStoreThread : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void flushedEventsAreRows();
    void requestComesAfterWhatWasPostedBefore();
    void eventsAreCommittedWithoutBeingAsked();
    void destructorWritesWhatIsLeft();
    void pointsOfManyThreadsAllArrive();
    void readerSeesRowsDuringWriting();
    void activeTrialsOfAnEndedProcessBecomeInterrupted();
    void databaseThatCannotBeOpenedIsTold();
    void failedWriteIsToldAndMadeUpLater();
    void lockIsFreeAfterTheEnd();

private:
    struct Project {
        TempFolder folder;
        EventHub hub;
        std::unique_ptr<StoreThread> store = need(StoreThread::start(folder / "lathe.db", hub));
        TrialId trial = makeTrial();

        TrialId makeTrial() {
            return need(store
                            ->call<TrialId>([](StudyWriter& writer) -> Result<TrialId> {
                                LATHE_ASSIGN(const StudyId study, writer.createStudy(sampleSpec()));
                                return writer.createTrial(sampleTrial(study));
                            })
                            .get());
        }
        void report(std::int64_t step, const std::string& name = "loss") {
            hub.publish(MetricPoint{trial, name, step, 1.0 / static_cast<double>(step), 0.1});
        }
        StudyReader reader() const { return need(StudyReader::open(folder / "lathe.db")); }
    };
};

void TestStoreThread::flushedEventsAreRows() {
    Project project;
    for (std::int64_t step = 1; step <= 100; ++step)
        project.report(step);
    need(project.store->flush());
    QCOMPARE(need(project.reader().points(project.trial)).size(), 100U);
    QCOMPARE(project.store->problem(), std::string());
}

void TestStoreThread::requestComesAfterWhatWasPostedBefore() {
    Project project;
    const auto database = project.folder / "lathe.db";
    for (std::int64_t step = 1; step <= 20; ++step) {
        project.report(step);
        auto seen = project.store->call<std::size_t>([&](StudyWriter&) -> Result<std::size_t> {
            return need(need(StudyReader::open(database)).points(project.trial)).size();
        });
        QCOMPARE(need(seen.get()), static_cast<std::size_t>(step));
    }
}

void TestStoreThread::eventsAreCommittedWithoutBeingAsked() {
    Project project;
    const StudyReader reader = project.reader();
    project.report(1);
    // The promise is 250 ms; the limit leaves room for a loaded machine and still fails a store that never
    // wakes.
    QTRY_COMPARE_WITH_TIMEOUT(need(reader.points(project.trial)).size(), 1U, 5000);
}

void TestStoreThread::destructorWritesWhatIsLeft() {
    Project project;
    std::future<Result<std::monostate>> last;
    for (std::int64_t step = 1; step <= 1000; ++step)
        project.report(step);
    last = project.store->call<std::monostate>([](StudyWriter&) { return ok(); });
    project.report(1001);
    project.store.reset();
    need(last.get());
    QCOMPARE(need(project.reader().points(project.trial)).size(), 1001U);
}

void TestStoreThread::pointsOfManyThreadsAllArrive() {
    Project project;
    constexpr std::int64_t kSteps = 20'000;
    {
        std::vector<std::jthread> threads;
        for (const char* name : {"loss", "lr", "grad_norm"})
            threads.emplace_back([&project, name] {
                for (std::int64_t step = 1; step <= kSteps; ++step)
                    project.report(step, name);
            });
    }
    need(project.store->flush());
    const auto points = need(project.reader().points(project.trial));
    QCOMPARE(points.size(), static_cast<std::size_t>(3 * kSteps));
    for (std::size_t i = 0; i < points.size(); ++i)
        QCOMPARE(points[i].step, static_cast<std::int64_t>(i) % kSteps + 1);
}

void TestStoreThread::readerSeesRowsDuringWriting() {
    Project project;
    std::atomic<bool> isDone = false;
    std::jthread trainer([&] {
        for (std::int64_t step = 1; step <= 3000; ++step)
            project.report(step);
        need(project.store->flush());
        isDone = true;
    });
    const StudyReader reader = project.reader();
    std::size_t before = 0;
    while (!isDone) {
        const auto points = need(reader.points(project.trial));
        QVERIFY(points.size() >= before);
        before = points.size();
        for (std::size_t i = 0; i < points.size(); ++i)
            QCOMPARE(points[i].step, static_cast<std::int64_t>(i) + 1);
    }
    QCOMPARE(need(reader.points(project.trial)).size(), 3000U);
}

void TestStoreThread::activeTrialsOfAnEndedProcessBecomeInterrupted() {
    Project project;
    project.hub.publish(TrialChange{project.trial, TrialState::Running, ""});
    project.store.reset();
    project.store = need(StoreThread::start(project.folder / "lathe.db", project.hub));
    QCOMPARE(nameOf(need(project.reader().trial(project.trial)).state), nameOf(TrialState::Interrupted));
}

void TestStoreThread::databaseThatCannotBeOpenedIsTold() {
    const TempFolder folder;
    folder.write("lathe.db", "not a database");
    EventHub hub;
    const auto started = StoreThread::start(folder / "lathe.db", hub);
    QCOMPARE(started.error().kind, Error::Kind::Database);
}

void TestStoreThread::failedWriteIsToldAndMadeUpLater() {
    Project project;
    need(project.store->flush());
    // A limit on file sizes makes write() fail as a full disk does, without filling one.
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    QCOMPARE(::getrlimit(RLIMIT_FSIZE, &before), 0);
    rlimit full = before;
    full.rlim_cur = std::filesystem::file_size(project.folder / "lathe.db-wal");
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &full), 0);
    for (std::int64_t step = 1; step <= 3000; ++step)
        project.report(step);
    const Status refused = project.store->flush();
    const std::string problem = project.store->problem();
    const auto answered =
        project.store->call<StudyId>([](StudyWriter& writer) { return writer.createStudy(sampleSpec()); })
            .get();
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &before), 0);

    QCOMPARE(refused.error().kind, Error::Kind::Database);
    QVERIFY2(QString::fromStdString(problem).contains(QStringLiteral("3000 events wait to be written")),
             problem.c_str());
    QVERIFY(!answered.has_value());
    project.report(3001);
    need(project.store->flush());
    QCOMPARE(project.store->problem(), std::string());
    const StudyReader reader = project.reader();
    QCOMPARE(need(reader.points(project.trial)).size(), 3001U);
    need(reader.checkIntegrity());
}

void TestStoreThread::lockIsFreeAfterTheEnd() {
    Project project;
    EventHub other;
    QVERIFY(!StoreThread::start(project.folder / "lathe.db", other).has_value());
    project.store.reset();
    QVERIFY(StoreThread::start(project.folder / "lathe.db", other).has_value());
}

QTEST_GUILESS_MAIN(TestStoreThread)
#include "tst_store_thread.moc"
