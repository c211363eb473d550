#include "core/analysis/study_forecast.h"
#include "tests/core/analysis/study_fixture.h"

#include <QtTest>

using namespace lathe;
using namespace lathe::test;

class TestStudyForecast : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void configurationsAreTheProduct();
    void continuousSpacesHaveNoEnd();
    void conditionsLeaveOutWhatCannotBe();
    void beforeTheFirstTrialThePlanTells();
    void finishedTrialsTellTheSpeed();
    void slotsShareTheWork();
    void runningTrialsHavePartLeft();
    void aFinishedStudyTakesNothing();
    void withoutASpeedThereAreNoHours();
};

namespace {

StudyTrials someStudy(const std::vector<double>& seconds) {
    StudyTrials study;
    study.space = {realDimension("x", 0, 1)};
    study.fullSteps = 100;
    for (const double duration : seconds) {
        StudyTrial trial = trialOf(static_cast<std::int64_t>(study.trials.size()), {}, {1});
        trial.steps = 100;
        trial.seconds = duration;
        study.trials.push_back(trial);
    }
    return study;
}

ForecastPlan planOf(std::int64_t trials, std::int64_t slots = 1) {
    ForecastPlan plan;
    plan.trials = trials;
    plan.slots = slots;
    return plan;
}

} // namespace

void TestStudyForecast::configurationsAreTheProduct() {
    const SearchSpace space{choiceDimension("method", {"a", "b", "c"}),
                            wholeDimension("depth", 4, 24, 4),
                            {"flag", BoolDomain{}, {}}};
    QCOMPARE(configurationCount(space), std::optional(36.0));
    QCOMPARE(configurationCount({}), std::optional(1.0));
    SearchDimension steps = realDimension("dropout", 0, 0.2);
    std::get<RealDomain>(steps.domain).step = 0.05;
    QCOMPARE(configurationCount({steps}), std::optional(5.0));
    SearchDimension inner = wholeDimension("k", 1, 3);
    inner.activeIf.terms = {{"dropout", {"0.15"}}};
    QCOMPARE(configurationCount({steps, inner}), std::optional(4.0 + 3));
}

void TestStudyForecast::continuousSpacesHaveNoEnd() {
    QVERIFY(!configurationCount({realDimension("x", 0, 1)}));
    QVERIFY(
        !configurationCount({wholeDimension("a", 1, 4'000'000'000), wholeDimension("b", 1, 4'000'000'000)}));
}

void TestStudyForecast::conditionsLeaveOutWhatCannotBe() {
    SearchDimension rank = wholeDimension("rank", 1, 8);
    rank.activeIf.terms = {{"method", {"lora", "dora"}}};
    SearchDimension alpha = wholeDimension("alpha", 1, 4);
    alpha.activeIf.terms = {{"rank", {"1", "2"}}};
    SearchDimension other = wholeDimension("size", 1, 5);
    other.activeIf.terms = {{"not_searched", {"x"}}};
    // Children before their parents: lora and dora have 2 * 4 + 6 each, ia3 has 1; times 5.
    QCOMPARE(configurationCount({alpha, rank, choiceDimension("method", {"lora", "dora", "ia3"}), other}),
             std::optional((14.0 + 14 + 1) * 5));
}

void TestStudyForecast::beforeTheFirstTrialThePlanTells() {
    ForecastPlan plan = planOf(20, 2);
    plan.plannedShare = 0.25;
    plan.secondsPerStep = 3.6;
    const StudyForecast found = forecast(someStudy({}), plan);
    QCOMPARE(found.trialsLeft, 20);
    QCOMPARE(found.fullRunsLeft, 5.0);
    QCOMPARE(found.hours, std::optional(0.25)); // 500 steps at 3.6 s, two at a time
    QVERIFY(!found.lowHours);
}

void TestStudyForecast::finishedTrialsTellTheSpeed() {
    const StudyForecast found = forecast(someStudy({3600, 7200, 3600}), planOf(7));
    QCOMPARE(found.trialsLeft, 4);
    QCOMPARE(found.fullRunsLeft, 4.0);
    QVERIFY(std::abs(found.hours.value() - 16.0 / 3) < 1e-12);
    // t(0.975, 2) s sqrt(4 + 16 / 3), s = sqrt(1 / 3) hours.
    const double half = 4.302652729749 * std::sqrt(1.0 / 3) * std::sqrt(4 + 16.0 / 3);
    QVERIFY(std::abs(found.highHours.value() - 16.0 / 3 - half) < 1e-6);
    QCOMPARE(found.lowHours, std::optional(0.0)); // never below none
}

void TestStudyForecast::slotsShareTheWork() {
    const StudyTrials study = someStudy({3600, 3600});
    QCOMPARE(forecast(study, planOf(10, 4)).hours, std::optional(2.0));
    QCOMPARE(forecast(study, planOf(4, 64)).hours, std::optional(1.0)); // only two can be busy
}

void TestStudyForecast::runningTrialsHavePartLeft() {
    StudyTrials study = someStudy({3600, 3600});
    StudyTrial running;
    running.number = 2;
    running.state = TrialState::Running;
    running.steps = 75;
    study.trials.push_back(running);
    StudyTrial pruned = running;
    pruned.number = 3;
    pruned.state = TrialState::Failed;
    pruned.steps = 10;
    study.trials.push_back(pruned); // failed: over, but no experience
    const StudyForecast found = forecast(study, planOf(5));
    QCOMPARE(found.trialsLeft, 2);
    QCOMPARE(found.fullRunsLeft, 1.25);
    QCOMPARE(found.hours, std::optional(1.25));
}

void TestStudyForecast::aFinishedStudyTakesNothing() {
    const StudyForecast found = forecast(someStudy({3600, 3600}), planOf(2));
    QCOMPARE(found.trialsLeft, 0);
    QCOMPARE(found.fullRunsLeft, 0.0);
    QCOMPARE(found.hours, std::optional(0.0));
}

void TestStudyForecast::withoutASpeedThereAreNoHours() {
    const StudyForecast found = forecast(someStudy({}), planOf(3));
    QVERIFY(!found.hours);
    QCOMPARE(found.fullRunsLeft, 3.0);
}

QTEST_GUILESS_MAIN(TestStudyForecast)
#include "tst_study_forecast.moc"
