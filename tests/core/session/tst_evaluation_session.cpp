#include "core/base/files.h"
#include "core/session/evaluation_draft.h"
#include "core/session/evaluation_session.h"
#include "tests/core/store/store_fixture.h"

#include <QSignalSpy>
#include <QThreadPool>

#include <atomic>

using namespace lathe;
using namespace lathe::test;

namespace {

/// Only a broken session takes this long: it keeps a failing test from hanging.
constexpr int kPatienceMs = 20'000;

/// Asks as many rows as the spec says, three at a time; every other answer is right, or all where the model
/// is "good". Holds after the first batch while `isHeld`.
struct Play {
    std::atomic<bool> isHeld = false;
    std::atomic<int> asked = 0;

    RunEvaluation run() {
        return [this](const EvaluationSpec& spec,
                      EvaluationContext& context) -> Result<std::vector<EvaluationFigure>> {
            if (spec.model == "bad")
                return inputError("bad", "cannot be loaded");
            LATHE_TRY(context.begin(spec.rowLimit, "hash of " + spec.dataFile.string()));
            std::vector<PredictionRecord> all = context.done;
            for (std::int64_t row = 0; row < spec.rowLimit; row += 3) {
                std::vector<PredictionRecord> batch;
                for (std::int64_t i = row; i < std::min(row + 3, spec.rowLimit); ++i)
                    if (std::ranges::find(context.done, i, &PredictionRecord::row) == context.done.end())
                        batch.push_back(answered(i, spec.model == "good" || i % 2 == 0));
                if (batch.empty())
                    continue;
                asked += static_cast<int>(batch.size());
                LATHE_TRY(context.take(batch));
                all.insert(all.end(), batch.begin(), batch.end());
                context.tell({"", static_cast<std::int64_t>(all.size()), spec.rowLimit, 1});
                while (isHeld && !context.stop.stop_requested())
                    std::this_thread::yield();
                if (context.stop.stop_requested())
                    return Error{Error::Kind::Cancelled, {}, "stopped"};
            }
            const auto right =
                std::ranges::count_if(all, [](const auto& row) { return row.isCorrect == true; });
            const double share = static_cast<double>(right) / static_cast<double>(all.size());
            return std::vector{EvaluationFigure{"accuracy", "Accuracy", share, share / 2, 1, true,
                                                static_cast<std::int64_t>(all.size())}};
        };
    }
    static PredictionRecord answered(std::int64_t row, bool isRight) {
        RowVerdict verdict;
        verdict.expected = "yes";
        verdict.extracted = isRight ? "yes" : "no";
        verdict.isCorrect = isRight;
        return {row,     row + 1, "question",     "yes", verdict.extracted, verdict.extracted,
                isRight, "",      toJson(verdict)};
    }
};

} // namespace

class TestEvaluationSession : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void evaluationGoesFromStartToItsFigures();
    void pausedEvaluationWaitsAndGoesOn();
    void stoppedEvaluationGoesOnWhereItWas();
    void failedEvaluationTellsWhy();
    void secondEvaluationWaitsForTheFirst();
    void closedSessionCanGoOnInTheNext();
    void comparisonTellsWhoIsBetter();
    void evaluationsOfOtherDataAreNotCompared();
    void removedEvaluationLeavesTheList();
    void rowsAreExported();
    void runGivesItsModelAdapterAndReading();

private:
    struct Bench {
        Bench() {
            store = need(StoreThread::start(folder / "lathe.db", hub));
            open();
        }
        ~Bench() {
            session.reset();
            pool.waitForDone();
        }
        void open() {
            session = std::make_unique<EvaluationSession>(play.run(), pool);
            QSignalSpy opened(session.get(), &EvaluationSession::opened);
            session->open(*store);
            if (!opened.wait(kPatienceMs))
                qFatal("the session did not open");
        }
        EvaluationId start(const char* model, std::int64_t rows, const char* data = "rows.jsonl") {
            EvaluationSpec spec;
            spec.name = model;
            spec.model = model;
            spec.dataFile = data;
            spec.rowLimit = rows;
            QSignalSpy started(session.get(), &EvaluationSession::started);
            session->start(spec, {});
            if (!started.wait(kPatienceMs))
                qFatal("the evaluation did not start");
            return started.front().front().value<EvaluationId>();
        }
        [[nodiscard]] bool waitFor(EvaluationId id, EvaluationState state) {
            return QTest::qWaitFor(
                [&] {
                    const int row = session->list().rowOf(id);
                    return row >= 0 && session->list().record(row).state == state;
                },
                kPatienceMs);
        }
        [[nodiscard]] EvaluationRecord record(EvaluationId id) const {
            return session->list().record(session->list().rowOf(id));
        }

        TempFolder folder;
        EventHub hub;
        QThreadPool pool;
        Play play;
        std::unique_ptr<StoreThread> store;
        std::unique_ptr<EvaluationSession> session;
    };
};

