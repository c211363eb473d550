#include "core/base/random.h"
#include "core/session/study_history.h"
#include "tests/core/store/store_fixture.h"

#include <cmath>

using namespace lathe;
using namespace lathe::test;

class TestStudyHistory : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void seriesGrowsWithItsPoints();
    void replacedPointIsToldAsReplaced();
    void rewindCutsAndIsToldAsReplaced();
    void rewindToTheEndChangesNothing();
    void eventsOfOtherTrialsAreIgnored();
    void linesOfTheStudyAreTaken();
    void liveAndRowsAreTheSame();

private:
    static StudyHistory withTrial() {
        StudyHistory history;
        TrialRecord record;
        record.id = TrialId{1};
        history.addTrial(record);
        return history;
    }
    static Event loss(std::int64_t step, double value) {
        return MetricPoint{TrialId{1}, "loss", step, value, 1};
    }
};

void TestStudyHistory::seriesGrowsWithItsPoints() {
    StudyHistory history = withTrial();
    QVERIFY(history.series(TrialId{1}, "loss") == nullptr);
    const auto changes = history.apply(std::vector<Event>{loss(1, 3), loss(2, 2)});
    QCOMPARE(changes.points.size(), 2U);
    QVERIFY(changes.replaced.empty());
    QCOMPARE(history.series(TrialId{1}, "loss")->steps, (std::vector<double>{1, 2}));
    QCOMPARE(history.series(TrialId{1}, "loss")->values, (std::vector<double>{3, 2}));
    QCOMPARE(history.metricNames(TrialId{1}), std::vector<std::string>{"loss"});
}

void TestStudyHistory::replacedPointIsToldAsReplaced() {
    StudyHistory history = withTrial();
    (void)history.apply(std::vector<Event>{loss(1, 3), loss(3, 2)});
    const auto changes = history.apply(std::vector<Event>{loss(3, 1), loss(2, 5), loss(4, 4)});
    QVERIFY(changes.replaced.contains(TrialId{1}));
    QVERIFY(changes.points.empty());
    QCOMPARE(history.series(TrialId{1}, "loss")->values, (std::vector<double>{3, 5, 1, 4}));
    QCOMPARE(history.trial(TrialId{1})->bestValues.at("loss"), 1.0);
}

void TestStudyHistory::rewindCutsAndIsToldAsReplaced() {
    StudyHistory history = withTrial();
    (void)history.apply(
        std::vector<Event>{loss(1, 3), loss(2, 2), loss(3, 1), MetricPoint{TrialId{1}, "lr", 3, 1, 1}});
    const auto changes = history.apply(std::vector<Event>{TrialRewind{TrialId{1}, 1}, loss(2, 9)});
    QVERIFY(changes.replaced.contains(TrialId{1}));
    QCOMPARE(history.series(TrialId{1}, "loss")->values, (std::vector<double>{3, 9}));
    QVERIFY(history.series(TrialId{1}, "lr") == nullptr);
    QCOMPARE(history.trial(TrialId{1})->steps, 2);
    QCOMPARE(history.trial(TrialId{1})->bestValues.at("loss"), 3.0);
}

void TestStudyHistory::rewindToTheEndChangesNothing() {
    StudyHistory history = withTrial();
    (void)history.apply(std::vector<Event>{loss(1, 3), loss(2, 2)});
    const auto changes = history.apply(std::vector<Event>{TrialRewind{TrialId{1}, 2}, loss(3, 1)});
    QVERIFY(changes.replaced.empty());
    QCOMPARE(changes.points.size(), 1U);
}

void TestStudyHistory::eventsOfOtherTrialsAreIgnored() {
    StudyHistory history = withTrial();
    const auto changes = history.apply(std::vector<Event>{MetricPoint{TrialId{2}, "loss", 1, 1, 1},
                                                          TrialChange{TrialId{2}, TrialState::Running, ""}});
    QVERIFY(changes.points.empty() && changes.states.empty());
}

void TestStudyHistory::linesOfTheStudyAreTaken() {
    StudyHistory history = withTrial();
    (void)history.apply(std::vector<Event>{LogLine{{}, LogLine::Level::Error, "of the study"},
                                           LogLine{TrialId{2}, LogLine::Level::Error, "of another"}});
    QCOMPARE(history.log().size(), 1U);
}

void TestStudyHistory::liveAndRowsAreTheSame() {
    const TempFolder folder;
    StudyWriter writer = need(StudyWriter::open(folder / "lathe.db"));
    const StudyId study = need(writer.createStudy(sampleSpec()));
    StudyHistory live;
    std::vector<TrialId> trials;
    const StudyReader reader = need(StudyReader::open(folder / "lathe.db"));
    for (std::int64_t number = 0; number < 3; ++number) {
        trials.push_back(need(writer.createTrial(sampleTrial(study, number))));
        live.addTrial(need(reader.trial(trials.back())));
    }
    Rng rng(11);
    for (int batch = 0; batch < 60; ++batch) {
        std::vector<Event> events;
        for (int i = 0; i < 20; ++i) {
            const TrialId trial = trials[static_cast<std::size_t>(rng.integer(0, 2))];
            const std::int64_t step = rng.integer(batch, batch + 30);
            const double value = rng.integer(0, 20) == 0 ? std::nan("") : rng.normal();
            events.push_back(MetricPoint{trial, rng.integer(0, 1) == 0 ? "loss" : "eval_accuracy", step,
                                         value, rng.uniform()});
        }
        const TrialId trial = trials[static_cast<std::size_t>(rng.integer(0, 2))];
        events.push_back(SampleText{trial, rng.integer(0, batch), "prompt", std::to_string(batch), ""});
        events.push_back(LogLine{trial, LogLine::Level::Warning, std::to_string(batch)});
        if (rng.integer(0, 4) == 0)
            events.push_back(TrialRewind{trial, rng.integer(0, batch + 30)});
        need(writer.append(events));
        (void)live.apply(events);
    }
    const StudyHistory rows = need(StudyHistory::read(reader, study));
    for (const TrialId trial : trials) {
        QCOMPARE(toCsv(live.points(trial)), toCsv(rows.points(trial)));
        QVERIFY(!live.points(trial).empty());
        QCOMPARE(live.trial(trial)->steps, rows.trial(trial)->steps);
        QCOMPARE(live.trial(trial)->bestValues, rows.trial(trial)->bestValues);
        QCOMPARE(live.metricNames(trial), rows.metricNames(trial));
        QCOMPARE(live.samples(trial).size(), rows.samples(trial).size());
        for (std::size_t i = 0; i < rows.samples(trial).size(); ++i)
            QCOMPARE(live.samples(trial)[i].text, rows.samples(trial)[i].text);
    }
    QCOMPARE(live.log().size(), rows.log().size());
    QCOMPARE(live.log().back().text, rows.log().back().text);
}

QTEST_GUILESS_MAIN(TestStudyHistory)
#include "tst_study_history.moc"
