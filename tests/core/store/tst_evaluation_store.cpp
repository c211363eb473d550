#include "core/base/files.h"
#include "tests/core/store/store_fixture.h"

#include <array>
#include <cmath>

using namespace lathe;
using namespace lathe::test;

namespace {

PredictionRecord prediction(std::int64_t row, std::optional<bool> isCorrect, const std::string& answer) {
    return {row, row + 2, "Question " + std::to_string(row), "yes", answer, answer, isCorrect, "", "{}"};
}

PredictionRecord failedRow(std::int64_t row) {
    PredictionRecord record = prediction(row, std::nullopt, "");
    record.problem = "the prompt has 900 tokens";
    return record;
}

using Rows = std::vector<std::int64_t>;

} // namespace

class TestEvaluationStore : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void writtenRowsReadBackExactly();
    void rowsAreReadWhileTheEvaluationRuns();
    void recordCountsWhatBecameOfTheRows();
    void rowWrittenTwiceCountsOnce();
    void figuresKeepTheirIntervals();
    void filterByVerdict();
    void filterByTextTakesWildcardsAsTheyAre();
    void filterByChange_data();
    void filterByChange();
    void pairsAreTheRowsThatBothHave();
    void runningEvaluationOfAnEndedProcessIsInterrupted();
    void removedEvaluationIsNotListed();
    void evaluationNamesItsTrial();
    void unknownEvaluationIsNamed();
    void exportsEveryRow_data();
    void exportsEveryRow();

private:
    EvaluationId filled(const std::string& name, const std::vector<PredictionRecord>& rows) {
        const EvaluationId id = need(m_writer->evaluations().create({name, "{}", {}}));
        need(m_writer->evaluations().begin(id, static_cast<std::int64_t>(rows.size()), "abc"));
        need(m_writer->evaluations().add(id, rows, 1.5));
        return id;
    }
    StudyReader reader() { return need(StudyReader::open(*m_folder / "lathe.db")); }

    std::unique_ptr<TempFolder> m_folder;
    std::unique_ptr<StudyWriter> m_writer;
};

void TestEvaluationStore::init() {
    m_writer.reset();
    m_folder = std::make_unique<TempFolder>();
    m_writer = std::make_unique<StudyWriter>(need(StudyWriter::open(*m_folder / "lathe.db")));
}

void TestEvaluationStore::writtenRowsReadBackExactly() {
    PredictionRecord odd = prediction(7, true, "Straße\n\"two\", \t'x'");
    odd.verdict = R"({"scores":{"loss":0.30000000000000004}})";
    const EvaluationId id = filled("first", {odd, failedRow(3), prediction(5, std::nullopt, "")});
    const StudyReader source = reader();
    const auto found = need(source.evaluations().predictions(id, Rows{7, 3, 99, 5}));
    QCOMPARE(found.size(), 3U);
    QVERIFY(found[0] == odd);
    QVERIFY(found[1] == failedRow(3));
    QVERIFY(!found[2].isCorrect);
    QCOMPARE(need(source.evaluations().following(id, 3, 1)).front().row, 5);
}

void TestEvaluationStore::rowsAreReadWhileTheEvaluationRuns() {
    const EvaluationId id = filled("first", {prediction(0, true, "yes")});
    const StudyReader source = reader();
    QCOMPARE(need(source.evaluations().rows(id, {})).size(), 1U);
    const std::array next{prediction(1, false, "no")};
    need(m_writer->evaluations().add(id, next, 2));
    QCOMPARE(need(source.evaluations().rows(id, {})), (Rows{0, 1}));
    QCOMPARE(need(source.evaluations().one(id)).seconds, 2.0);
}

void TestEvaluationStore::recordCountsWhatBecameOfTheRows() {
    const EvaluationId id =
        filled("first", {prediction(0, true, "yes"), prediction(1, false, "no"), prediction(2, false, "no"),
                         failedRow(3), prediction(4, std::nullopt, "")});
    const EvaluationRecord record = need(reader().evaluations().one(id));
    QCOMPARE(record.name, std::string("first"));
    QCOMPARE(record.rowsTotal, 5);
    QCOMPARE(record.rowsDone, 5);
    QCOMPARE(record.rowsRight, 1);
    QCOMPARE(record.rowsWrong, 2);
    QCOMPARE(record.rowsFailed, 1);
    QCOMPARE(record.dataHash, std::string("abc"));
    QVERIFY(record.state == EvaluationState::Running);
    QVERIFY(record.endedAt.empty());
}