void TestEvaluationSession::evaluationGoesFromStartToItsFigures() {
    Bench bench;
    const EvaluationId id = bench.start("base", 10);
    QVERIFY(bench.waitFor(id, EvaluationState::Complete));
    const EvaluationRecord record = bench.record(id);
    QCOMPARE(record.rowsDone, 10);
    QCOMPARE(record.rowsRight, 5);
    QCOMPARE(record.figures.front().value, 0.5);
    QTRY_VERIFY_WITH_TIMEOUT(!bench.session->isBusy(), kPatienceMs);
    QVERIFY(!bench.session->active().isValid());
}

void TestEvaluationSession::pausedEvaluationWaitsAndGoesOn() {
    Bench bench;
    bench.play.isHeld = true;
    const EvaluationId id = bench.start("base", 9);
    QTRY_COMPARE_WITH_TIMEOUT(bench.play.asked.load(), 3, kPatienceMs);
    bench.session->setPaused(true);
    bench.play.isHeld = false; // the next batch is taken, and then it waits
    QTRY_VERIFY_WITH_TIMEOUT(bench.session->isPaused(), kPatienceMs);
    QVERIFY(bench.play.asked < 9);
    bench.session->setPaused(false);
    QVERIFY(bench.waitFor(id, EvaluationState::Complete));
    QCOMPARE(bench.play.asked.load(), 9);
}

void TestEvaluationSession::stoppedEvaluationGoesOnWhereItWas() {
    Bench bench;
    bench.play.isHeld = true;
    const EvaluationId id = bench.start("base", 9);
    QTRY_COMPARE_WITH_TIMEOUT(bench.play.asked.load(), 3, kPatienceMs);
    bench.session->stop();
    QVERIFY(bench.waitFor(id, EvaluationState::Stopped));
    QCOMPARE(bench.record(id).rowsDone, 3);
    bench.play.isHeld = false;
    bench.session->resume(id);
    QVERIFY(bench.waitFor(id, EvaluationState::Complete));
    QCOMPARE(bench.play.asked.load(), 9); // no row was asked twice
    QCOMPARE(bench.record(id).figures.front().count, 9);
}

void TestEvaluationSession::failedEvaluationTellsWhy() {
    Bench bench;
    QSignalSpy failed(bench.session.get(), &EvaluationSession::failed);
    const EvaluationId id = bench.start("bad", 3);
    QVERIFY(bench.waitFor(id, EvaluationState::Failed));
    QCOMPARE(bench.record(id).note, std::string("bad: cannot be loaded"));
    QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, kPatienceMs);
}

void TestEvaluationSession::secondEvaluationWaitsForTheFirst() {
    Bench bench;
    bench.play.isHeld = true;
    const EvaluationId first = bench.start("base", 6);
    const EvaluationId second = bench.start("good", 6);
    QTRY_VERIFY_WITH_TIMEOUT(bench.session->active() == first, kPatienceMs);
    QVERIFY(bench.record(second).state == EvaluationState::Waiting);
    bench.session->stop(); // both
    QVERIFY(bench.waitFor(first, EvaluationState::Stopped));
    QVERIFY(bench.waitFor(second, EvaluationState::Stopped));
    QTRY_VERIFY_WITH_TIMEOUT(!bench.session->isBusy(), kPatienceMs);
}

void TestEvaluationSession::closedSessionCanGoOnInTheNext() {
    Bench bench;
    bench.play.isHeld = true;
    const EvaluationId id = bench.start("base", 9);
    QTRY_COMPARE_WITH_TIMEOUT(bench.play.asked.load(), 3, kPatienceMs);
    bench.session.reset();
    bench.play.isHeld = false;
    bench.open();
    QVERIFY(bench.record(id).state == EvaluationState::Stopped);
    bench.session->resume(id);
    QVERIFY(bench.waitFor(id, EvaluationState::Complete));
    QCOMPARE(bench.play.asked.load(), 9);
}

