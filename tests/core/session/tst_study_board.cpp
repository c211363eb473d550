#include "core/base/files.h"
#include "core/engine/thread_executor.h"
#include "core/search/builtin_search.h"
#include "core/session/project_session.h"
#include "core/session/study_board.h"
#include "tests/core/session/study_samples.h"
#include "tests/core/store/store_fixture.h"

#include <QSignalSpy>

#include <array>

using namespace lathe;
using namespace lathe::test;

namespace {

/// Only a broken board takes this long: it keeps a failing test from hanging.
constexpr int kPatienceMs = 20'000;

/// Ends at once with a loss of the learning rate; a rank above 200 fails.
class ShortTask final : public TrialTask {
public:
    Result<TrialResult> run(const ParamValues& values, TrialContext& context) override {
        if (values.integer("rank") > 200)
            return inputError("rank", "is too large");
        TrialResult result;
        result.steps = 2;
        result.metrics["eval_loss"] = values.real("learning_rate");
        for (std::int64_t step = 1; step <= 2; ++step)
            context.report("eval_loss", step, values.real("learning_rate"), 0.1);
        return result;
    }
};

ParamSchema schema() {
    return {{"rank", "", "Rank", "", "", IntDomain{1, 1000}, std::int64_t{8}, {}},
            {"learning_rate", "", "Learning rate", "", "", RealDomain{0, 1}, 0.5, {}}};
}

QVariant cell(const StudyTrialModel& model, int row, int column, int role = Qt::DisplayRole) {
    return model.index(row, column).data(role);
}

} // namespace

class TestStudyBoard : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }
    void rowsBecomeStatistics();
    void runningTrialCountsNotAsMeasured();
    void curvesAreNamedByNumberAndTheBestIsBold();
    void inactiveQuantityHasNoValue();
    void tableHasAColumnForEachSearchedQuantity();
    void newTrialsAreOneInsertion();
    void changedTrialIsOneChangeOfItsCells();
    void valueThatIsNoNumberIsNoChange();
    void anotherStudyResetsTheTable();
    void onlyStudiesOfSeveralTrialsAreListed();
    void boardFollowsAStudyToItsEnd();
    void boardNobodyLooksAtIsReadLater();
    void unreadableDatabaseIsTold();

private:
    struct Bench {
        Bench() {
            addBuiltinSamplers(samplers);
            addBuiltinPruners(pruners);
            SessionParts parts;
            parts.recipeSchema = schema();
            parts.samplers = &samplers;
            parts.pruners = &pruners;
            parts.makeExecutor = [](EventHub& hub, std::size_t count) -> std::unique_ptr<Executor> {
                return std::make_unique<ThreadExecutor>(
                    count, [] { return std::make_unique<ShortTask>(); }, hub);
            };
            project = std::make_unique<ProjectSession>(std::move(parts));
            QSignalSpy opened(project.get(), &ProjectSession::opened);
            project->open(QString::fromStdString((folder / "project").string()));
            if (!opened.wait(kPatienceMs))
                qFatal("the project did not open");
        }
        StudySession* start(std::int64_t trials) const {
            StudySpec spec;
            spec.name = "small";
            spec.fixed = defaults(schema());
            spec.space = {{"learning_rate", RealDomain{0.1, 0.9}, {}}, {"rank", IntDomain{1, 300}, {}}};
            spec.trialCount = trials;
            return project->startStudy(spec);
        }
        TempFolder folder;
        Registry<Sampler> samplers;
        Registry<Pruner> pruners;
        std::unique_ptr<ProjectSession> project;
    };
};

void TestStudyBoard::rowsBecomeStatistics() {
    const StudySnapshot snapshot = makeSnapshot(sampleStudy(10, 20));
    QCOMPARE(snapshot.trials.trials.size(), 10U);
    QCOMPARE(snapshot.finished, 10);
    QCOMPARE(snapshot.pruned, 2);
    QCOMPARE(snapshot.failed, 0);
    QCOMPARE(snapshot.best, std::optional<std::int64_t>(6)); // 1 / 7 is the lowest
    QCOMPARE(snapshot.trials.fullSteps, 20);
    QCOMPARE(snapshot.trials.trials[3].values.map().size(), 2U);
    QCOMPARE(snapshot.correlations.size(), 2U);
    QCOMPARE(snapshot.forecast.trialsLeft, 0);
}

void TestStudyBoard::runningTrialCountsNotAsMeasured() {
    StudyContent content = sampleStudy(8, 4);
    content.trials[6].state = TrialState::Running; // the best value there is
    content.study.spec.trialCount = 10;
    const StudySnapshot snapshot = makeSnapshot(std::move(content));
    QCOMPARE(snapshot.finished, 7);
    QVERIFY(snapshot.best != std::optional<std::int64_t>(6));
    QVERIFY(!snapshot.trials.trials[6].objectives.empty());
    QCOMPARE(snapshot.forecast.trialsLeft, 3);
    QVERIFY(snapshot.forecast.hours.has_value());
}

