#include "core/base/random.h"
#include "core/store/study_reader.h"
#include "tests/core/train/tiny_model.h"

#include <QElapsedTimer>
#include <QProcess>
#include <QtTest>

#include <array>
#include <limits>
#include <nlohmann/json.hpp>

using namespace lathe;
using namespace lathe::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr int kKills = 10;
constexpr std::int64_t kMostLostMs = 250;
constexpr std::int64_t kTrials = 3;
constexpr std::int64_t kSteps = 120;
/// Between two kills; a step takes about 20 ms by its twelve batches, so that some points are older than
/// kMostLostMs. Ten times as many, and what is trained again, stay below the steps of all trials.
constexpr int kMostLosses = 25;
/// What the study reports that does not depend on the clock.
constexpr std::array kExactMetrics{"loss", "lr", "grad_norm", "eval_loss", "eval_accuracy"};

/// A program that is stuck must fail the test, not hang it; a busy machine may need long to load LibTorch.
constexpr int kPatienceMs = 120'000;

template <typename T>
T need(Result<T> result) {
    if (!result.has_value())
        throw std::runtime_error(result.error().text());
    return std::move(result).value();
}

struct PrintedPoint {
    MetricPoint point;
    std::int64_t time = 0; ///< milliseconds since the process began, when its line was read
};

/// One sitting of `lathe study --json`, as somebody sees it who reads along.
class Sitting {
public:
    explicit Sitting(const QStringList& arguments) {
        m_clock.start();
        m_process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        m_process.start(QStringLiteral(LATHE_PROGRAM), arguments);
    }

    /// Reads on until so many losses were printed, or the program has ended. False: it has ended.
    bool readLosses(int count) {
        const auto isEnough = [&] { return m_hasBegun && m_losses >= count; };
        while (!isEnough() && m_process.state() != QProcess::NotRunning)
            if (m_process.waitForReadyRead(kPatienceMs))
                takeLines();
            else if (m_process.state() != QProcess::NotRunning)
                throw std::runtime_error("the program prints nothing any more");
        takeLines();
        return m_process.state() != QProcess::NotRunning;
    }
    void readFor(std::int64_t milliseconds) {
        const std::int64_t end = m_clock.elapsed() + milliseconds;
        for (std::int64_t left = milliseconds; left > 0; left = end - m_clock.elapsed())
            if (m_process.waitForReadyRead(static_cast<int>(left)))
                takeLines();
    }
    /// kill -9.
    void kill() {
        m_killedAt = m_clock.elapsed();
        m_process.kill();
        m_process.waitForFinished(kPatienceMs);
    }
    int exitCode() {
        readLosses(std::numeric_limits<int>::max());
        m_process.waitForFinished(kPatienceMs);
        return m_process.exitStatus() == QProcess::NormalExit ? m_process.exitCode() : -1;
    }

    /// What must be on disk now: what was printed long enough before the kill.
    [[nodiscard]] std::vector<MetricPoint> promised() const {
        std::vector<MetricPoint> points;
        for (const PrintedPoint& printed : m_points)
            if (printed.time <= m_killedAt - kMostLostMs)
                points.push_back(printed.point);
        return points;
    }
    /// Where each trial that was resumed went on.
    [[nodiscard]] const std::map<std::int64_t, std::int64_t>& rewinds() const { return m_rewinds; }

private:
    void takeLines() {
        while (m_process.canReadLine())
            take(json::parse(m_process.readLine().toStdString()));
    }
    void take(const json& line) {
        const std::string event = line.value("event", "");
        m_hasBegun = m_hasBegun || event == "study";
        if (event == "rewind") {
            const TrialId trial{line.at("trial").get<std::int64_t>()};
            m_rewinds[trial.value] = line.at("step").get<std::int64_t>();
        } else if (event == "point") {
            const MetricPoint point{TrialId{line.at("trial").get<std::int64_t>()}, line.at("metric"),
                                    line.at("step"), line.at("value"), line.at("seconds")};
            m_points.push_back({point, m_clock.elapsed()});
            m_losses += point.name == "loss" ? 1 : 0;
        }
    }

    QProcess m_process;
    QElapsedTimer m_clock;
    bool m_hasBegun = false;
    int m_losses = 0;
    std::int64_t m_killedAt = 0;
    std::vector<PrintedPoint> m_points;
    std::map<std::int64_t, std::int64_t> m_rewinds;
};

/// The step of a trial's newest whole checkpoint, 0 if there is none.
std::int64_t newestCheckpoint(const fs::path& project, std::int64_t trial) {
    std::int64_t newest = 0;
    const fs::path folder = project / "runs" / std::to_string(trial) / "checkpoints";
    if (!fs::exists(folder))
        return 0;
    for (const auto& entry : fs::directory_iterator(folder))
        if (const std::string name = entry.path().filename().string(); name.starts_with("step-"))
            newest = std::max(newest, static_cast<std::int64_t>(std::stoll(name.substr(5))));
    return newest;
}

QString textOf(const MetricPoint& point) {
    return QStringLiteral("%1 of trial %2 at step %3: %4")
        .arg(QString::fromStdString(point.name))
        .arg(point.trial.value)
        .arg(point.step)
        .arg(point.value, 0, 'g', 17);
}

} // namespace

/// The built program, killed with SIGKILL in the middle of one study, over and over.
class TestKillAndResume : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { writeTinyProject(m_files, {32, 2, 64}); }
    void killedStudyKeepsWhatItPromisedAndGoesOn_data();
    void killedStudyKeepsWhatItPromisedAndGoesOn();
    void studyEndsAsOneThatWasLeftAlone();