void TestEvaluationSession::comparisonTellsWhoIsBetter() {
    Bench bench;
    const EvaluationId base = bench.start("base", 60);
    const EvaluationId good = bench.start("good", 60);
    QVERIFY(bench.waitFor(base, EvaluationState::Complete));
    QVERIFY(bench.waitFor(good, EvaluationState::Complete));
    const StudyReader reader = need(StudyReader::open(bench.folder / "lathe.db"));
    const EvaluationComparison up = need(compareEvaluations(reader, base, good));
    QCOMPARE(up.rows, 60);
    QCOMPARE(up.gained, 30);
    QCOMPARE(up.lost, 0);
    QCOMPARE(up.bothRight, 30);
    QVERIFY(verdictText(up).startsWith("Accuracy: “good” is better by 50.0 points (95 %: from "));
    const EvaluationComparison down = need(compareEvaluations(reader, good, base));
    QCOMPARE(down.lost, 30);
    QVERIFY(verdictText(down).startsWith("Accuracy: “good” is better by 50.0 points"));
    const EvaluationComparison same = need(compareEvaluations(reader, base, base));
    QVERIFY(verdictText(same).contains("within the noise"));
}

void TestEvaluationSession::evaluationsOfOtherDataAreNotCompared() {
    Bench bench;
    const EvaluationId one = bench.start("base", 3, "one.jsonl");
    const EvaluationId two = bench.start("base", 3, "two.jsonl");
    QVERIFY(bench.waitFor(one, EvaluationState::Complete) && bench.waitFor(two, EvaluationState::Complete));
    const StudyReader reader = need(StudyReader::open(bench.folder / "lathe.db"));
    const auto comparison = compareEvaluations(reader, one, two);
    QVERIFY(!comparison.has_value());
    QVERIFY(QString::fromStdString(comparison.error().text()).contains("other data"));
}

void TestEvaluationSession::removedEvaluationLeavesTheList() {
    Bench bench;
    const EvaluationId id = bench.start("base", 3);
    QVERIFY(bench.waitFor(id, EvaluationState::Complete));
    bench.session->remove(id);
    QTRY_COMPARE_WITH_TIMEOUT(bench.session->list().rowCount(), 0, kPatienceMs);
}

void TestEvaluationSession::rowsAreExported() {
    Bench bench;
    const EvaluationId id = bench.start("base", 3);
    QVERIFY(bench.waitFor(id, EvaluationState::Complete));
    QSignalSpy exported(bench.session.get(), &EvaluationSession::exported);
    bench.session->exportRows(id, QString::fromStdString((bench.folder / "out.csv").string()));
    QVERIFY(exported.wait(kPatienceMs));
    QCOMPARE(std::ranges::count(need(readFile(bench.folder / "out.csv")), '\n'), 4);
}

void TestEvaluationSession::runGivesItsModelAdapterAndReading() {
    const TempFolder folder;
    const ParamSchema reading{{"prompt_template", "", "", "", "", TextDomain{}, std::string(), {}}};
    TrialRecord trial;
    trial.values = {{"model", std::string("/base")},
                    {"task", std::string("classification")},
                    {"eval_file", std::string("/rows.jsonl")},
                    {"prompt_template", std::string("alpaca")},
                    {"learning_rate", 0.1}};
    trial.adapterFolder = folder / "runs/7/adapter";
    EvaluationSpec spec = evaluationOf(trial, reading);
    QCOMPARE(spec.model.string(), std::string("/base"));
    QVERIFY(spec.adapters == AdapterMix::only(trial.adapterFolder));
    QCOMPARE(spec.task, std::string("classification"));
    QVERIFY(spec.reading == (ParamValues{{"prompt_template", std::string("alpaca")}}));
    QCOMPARE(usualName(spec), std::string("runs 7 on rows"));
    // A run that trained every weight left a whole model.
    trial.adapterFolder = folder.write("runs/8/model/config.json", "{}").parent_path();
    spec = evaluationOf(trial, reading);
    QVERIFY(spec.model == trial.adapterFolder);
    QVERIFY(spec.adapters.adapters.empty());
}

QTEST_GUILESS_MAIN(TestEvaluationSession)
#include "tst_evaluation_session.moc"
