#include "core/base/random.h"
#include "core/store/study_reader.h"
#include "tests/app/program.h"
#include "tests/app/tiny_model.h"

#include <QElapsedTimer>
#include <QtTest>

#include <algorithm>
#include <map>
#include <set>

using namespace lathe;
using namespace lathe::test;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kTrials = 40;
/// LATHE_KILLS sets another number: 20 takes a minute or two.
constexpr int kUsualKills = 5;
constexpr int kPatienceMs = 60'000;

int wantedKills() {
    bool isNumber = false;
    const int kills = qEnvironmentVariable("LATHE_KILLS").toInt(&isNumber);
    return isNumber ? kills : kUsualKills;
}

template <typename T>
T need(Result<T> result) {
    if (!result.has_value())
        qFatal("%s", result.error().text().c_str());
    return std::move(result).value();
}

QString text(const fs::path& path) { return QString::fromStdString(path.string()); }

bool isOver(TrialState state) { return state == TrialState::Complete || state == TrialState::Pruned; }

/// A trial that has ended, as nothing may change it again.
struct Ended {
    ParamValues values;
    TrialState state = TrialState::Complete;
    std::int64_t steps = 0;
    std::string reason;                    ///< of its pruning
    std::map<std::string, double> metrics; ///< without those that follow the clock
    bool operator==(const Ended&) const = default;
};

Ended endOf(const TrialRecord& trial) {
    Ended ended{trial.values, trial.state, trial.steps, trial.note, {}};
    for (const char* name : {"loss", "eval_loss", "eval_accuracy"})
        if (const auto value = trial.lastValues.find(name); value != trial.lastValues.end())
            ended.metrics[name] = value->second;
    return ended;
}

std::vector<TrialRecord> trialsIn(const fs::path& project) {
    return need(need(StudyReader::open(project / "lathe.db")).trials(StudyId{1}));
}

} // namespace

/// The built program with a study of 40 trials on two slots that ends hopeless ones early, killed with
/// SIGKILL over and over at random moments.
class TestKilledStudy : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void killedStudyLosesNothing_data();
    void killedStudyLosesNothing();
    void everyTrialHasEndedOnce();
    void itSearchedTheSamePointsAsOneThatWasLeftAlone();

private:
    [[nodiscard]] QStringList newStudy(const fs::path& project, int slots) const;
    void sitThrough(const QStringList& arguments, int ends, int moreMs);

    TempFolder m_files;
    const fs::path m_killed = m_files / "killed";
    std::map<std::int64_t, Ended> m_ended; ///< by trial, as of the last kill
    int m_kills = 0;
    bool m_isOver = false; ///< the study: a fast machine has come to its end before the last kill
};

void TestKilledStudy::initTestCase() {
    writeTinyModel(m_files, "model");
    writeTinyRows(m_files, "rows.jsonl", 24);
}

QStringList TestKilledStudy::newStudy(const fs::path& project, int slots) const {
    return QStringList{"study",        "--json",
                       "--project",    text(project),
                       "--model",      text(m_files / "model"),
                       "--train-file", text(m_files / "rows.jsonl"),
                       "--seed",       "5",
                       "--trials",     QString::number(kTrials),
                       "--slots",      QString::number(slots)} +
           QStringLiteral(
               "--max-length 16 --device cpu --threads 1 --eval-fraction 0.25 --batch-size 4 --max-steps 8 "
               "--eval-every 2 --checkpoint-every 2 --sample-every 0 --warmup-steps 0 "
               "--search learning_rate=1e-4..1e-1:log --search rank=1..4 --sampler tpe "
               "--pruner median --pruner-option startup_trials=2 --deterministic 3 "
               "--pack-trials always")
               .split(' ');
}

/// Kills it a little after so many trials have ended, unless it is over before.
void TestKilledStudy::sitThrough(const QStringList& arguments, int ends, int moreMs) {
    QProcess process;
    process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    process.start(QStringLiteral(LATHE_PROGRAM), arguments);
    bool hasBegun = false;
    int ended = 0;
    while ((!hasBegun || ended < ends) && process.state() != QProcess::NotRunning) {
        QVERIFY2(process.canReadLine() || process.waitForReadyRead(kPatienceMs) ||
                     process.state() == QProcess::NotRunning,
                 "the program prints nothing any more");
        while (process.canReadLine()) {
            const QByteArray text = process.readLine();
            if (text.contains("there is nothing to resume")) { // the kill before came right after its end
                m_isOver = true;
                QVERIFY(process.waitForFinished(kPatienceMs));
                return;
            }
            const auto line = nlohmann::json::parse(text.toStdString());
            hasBegun = hasBegun || line.at("event") == "study";
            if (line.at("event") == "state")
                ended += line.at("state") == "complete" || line.at("state") == "pruned" ? 1 : 0;
        }
    }
    m_isOver = process.state() == QProcess::NotRunning || process.waitForFinished(moreMs);
    if (m_isOver) {
        QCOMPARE(process.exitCode(), 0);
        return;
    }
    process.kill();
    process.waitForFinished(kPatienceMs);
    ++m_kills;
}