void TestEvaluationStore::rowWrittenTwiceCountsOnce() {
    const EvaluationId id = filled("first", {prediction(0, false, "no")});
    const std::array again{prediction(0, true, "yes")};
    need(m_writer->evaluations().add(id, again, 3));
    const EvaluationRecord record = need(reader().evaluations().one(id));
    QCOMPARE(record.rowsDone, 1);
    QCOMPARE(record.rowsRight, 1);
}

void TestEvaluationStore::figuresKeepTheirIntervals() {
    const EvaluationId id = filled("first", {});
    const std::vector<EvaluationFigure> figures{{"accuracy", "Accuracy", 0.75, 0.5, 0.9, true, 4},
                                                {"loss", "Loss", std::nan(""), {}, {}, false, 0}};
    need(m_writer->evaluations().setFigures(id, figures));
    need(m_writer->evaluations().setState(id, EvaluationState::Complete));
    const EvaluationRecord record = need(reader().evaluations().one(id));
    QCOMPARE(record.figures.size(), 2U);
    QVERIFY(record.figures[0] == figures[0]);
    QVERIFY(std::isnan(record.figures[1].value));
    QVERIFY(!record.figures[1].isHigherBetter);
    QVERIFY(!record.endedAt.empty());
}

void TestEvaluationStore::filterByVerdict() {
    const EvaluationId id = filled("first", {prediction(0, true, "yes"), prediction(1, false, "no"),
                                             failedRow(2), prediction(3, std::nullopt, "")});
    using Verdict = PredictionFilter::Verdict;
    const StudyReader source = reader();
    const auto rows = [&](Verdict verdict) {
        PredictionFilter filter;
        filter.verdict = verdict;
        return need(source.evaluations().rows(id, filter));
    };
    QCOMPARE(rows(Verdict::Any), (Rows{0, 1, 2, 3}));
    QCOMPARE(rows(Verdict::Right), Rows{0});
    QCOMPARE(rows(Verdict::Wrong), Rows{1});
    QCOMPARE(rows(Verdict::Failed), Rows{2});
}

void TestEvaluationStore::filterByTextTakesWildcardsAsTheyAre() {
    const EvaluationId id = filled("first", {prediction(0, true, "100 %"), prediction(1, true, "100_"),
                                             prediction(2, true, "a\\b"), prediction(3, true, "1000")});
    const StudyReader source = reader();
    const auto rows = [&](const std::string& text) {
        PredictionFilter filter;
        filter.text = text;
        return need(source.evaluations().rows(id, filter));
    };
    QCOMPARE(rows("100 %"), Rows{0});
    QCOMPARE(rows("0_"), Rows{1});
    QCOMPARE(rows("\\B"), Rows{2});
    QCOMPARE(rows("question 3"), Rows{3});
}

void TestEvaluationStore::filterByChange_data() {
    QTest::addColumn<int>("change");
    QTest::addColumn<QVector<int>>("rows");
    using Change = PredictionFilter::Change;
    QTest::newRow("any") << static_cast<int>(Change::Any) << QVector<int>{0, 1, 2, 3, 4, 5};
    QTest::newRow("gained") << static_cast<int>(Change::Gained) << QVector<int>{1};
    QTest::newRow("lost") << static_cast<int>(Change::Lost) << QVector<int>{2};
    QTest::newRow("both right") << static_cast<int>(Change::BothRight) << QVector<int>{0};
    QTest::newRow("both wrong") << static_cast<int>(Change::BothWrong) << QVector<int>{3, 4};
    QTest::newRow("other answer") << static_cast<int>(Change::OtherAnswer) << QVector<int>{1, 2, 4};
}

void TestEvaluationStore::filterByChange() {
    QFETCH(int, change);
    QFETCH(QVector<int>, rows);
    const EvaluationId before =
        filled("before", {prediction(0, true, "yes"), prediction(1, false, "no"), prediction(2, true, "yes"),
                          prediction(3, false, "no"), prediction(4, false, "never")});
    const EvaluationId after =
        filled("after", {prediction(0, true, "yes"), prediction(1, true, "yes"), prediction(2, false, "no"),
                         prediction(3, false, "no"), prediction(4, false, "no"), prediction(5, true, "yes")});
    PredictionFilter filter;
    filter.other = before;
    filter.change = static_cast<PredictionFilter::Change>(change);
    QCOMPARE(need(reader().evaluations().rows(after, filter)), Rows(rows.begin(), rows.end()));
}

