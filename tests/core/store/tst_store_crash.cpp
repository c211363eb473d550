#include "core/base/files.h"
#include "core/base/random.h"
#include "core/store/store_thread.h"
#include "tests/core/store/store_fixture.h"

#include <chrono>
#include <csignal>
#include <cstring>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>

using namespace lathe;
using namespace lathe::test;
using namespace std::chrono_literals;

class TestStoreCrash : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void killedWriterLosesAtMostItsLastQuarterSecond_data();
    void killedWriterLosesAtMostItsLastQuarterSecond();
    void anotherProgramsReadingLeavesTheWritersLogInPlace();
};

namespace {

std::int64_t nanosecondsNow() {
    return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

pid_t startVictim(const std::string& database, const std::string& notes) {
    std::string program = LATHE_STORE_VICTIM;
    std::string first = database;
    std::string second = notes;
    char* arguments[] = {program.data(), first.data(), second.data(), nullptr};
    pid_t child = 0;
    return posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments, environ) == 0 ? child : -1;
}

/// The last step published at or before `deadline`, in nanoseconds of the monotonic clock.
std::int64_t lastStepBefore(const std::string& notes, std::int64_t deadline) {
    std::int64_t last = 0;
    for (std::size_t at = 0; at + 16 <= notes.size(); at += 16) {
        std::int64_t step = 0;
        std::int64_t time = 0;
        std::memcpy(&step, notes.data() + at, 8);
        std::memcpy(&time, notes.data() + at + 8, 8);
        if (time <= deadline)
            last = step;
    }
    return last;
}

} // namespace

void TestStoreCrash::killedWriterLosesAtMostItsLastQuarterSecond_data() {
    QTest::addColumn<int>("lifeMs");
    Rng rng(2026);
    for (int i = 0; i < 10; ++i)
        QTest::addRow("kill %d", i) << static_cast<int>(rng.integer(5, 900));
}

void TestStoreCrash::killedWriterLosesAtMostItsLastQuarterSecond() {
    QFETCH(int, lifeMs);
    const TempFolder folder;
    const auto database = folder / "lathe.db";
    const auto notesFile = folder / "notes";
    const pid_t victim = startVictim(database.string(), notesFile.string());
    QVERIFY(victim > 0);
    // The life is counted from the first point; a victim that cannot start shows no notes.
    QTRY_VERIFY_WITH_TIMEOUT(std::filesystem::exists(notesFile) && std::filesystem::file_size(notesFile) > 0,
                             20'000);
    std::this_thread::sleep_for(std::chrono::milliseconds(lifeMs));
    const std::int64_t killedAt = nanosecondsNow();
    QCOMPARE(::kill(victim, SIGKILL), 0);
    QCOMPARE(::waitpid(victim, nullptr, 0), victim);

    StudyWriter writer = need(StudyWriter::open(database));
    need(writer.markInterrupted());
    const StudyReader reader = need(StudyReader::open(database));
    need(reader.checkIntegrity());
    const auto trials = need(reader.allTrials());
    QCOMPARE(trials.size(), 1U);
    QCOMPARE(nameOf(trials[0].state), nameOf(TrialState::Interrupted));
    const auto points = need(reader.points(trials[0].id));
    for (std::size_t i = 0; i < points.size(); ++i)
        QCOMPARE(points[i].step, static_cast<std::int64_t>(i) + 1);
    const std::int64_t promised =
        lastStepBefore(need(readFile(notesFile)), killedAt - std::chrono::nanoseconds(250ms).count());
    QVERIFY2(
        static_cast<std::int64_t>(points.size()) >= promised,
        qPrintable(QStringLiteral("%1 points, %2 were older than 250 ms").arg(points.size()).arg(promised)));
    QCOMPARE(trials[0].steps, static_cast<std::int64_t>(points.size()));
}

void TestStoreCrash::anotherProgramsReadingLeavesTheWritersLogInPlace() {
    const TempFolder folder;
    const std::string database = (folder.path() / "lathe.db").string();
    EventHub hub;
    const auto store = StoreThread::start(database, hub);
    QVERIFY(store.has_value());
    QVERIFY((*store)
                ->call<StudyId>([](StudyWriter& writer) { return writer.createStudy(StudySpec{}); })
                .get()
                .has_value());
    // Opening a reader here looks at the file first; that must not cost the writer's locks, or the other
    // program believes to be alone, and deletes the log when it closes.
    QVERIFY(StudyReader::open(database).has_value());
    struct stat before {};
    QCOMPARE(::stat((database + "-wal").c_str(), &before), 0);

    std::string program = LATHE_STORE_VICTIM;
    std::string first = database;
    char* arguments[] = {program.data(), first.data(), nullptr};
    pid_t child = 0;
    int status = 1;
    QCOMPARE(posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments, environ), 0);
    QCOMPARE(::waitpid(child, &status, 0), child);
    QCOMPARE(status, 0);

    struct stat after {};
    QCOMPARE(::stat((database + "-wal").c_str(), &after), 0);
    QCOMPARE(after.st_ino, before.st_ino);
}

QTEST_GUILESS_MAIN(TestStoreCrash)
#include "tst_store_crash.moc"