void TestStudyBoard::curvesAreNamedByNumberAndTheBestIsBold() {
    const StudySnapshot snapshot = makeSnapshot(sampleStudy(8, 4));
    QCOMPARE(snapshot.curves.layers.size(), 8U);
    const auto& last = std::get<Lines>(snapshot.curves.layers.back());
    QCOMPARE(last.name, trialName(6));
    QCOMPARE(last.name, "#7");
    QCOMPARE(last.emphasis, Emphasis::Bold);
    QCOMPARE(std::get<Lines>(snapshot.curves.layers.front()).emphasis, Emphasis::Faint);
    QCOMPARE(last.x, (std::vector<double>{1, 2, 3, 4}));
}

void TestStudyBoard::inactiveQuantityHasNoValue() {
    StudyContent content = sampleStudy(2, 4);
    content.study.spec.space[1].activeIf = {{{"method", {"lora"}}}};
    content.trials[0].values.set("method", std::string("lora"));
    content.trials[1].values.set("method", std::string("ia3"));
    const StudySnapshot snapshot = makeSnapshot(std::move(content));
    QVERIFY(snapshot.trials.trials[0].values.contains("rank"));
    QVERIFY(!snapshot.trials.trials[1].values.contains("rank"));
    StudyTrialModel model(schema());
    model.take(snapshot);
    QCOMPARE(cell(model, 1, StudyTrialModel::FirstParameter + 1).toString(), "");
    QVERIFY(!cell(model, 1, StudyTrialModel::FirstParameter + 1, StudyTrialModel::SortRole).isValid());
}

void TestStudyBoard::tableHasAColumnForEachSearchedQuantity() {
    StudyTrialModel model(schema());
    model.take(makeSnapshot(sampleStudy(10, 20)));
    QCOMPARE(model.columnCount(), 8);
    QCOMPARE(model.headerData(StudyTrialModel::Value, Qt::Horizontal).toString(), "Evaluation loss");
    QCOMPARE(model.headerData(StudyTrialModel::FirstParameter, Qt::Horizontal).toString(), "Learning rate");
    QCOMPARE(model.headerData(model.reasonColumn(), Qt::Horizontal).toString(), "Reason");
    QCOMPARE(cell(model, 6, StudyTrialModel::Number).toString(), "#7");
    QCOMPARE(cell(model, 6, StudyTrialModel::State).toString(), "complete, best");
    QCOMPARE(cell(model, 6, StudyTrialModel::Number, StudyTrialModel::IsBestRole).toBool(), true);
    QCOMPARE(cell(model, 6, StudyTrialModel::FirstParameter + 1).toString(), "7");
    QCOMPARE(cell(model, 4, model.reasonColumn()).toString(), "worse than the median");
    QCOMPARE(cell(model, 4, StudyTrialModel::Number, StudyTrialModel::TrialIdRole).toLongLong(), 104);
    QCOMPARE(model.rowOf(4), 4);
    QCOMPARE(model.rowOf(10), -1);
}

void TestStudyBoard::newTrialsAreOneInsertion() {
    StudyTrialModel model(schema());
    StudyContent content = sampleStudy(8, 4);
    StudyContent shorter = content;
    shorter.trials.resize(5);
    shorter.curves.resize(5);
    model.take(makeSnapshot(std::move(shorter)));
    QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    model.take(makeSnapshot(std::move(content)));
    QCOMPARE(inserted.size(), 1);
    QCOMPARE(inserted.front().at(1).toInt(), 5);
    QCOMPARE(inserted.front().at(2).toInt(), 7);
    QCOMPARE(changed.size(), 1); // the fourth trial is not the best any more
    QCOMPARE(changed.front().at(0).toModelIndex(), model.index(3, StudyTrialModel::State));
    QCOMPARE(changed.front().at(1).toModelIndex(), model.index(3, StudyTrialModel::State));
    QCOMPARE(reset.size(), 0);
}

void TestStudyBoard::changedTrialIsOneChangeOfItsCells() {
    StudyTrialModel model(schema());
    StudyContent content = sampleStudy(8, 4);
    model.take(makeSnapshot(content));
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    model.take(makeSnapshot(content));
    QCOMPARE(changed.size(), 0);
    content.trials[1].steps = 3;
    content.trials[1].lastValues["eval_loss"] = 5;
    model.take(makeSnapshot(content));
    QCOMPARE(changed.size(), 1);
    QCOMPARE(changed.front().at(0).toModelIndex(), model.index(1, StudyTrialModel::Value));
    QCOMPARE(changed.front().at(1).toModelIndex(), model.index(1, StudyTrialModel::Steps));
}