void TestEvaluationStore::pairsAreTheRowsThatBothHave() {
    PredictionRecord scored = prediction(1, false, "no");
    scored.verdict = "{\"loss\":2.5}";
    const EvaluationId before = filled("before", {prediction(0, true, "yes"), scored});
    const EvaluationId after = filled("after", {prediction(1, true, "yes"), prediction(2, true, "yes")});
    const auto pairs = need(reader().evaluations().pairs(before, after));
    QCOMPARE(pairs.size(), 1U);
    QCOMPARE(pairs[0].row, 1);
    QVERIFY(pairs[0].first == false && pairs[0].second == true);
    QCOMPARE(pairs[0].firstVerdict, scored.verdict);
}

void TestEvaluationStore::runningEvaluationOfAnEndedProcessIsInterrupted() {
    const EvaluationId running = filled("running", {prediction(0, true, "yes")});
    const EvaluationId done = filled("done", {});
    need(m_writer->evaluations().setState(done, EvaluationState::Complete));
    m_writer.reset();
    m_writer = std::make_unique<StudyWriter>(need(StudyWriter::open(*m_folder / "lathe.db")));
    need(m_writer->markInterrupted());
    QVERIFY(need(reader().evaluations().one(running)).state == EvaluationState::Interrupted);
    QCOMPARE(need(reader().evaluations().one(running)).rowsDone, 1);
    QVERIFY(need(reader().evaluations().one(done)).state == EvaluationState::Complete);
}

void TestEvaluationStore::removedEvaluationIsNotListed() {
    const EvaluationId first = filled("first", {});
    const EvaluationId second = filled("second", {});
    need(m_writer->evaluations().rename(second, "renamed"));
    need(m_writer->evaluations().remove(first));
    const auto all = need(reader().evaluations().all());
    QCOMPARE(all.size(), 1U);
    QCOMPARE(all[0].name, std::string("renamed"));
    QVERIFY(reader().evaluations().one(first).has_value());
}

void TestEvaluationStore::evaluationNamesItsTrial() {
    const StudyId study = need(m_writer->createStudy(sampleSpec()));
    const TrialId trial = need(m_writer->createTrial(sampleTrial(study)));
    const EvaluationId id = need(m_writer->evaluations().create({"of a run", "{\"a\":1}", trial}));
    const EvaluationRecord record = need(reader().evaluations().one(id));
    QVERIFY(record.trial == trial);
    QCOMPARE(record.spec, std::string("{\"a\":1}"));
    QVERIFY(record.state == EvaluationState::Waiting);
    QVERIFY(!m_writer->evaluations().create({"of none", "{}", TrialId{99}}).has_value());
}

void TestEvaluationStore::unknownEvaluationIsNamed() {
    QCOMPARE(reader().evaluations().one(EvaluationId{9}).error().text(),
             std::string("evaluation 9: is not in this project"));
    const auto written = m_writer->evaluations().setState(EvaluationId{9}, EvaluationState::Complete);
    QCOMPARE(written.error().text(), std::string("evaluation 9: is not in this project"));
}

void TestEvaluationStore::exportsEveryRow_data() {
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("content");
    QTest::newRow("csv") << QByteArray("rows.csv")
                         << QByteArray("row,line,correct,expected,extracted,answer,prompt,problem,verdict\n"
                                       "0,2,true,yes,\"a \"\"b\"\"\",\"a \"\"b\"\"\",Question 0,,"
                                       "\"{\"\"loss\"\":0.25}\"\n"
                                       "1,3,,yes,,,Question 1,the prompt has 900 tokens,{}\n");
    QTest::newRow("jsonl") << QByteArray("rows.jsonl")
                           << QByteArray(R"({"row":0,"line":2,"prompt":"Question 0","expected":"yes",)"
                                         R"("answer":"a \"b\"","extracted":"a \"b\"","correct":true,)"
                                         R"("verdict":{"loss":0.25}})"
                                         "\n"
                                         R"({"row":1,"line":3,"prompt":"Question 1","expected":"yes",)"
                                         R"("answer":"","extracted":"","correct":null,)"
                                         R"("problem":"the prompt has 900 tokens","verdict":{}})"
                                         "\n");
}

void TestEvaluationStore::exportsEveryRow() {
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, content);
    PredictionRecord first = prediction(0, true, "a \"b\"");
    first.verdict = "{\"loss\":0.25}";
    const EvaluationId id = filled("first", {first, failedRow(1)});
    const auto target = *m_folder / name.constData();
    const StudyReader source = reader();
    need(exportPredictions(source.evaluations(), id, target));
    QCOMPARE(QByteArray::fromStdString(need(readFile(target))), content);
}

QTEST_GUILESS_MAIN(TestEvaluationStore)
#include "tst_evaluation_store.moc"