void TestKilledStudy::killedStudyLosesNothing_data() {
    QTest::addColumn<int>("ends");
    QTest::addColumn<int>("moreMs");
    Rng rng(2026);
    const int kills = wantedKills();
    for (int i = 1; i <= kills; ++i)
        QTest::addRow("kill %d", i) << static_cast<int>(rng.integer(0, 30 / kills))
                                    << static_cast<int>(rng.integer(1, 120));
}

void TestKilledStudy::killedStudyLosesNothing() {
    QFETCH(int, ends);
    QFETCH(int, moreMs);
    if (m_isOver)
        QSKIP("the study was over before this kill");
    const QStringList resumed{"study",    "--json", "--project", text(m_killed),
                              "--resume", "1",      "--slots",   "2"};
    sitThrough(fs::exists(m_killed) ? resumed : newStudy(m_killed, 2), ends, moreMs);
    if (QTest::currentTestFailed())
        return;
    const auto reader = need(StudyReader::open(m_killed / "lathe.db"));
    QVERIFY(reader.checkIntegrity().has_value());
    std::set<std::int64_t> numbers;
    std::map<std::int64_t, Ended> now;
    for (const TrialRecord& trial : need(reader.trials(StudyId{1}))) {
        QVERIFY2(numbers.insert(trial.number).second, "a trial is there twice");
        if (isOver(trial.state))
            now.emplace(trial.id.value, endOf(trial));
    }
    QVERIFY(numbers.size() <= static_cast<std::size_t>(kTrials));
    QVERIFY2(numbers.empty() || *numbers.rbegin() == static_cast<std::int64_t>(numbers.size()) - 1,
             "a trial is lost");
    for (const auto& [trial, ended] : m_ended)
        QVERIFY2(now.contains(trial) && now.at(trial) == ended, "a trial that had ended has changed");
    m_ended = std::move(now);
}

void TestKilledStudy::everyTrialHasEndedOnce() {
    QVERIFY2(m_kills > 0, "nothing was killed: the study is too short");
    const Program program(m_files / "home");
    const QStringList resumed{"study",    "--json", "--project", text(m_killed),
                              "--resume", "1",      "--slots",   "2"};
    const ProgramRun run = program.run(resumed);
    // A fast machine may have come to the end, and stored it, right before the last kill.
    QVERIFY2(run.exitCode == 0 || run.errors.contains("is finished; there is nothing to resume"),
             run.errors.constData());
    const auto reader = need(StudyReader::open(m_killed / "lathe.db"));
    const auto trials = need(reader.trials(StudyId{1}));
    QCOMPARE(static_cast<std::int64_t>(trials.size()), kTrials);
    for (std::int64_t number = 0; number < kTrials; ++number) {
        const TrialRecord& trial = trials[static_cast<std::size_t>(number)];
        QCOMPARE(trial.number, number);
        QVERIFY2(isOver(trial.state), toString(trial.state).data());
        int ends = 0;
        for (const StateChange& change : need(reader.stateChanges(trial.id)))
            ends += isOver(change.state) ? 1 : 0;
        QCOMPARE(ends, 1);
        if (const auto before = m_ended.find(trial.id.value); before != m_ended.end())
            QVERIFY2(endOf(trial) == before->second, "a trial that had ended has changed");
    }
}

void TestKilledStudy::itSearchedTheSamePointsAsOneThatWasLeftAlone() {
    const Program program(m_files / "home");
    const fs::path whole = m_files / "whole";
    const ProgramRun run = program.run(newStudy(whole, 1)); // deterministic: on any number of slots
    QVERIFY2(run.exitCode == 0, run.errors.constData());
    const auto killed = trialsIn(m_killed);
    const auto alone = trialsIn(whole);
    QCOMPARE(killed.size(), alone.size());
    const auto pruned = std::ranges::count(alone, TrialState::Pruned, &TrialRecord::state);
    QVERIFY2(pruned > 0 && pruned < kTrials, "nothing is told by a study that prunes none, or all");
    for (std::size_t i = 0; i < alone.size(); ++i)
        QVERIFY2(endOf(killed[i]) == endOf(alone[i]),
                 qPrintable(QStringLiteral("trial %1 differs").arg(alone[i].number)));
}

QTEST_GUILESS_MAIN(TestKilledStudy)
#include "tst_killed_study.moc"
