#include "core/session/prediction_table_model.h"
#include "tests/core/store/store_fixture.h"

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QSignalSpy>

using namespace lathe;
using namespace lathe::test;

namespace {

constexpr int kPatienceMs = 20'000;

PredictionRecord prediction(std::int64_t row, bool isRight) {
    return {row,
            row + 1,
            "Question " + std::to_string(row),
            "yes",
            isRight ? "yes" : "no",
            isRight ? "yes" : "no",
            isRight,
            "",
            "{}"};
}

std::vector<PredictionRecord> rows(std::int64_t from, std::int64_t to, std::int64_t step = 1) {
    std::vector<PredictionRecord> all;
    for (std::int64_t row = from; row < to; row += step)
        all.push_back(prediction(row, row % 3 == 0));
    return all;
}

} // namespace

class TestPredictionTableModel : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void rowsComeInPagesWhenTheyAreLookedAt();
    void filterLeavesWhatPasses();
    void rowsThatArriveAreInsertedWhereTheyBelong();
    void otherEvaluationStandsBeside();
    void failedRowSaysWhy();
    void manyRowsCostNoMoreThanThoseOnTheScreen();
    void missingDatabaseIsTold();

private:
    [[nodiscard]] EvaluationId filled(const std::vector<PredictionRecord>& all) {
        const EvaluationId id = need(m_writer->evaluations().create({"one", "{}", {}}));
        need(m_writer->evaluations().begin(id, static_cast<std::int64_t>(all.size()), "hash"));
        need(m_writer->evaluations().add(id, all, 1));
        return id;
    }
    void show(PredictionTableModel& model, EvaluationId id, const PredictionFilter& filter = {}) {
        model.setDatabase(QString::fromStdString((*m_folder / "lathe.db").string()));
        QSignalSpy listed(&model, &PredictionTableModel::listed);
        model.show(id, filter);
        QVERIFY(listed.wait(kPatienceMs));
    }
    static QString cell(const PredictionTableModel& model, int row, int column) {
        return model.index(row, column).data().toString();
    }

    std::unique_ptr<TempFolder> m_folder;
    std::unique_ptr<StudyWriter> m_writer;
};

void TestPredictionTableModel::init() {
    m_writer.reset();
    m_folder = std::make_unique<TempFolder>();
    m_writer = std::make_unique<StudyWriter>(need(StudyWriter::open(*m_folder / "lathe.db")));
}

void TestPredictionTableModel::rowsComeInPagesWhenTheyAreLookedAt() {
    const EvaluationId id = filled(rows(0, 300));
    PredictionTableModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    show(model, id);
    QCOMPARE(model.rowCount(), 300);
    QCOMPARE(cell(model, 250, PredictionTableModel::Row), "251"); // known at once
    QTRY_COMPARE_WITH_TIMEOUT(cell(model, 250, PredictionTableModel::Prompt), "Question 250", kPatienceMs);
    QCOMPARE(cell(model, 252, PredictionTableModel::Verdict), "✓ right");
    QCOMPARE(cell(model, 250, PredictionTableModel::Verdict), "✗ wrong");
    QCOMPARE(model.prediction(250)->row, 250);
    QCOMPARE(model.index(252, 0).data(PredictionTableModel::CorrectRole).toBool(), true);
}

void TestPredictionTableModel::filterLeavesWhatPasses() {
    const EvaluationId id = filled(rows(0, 30));
    PredictionTableModel model;
    PredictionFilter filter;
    filter.verdict = PredictionFilter::Verdict::Right;
    show(model, id, filter);
    QCOMPARE(model.rowCount(), 10);
    QCOMPARE(model.rowAt(3), 9);
    QCOMPARE(model.positionOf(9), 3);
    QCOMPARE(model.positionOf(10), -1);
    filter.text = "question 27";
    show(model, id, filter);
    QCOMPARE(model.rowCount(), 1);
}

void TestPredictionTableModel::rowsThatArriveAreInsertedWhereTheyBelong() {
    const EvaluationId id = filled(rows(0, 20, 2));
    PredictionTableModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    show(model, id);
    QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    need(m_writer->evaluations().add(id, std::vector{prediction(5, true), prediction(30, true)}, 2));
    QSignalSpy listed(&model, &PredictionTableModel::listed);
    model.refresh();
    QVERIFY(listed.wait(kPatienceMs));
    QCOMPARE(model.rowCount(), 12);
    QCOMPARE(inserted.size(), 2);
    QCOMPARE(reset.size(), 0);
    QCOMPARE(model.rowAt(3), 5);
    QTRY_COMPARE_WITH_TIMEOUT(cell(model, 3, PredictionTableModel::Prompt), "Question 5", kPatienceMs);
}

void TestPredictionTableModel::otherEvaluationStandsBeside() {
    const EvaluationId before = filled({prediction(0, false), prediction(1, true)});
    const EvaluationId after = filled({prediction(0, true), prediction(1, false)});
    PredictionTableModel model;
    PredictionFilter filter;
    filter.other = before;
    filter.change = PredictionFilter::Change::Gained;
    show(model, after, filter);
    QCOMPARE(model.rowCount(), 1);
    QTRY_COMPARE_WITH_TIMEOUT(cell(model, 0, PredictionTableModel::OtherAnswer), "no", kPatienceMs);
    QCOMPARE(cell(model, 0, PredictionTableModel::Answer), "yes");
    QCOMPARE(model.index(0, 0).data(PredictionTableModel::OtherCorrectRole).toBool(), false);
    QCOMPARE(model.other(0)->answer, std::string("no"));
}

void TestPredictionTableModel::failedRowSaysWhy() {
    PredictionRecord failed = prediction(0, false);
    failed.isCorrect.reset();
    failed.problem = "the prompt is too long";
    const EvaluationId id = filled({failed});
    PredictionTableModel model;
    show(model, id);
    QTRY_COMPARE_WITH_TIMEOUT(cell(model, 0, PredictionTableModel::Verdict), "not asked", kPatienceMs);
    QCOMPARE(cell(model, 0, PredictionTableModel::Answer), "the prompt is too long");
    QVERIFY(model.index(0, 0).data(PredictionTableModel::FailedRole).toBool());
}

void TestPredictionTableModel::manyRowsCostNoMoreThanThoseOnTheScreen() {
    const EvaluationId id = filled(rows(0, 20'000));
    PredictionTableModel model;
    show(model, id);
    QCOMPARE(model.rowCount(), 20'000);
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    QVERIFY(model.prediction(19'990) == nullptr);
    QTRY_VERIFY_WITH_TIMEOUT(model.prediction(19'990) != nullptr, kPatienceMs);
    QCOMPARE(changed.size(), 1); // one page
    QCOMPARE(model.prediction(19'990)->prompt, std::string("Question 19990"));
}

void TestPredictionTableModel::missingDatabaseIsTold() {
    PredictionTableModel model;
    model.setDatabase(QString::fromStdString((*m_folder / "none.db").string()));
    QSignalSpy failed(&model, &PredictionTableModel::failed);
    model.show(EvaluationId{1}, {});
    QVERIFY(failed.wait(kPatienceMs));
    QVERIFY(failed.front().front().toString().contains("does not exist"));
}

QTEST_GUILESS_MAIN(TestPredictionTableModel)
#include "tst_prediction_table_model.moc"
