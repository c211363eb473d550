#include "core/data/data_record.h"
#include "tests/core/train/run_recorder.h"
#include "tests/core/train/tiny_model.h"

#include <QtTest>

using namespace lathe;
using namespace lathe::test;

namespace {

QString textOf(const std::string& text) { return QString::fromStdString(text); }

} // namespace

/// What a run tells of its data.
class TestRunData : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { writeTinyProject(m_files); }

    void recordLiesInTheTrialsFolder();
    void testRowsAreMeasuredOnceAtTheEnd();
    void badRowsStopTheRunBeforeItBegins();
    void resumeNoticesOtherData();

private:
    [[nodiscard]] ParamValues recipe(const ParamValues& changes = {}) const {
        ParamValues all = tinyRecipe(m_files.path());
        all.set("max_steps", std::int64_t{4});
        for (const auto& [key, value] : changes.map())
            all.set(key, value);
        return all;
    }
    TempFolder m_files;
};

void TestRunData::recordLiesInTheTrialsFolder() {
    RunRecorder recorder(m_files / "record");
    QVERIFY(recorder.run(recipe()).has_value());
    const auto record = readDataRecord(m_files / "record");
    QVERIFY(record.has_value());
    QCOMPARE(record->files.size(), 2U);
    QCOMPARE(record->files[0].used, 24U);
    // The tiny project evaluates on rows of its training file.
    QCOMPARE(textOf(record->warnings.at(0)),
             QStringLiteral("8 of 8 evaluation rows also occur in the training data"));
    const auto log = recorder.log();
    QVERIFY(std::ranges::find(log, record->warnings[0]) != log.end());
}

void TestRunData::testRowsAreMeasuredOnceAtTheEnd() {
    RunRecorder recorder(m_files / "test");
    const auto result = recorder.run(recipe({{"test_file", (m_files / "eval.jsonl").string()}}));
    QVERIFY2(result.has_value(), qPrintable(textOf(result ? "" : result.error().text())));
    const auto losses = recorder.series("test_loss");
    QCOMPARE(losses.size(), 1U);
    QCOMPARE(losses.begin()->first, 4);
    QCOMPARE(losses.at(4), recorder.series("eval_loss").at(4)); // of the same rows
    QCOMPARE(result->metrics.at("test_loss"), losses.at(4));
    QVERIFY(!result->metrics.contains("best_test_loss"));
}

void TestRunData::badRowsStopTheRunBeforeItBegins() {
    const auto file = m_files.write("bad.jsonl", "{\"instruction\":\"a\",\"output\":\"b\"}\n[1]\n");
    RunRecorder recorder(m_files / "bad");
    const auto result = recorder.run(recipe({{"train_file", file.string()}}));
    QVERIFY(!result.has_value());
    QVERIFY(textOf(result.error().text()).contains("1 of 2 rows (50 %) cannot be used"));
    QVERIFY(recorder.series("loss").empty());
}

void TestRunData::resumeNoticesOtherData() {
    const auto changed = m_files.write("changing.jsonl", "{\"instruction\":\"a\",\"output\":\"b\"}\n"
                                                         "{\"instruction\":\"c\",\"output\":\"d\"}\n");
    const ParamValues values = recipe({{"train_file", changed.string()}});
    RunRecorder recorder(m_files / "resume");
    QVERIFY(recorder.run(values).has_value());
    QVERIFY(recorder.run(values, true).has_value());
    const auto complains = [&recorder] {
        return std::ranges::any_of(recorder.log(), [](const std::string& line) {
            return line == "the data are not those this run began with";
        });
    };
    QVERIFY(!complains());
    (void)m_files.write("changing.jsonl", "{\"instruction\":\"a\",\"output\":\"other\"}\n"
                                          "{\"instruction\":\"c\",\"output\":\"d\"}\n");
    QVERIFY(recorder.run(values, true).has_value());
    QVERIFY(complains());
}

QTEST_GUILESS_MAIN(TestRunData)
#include "tst_run_data.moc"