void TestStudyBoard::valueThatIsNoNumberIsNoChange() {
    StudyTrialModel model(schema());
    StudyContent content = sampleStudy(3, 4);
    content.trials[1].lastValues["eval_loss"] = std::nan("");
    model.take(makeSnapshot(content));
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    model.take(makeSnapshot(content));
    QCOMPARE(changed.size(), 0);
}

void TestStudyBoard::anotherStudyResetsTheTable() {
    StudyTrialModel model(schema());
    model.take(makeSnapshot(sampleStudy(8, 4)));
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    StudyContent other = sampleStudy(9, 4);
    other.study.id = StudyId{2};
    model.take(makeSnapshot(std::move(other)));
    QCOMPARE(reset.size(), 1);
    QCOMPARE(model.rowCount(), 9);
}

void TestStudyBoard::onlyStudiesOfSeveralTrialsAreListed() {
    RunTableModel runs;
    const std::array<StudyId, 4> studies{StudyId{3}, StudyId{3}, StudyId{4}, StudyId{3}};
    std::vector<RunRow> rows(studies.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i].trial.id = TrialId{static_cast<std::int64_t>(10 - i)};
        rows[i].trial.study = studies[i];
        rows[i].studyName = QStringLiteral("study %1").arg(studies[i].value);
        rows[i].trialCount = studies[i] == StudyId{4} ? 1 : 5;
    }
    runs.setRows(std::move(rows));
    const std::vector<StudyEntry> found = studiesOf(runs);
    QCOMPARE(found.size(), 1U);
    QCOMPARE(found.front().id, StudyId{3});
    QCOMPARE(found.front().name, "study 3");
}

void TestStudyBoard::boardFollowsAStudyToItsEnd() {
    Bench bench;
    StudySession* study = bench.start(6);
    QTRY_VERIFY_WITH_TIMEOUT(!study->trials().empty(), kPatienceMs);
    StudyBoard board(*bench.project);
    QSignalSpy phases(&board, &StudyBoard::phaseChanged);
    board.show(study->id());
    QVERIFY(board.snapshot() == nullptr);
    QCOMPARE(board.session(), study);
    QTRY_VERIFY_WITH_TIMEOUT(board.snapshot() != nullptr && board.snapshot()->finished == 6, kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(!study->isActive(), kPatienceMs);
    QCOMPARE(board.trials().rowCount(), 6);
    QCOMPARE(board.snapshot()->records.size(), study->trials().size());
    for (std::size_t i = 0; i < study->trials().size(); ++i) {
        QCOMPARE(board.snapshot()->records[i].id, study->trials()[i].id);
        QCOMPARE(nameOf(board.snapshot()->records[i].state), nameOf(study->trials()[i].state));
        const bool hasFailed = study->trials()[i].state == TrialState::Failed;
        QCOMPARE(
            !cell(board.trials(), static_cast<int>(i), board.trials().reasonColumn()).toString().isEmpty(),
            hasFailed);
    }
    QVERIFY(!phases.isEmpty());
    board.show({});
    QVERIFY(board.snapshot() == nullptr);
    QCOMPARE(board.trials().rowCount(), 0);
}

void TestStudyBoard::boardNobodyLooksAtIsReadLater() {
    Bench bench;
    StudySession* study = bench.start(3);
    QTRY_VERIFY_WITH_TIMEOUT(!study->isActive(), kPatienceMs);
    StudyBoard board(*bench.project);
    board.show(study->id());
    QTRY_VERIFY_WITH_TIMEOUT(board.snapshot() != nullptr, kPatienceMs);
    board.setWatched(false);
    QSignalSpy changed(&board, &StudyBoard::changed);
    bench.project->renameStudy(study->id(), "other");
    QTRY_COMPARE_WITH_TIMEOUT(bench.project->runs().row(0).studyName, "other", kPatienceMs);
    QCOMPARE(changed.size(), 0);
    board.setWatched(true);
    QTRY_COMPARE_WITH_TIMEOUT(board.snapshot()->study.spec.name, "other", kPatienceMs);
}

void TestStudyBoard::unreadableDatabaseIsTold() {
    Bench bench;
    StudyBoard board(*bench.project);
    QSignalSpy failed(&board, &StudyBoard::failed);
    board.show(StudyId{77});
    QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, kPatienceMs);
    QVERIFY(failed.front().front().toString().contains("77"));
}

QTEST_GUILESS_MAIN(TestStudyBoard)
#include "tst_study_board.moc"