private:
    [[nodiscard]] QStringList newStudy(const fs::path& project) const;
    [[nodiscard]] static QStringList resumed(const fs::path& project) {
        return {"study", "--project", QString::fromStdString(project.string()), "--json", "--resume", "1"};
    }
    static void checkDatabase(const fs::path& project, const Sitting& sitting);
    static void compareStudies(const fs::path& actual, const fs::path& expected);

    TempFolder m_files;
    const fs::path m_killed = m_files / "killed";
    std::map<std::int64_t, std::int64_t> m_checkpoints; ///< each trial's newest, at the last kill
    std::size_t m_promised = 0;
};

QStringList TestKillAndResume::newStudy(const fs::path& project) const {
    const auto file = [this](const char* name) { return QString::fromStdString((m_files / name).string()); };
    return QStringList{"study",
                       "--project",
                       QString::fromStdString(project.string()),
                       "--json",
                       "--model",
                       file("model"),
                       "--seed",
                       "11",
                       "--train-file",
                       file("train.jsonl"),
                       "--eval-file",
                       file("eval.jsonl")} +
           QStringLiteral("--device cpu --threads 1 --batch-size 8 --max-length 48 --dropout 0.1 "
                          "--gradient-accumulation 12 --eval-every 16 --sample-every 0 --warmup-steps 5 "
                          "--checkpoint-every 5 --search learning_rate=1e-3..1e-2:log --search rank=2..8")
               .split(' ') +
           QStringList{"--trials", QString::number(kTrials), "--max-steps", QString::number(kSteps)};
}

void TestKillAndResume::checkDatabase(const fs::path& project, const Sitting& sitting) {
    const auto reader = StudyReader::open(project / "lathe.db");
    QVERIFY2(reader.has_value(), qPrintable(QString::fromStdString(reader ? "" : reader.error().text())));
    const Status integrity = reader->checkIntegrity();
    QVERIFY2(integrity.has_value(),
             qPrintable(QString::fromStdString(integrity ? "" : integrity.error().text())));
    std::map<TrialId, std::map<std::pair<std::string, std::int64_t>, double>> stored;
    for (const MetricPoint& point : sitting.promised()) {
        if (!stored.contains(point.trial))
            for (const MetricPoint& row : need(reader->points(point.trial)))
                stored[point.trial][{row.name, row.step}] = row.value;
        const auto& rows = stored[point.trial];
        const auto found = rows.find({point.name, point.step});
        QVERIFY2(found != rows.end(), qPrintable("missing: " + textOf(point)));
        QVERIFY2(found->second == point.value, qPrintable("changed: " + textOf(point)));
    }
}

void TestKillAndResume::compareStudies(const fs::path& actual, const fs::path& expected) {
    const auto actualReader = need(StudyReader::open(actual / "lathe.db"));
    const auto expectedReader = need(StudyReader::open(expected / "lathe.db"));
    const auto actualTrials = need(actualReader.trials(StudyId{1}));
    const auto expectedTrials = need(expectedReader.trials(StudyId{1}));
    QCOMPARE(static_cast<std::int64_t>(expectedTrials.size()), kTrials);
    QCOMPARE(actualTrials.size(), expectedTrials.size());
    for (std::size_t i = 0; i < expectedTrials.size(); ++i) {
        QVERIFY(actualTrials[i].state == TrialState::Complete);
        QVERIFY(actualTrials[i].values == expectedTrials[i].values);
        std::map<std::string, std::map<std::int64_t, double>> series[2];
        for (const MetricPoint& point : need(actualReader.points(actualTrials[i].id)))
            series[0][point.name][point.step] = point.value;
        for (const MetricPoint& point : need(expectedReader.points(expectedTrials[i].id)))
            series[1][point.name][point.step] = point.value;
        QCOMPARE(static_cast<std::int64_t>(series[1]["loss"].size()), kSteps);
        for (const char* metric : kExactMetrics)
            QVERIFY2(series[0][metric] == series[1][metric],
                     qPrintable(QStringLiteral("%1 of trial %2 differs").arg(metric).arg(i)));
    }
}

void TestKillAndResume::killedStudyKeepsWhatItPromisedAndGoesOn_data() {
    QTest::addColumn<int>("losses");
    QTest::addColumn<int>("moreMs");
    Rng rng(2026);
    for (int i = 1; i <= kKills; ++i)
        QTest::addRow("kill %d", i) << static_cast<int>(rng.integer(0, kMostLosses))
                                    << static_cast<int>(rng.integer(0, 40));
}

void TestKillAndResume::killedStudyKeepsWhatItPromisedAndGoesOn() {
    QFETCH(int, losses);
    QFETCH(int, moreMs);
    const bool isFirst = !fs::exists(m_killed);
    Sitting sitting(isFirst ? newStudy(m_killed) : resumed(m_killed));
    QVERIFY2(sitting.readLosses(losses), "the study is too short");
    sitting.readFor(moreMs);
    sitting.kill();
    for (const auto& [trial, step] : sitting.rewinds())
        QCOMPARE(step, m_checkpoints[trial]);
    for (std::int64_t trial = 1; trial <= kTrials; ++trial)
        m_checkpoints[trial] = newestCheckpoint(m_killed, trial);
    m_promised += sitting.promised().size();
    checkDatabase(m_killed, sitting);
}

void TestKillAndResume::studyEndsAsOneThatWasLeftAlone() {
    QVERIFY2(m_promised > 0, "the steps are too fast to tell what must not be lost");
    QCOMPARE(Sitting(resumed(m_killed)).exitCode(), 0);
    const fs::path whole = m_files / "whole";
    QCOMPARE(Sitting(newStudy(whole)).exitCode(), 0);
    compareStudies(m_killed, whole);
}

QTEST_GUILESS_MAIN(TestKillAndResume)
#include "tst_kill_and_resume.moc"
