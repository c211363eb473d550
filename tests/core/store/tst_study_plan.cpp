#include "tests/core/store/store_fixture.h"

#include <array>

using namespace lathe;
using namespace lathe::test;

/// What is changed by hand in a study that is there, and the studies that repeat its finalists.
class TestStudyPlan : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aBudgetChangesAndTheSearchStaysAsPlanned();
    void aChangedSpaceForgetsTheSamplersState();
    void theQueueKeepsItsOrder();
    void aConfirmationIsLinkedAndHasItsTrials();
    void aConfirmationThatFailsLeavesNothing();

private:
    struct Project {
        TempFolder folder;
        StudyWriter writer = need(StudyWriter::open(folder / "lathe.db"));
        StudyId study = need(writer.createStudy(sampleSpec()));
        TrialId trial = need(writer.createTrial(sampleTrial(study)));

        StudyReader reader() const { return need(StudyReader::open(folder / "lathe.db")); }
        TrialRecord record() const { return need(reader().trial(trial)); }
    };
};

void TestStudyPlan::aBudgetChangesAndTheSearchStaysAsPlanned() {
    Project project;
    need(project.writer.setBudget(project.study, {7, 900, 1.5}));
    need(project.writer.setBudget(project.study, {9, 0, 0}));
    const StudySpec spec = need(project.reader().study(project.study)).spec;
    QVERIFY(budgetOf(spec) == (StudyBudget{9, 0, 0}));
    QCOMPARE(asPlanned(spec).trialCount, sampleSpec().trialCount);
    QVERIFY(withBudget(sampleSpec(), {9, 0, 0}) == spec);
    QCOMPARE(project.writer.setBudget(StudyId{78}, {}).error().where, std::string("study 78"));
}

void TestStudyPlan::aChangedSpaceForgetsTheSamplersState() {
    Project project;
    need(project.writer.saveSamplerState(project.study, "some mesh"));
    StudySpec changed = sampleSpec();
    changed.earlierSpaces = {{changed.space, {}, {}, 1}};
    changed.space = {{"rank", IntDomain{2, 128}, {}}};
    changed.forbidden = {"rank > 100"};
    changed.constraints = {"seconds <= 60"};
    need(project.writer.changeSpace(project.study, changed));
    const StudyRecord study = need(project.reader().study(project.study));
    QVERIFY(study.spec == changed);
    QCOMPARE(study.samplerState, std::string());
    QCOMPARE(project.writer.changeSpace(StudyId{78}, changed).error().where, std::string("study 78"));
}

void TestStudyPlan::theQueueKeepsItsOrder() {
    Project project;
    QCOMPARE(need(project.writer.nextNumber(project.study)), 1);
    NewTrial trial = sampleTrial(project.study, 1);
    trial.origin = project.trial;
    const TrialId second = need(project.writer.createTrial(trial));
    const auto places = [&] {
        std::vector<std::int64_t> found;
        for (const TrialRecord& record : need(project.reader().trials(project.study)))
            found.push_back(record.place);
        return found;
    };
    QVERIFY(need(project.reader().trial(second)).origin == project.trial);
    QVERIFY(!project.record().origin.isValid());
    const std::array<TrialId, 2> both{second, project.trial};
    need(project.writer.setQueue(project.study, both));
    QVERIFY(places() == (std::vector<std::int64_t>{2, 1}));
    need(project.writer.setQueue(project.study, std::span(both).first(1)));
    QVERIFY(places() == (std::vector<std::int64_t>{0, 1}));
    QCOMPARE(need(project.writer.nextNumber(project.study)), 2);
    QCOMPARE(need(project.writer.nextNumber(StudyId{78})), 0);
}

void TestStudyPlan::aConfirmationIsLinkedAndHasItsTrials() {
    Project project;
    std::vector<NewTrial> trials{sampleTrial({}, 0), sampleTrial({}, 1)};
    trials[0].origin = trials[1].origin = project.trial;
    const StudyId id = need(project.writer.createConfirmation(sampleSpec(), project.study, trials));
    const StudyReader reader = project.reader();
    QVERIFY(need(reader.study(id)).confirms == project.study);
    QVERIFY(!need(reader.study(project.study)).confirms.isValid());
    const auto stored = need(reader.trials(id));
    QCOMPARE(stored.size(), 2U);
    QVERIFY(stored[1].origin == project.trial);
    QCOMPARE(stored[1].seed, trials[1].seed);
    QCOMPARE(nameOf(stored[1].state), nameOf(TrialState::Queued));
}

void TestStudyPlan::aConfirmationThatFailsLeavesNothing() {
    Project project;
    const std::vector<NewTrial> twice{sampleTrial({}, 0), sampleTrial({}, 0)};
    QVERIFY(!project.writer.createConfirmation(sampleSpec(), project.study, twice).has_value());
    QCOMPARE(need(project.reader().studies()).size(), 1U);
}

QTEST_GUILESS_MAIN(TestStudyPlan)
#include "tst_study_plan.moc"
