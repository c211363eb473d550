#include "core/session/trial_comparison.h"
#include "tests/core/session/study_samples.h"

#include <QTest>

#include <algorithm>

using namespace lathe;
using namespace lathe::test;

namespace {

using Numbers = std::vector<std::int64_t>;

/// Two recipes with three seeds each, and a trial that was pruned: the losses of the first recipe are
/// 0.10, 0.12 and 0.14, those of the second `worse` more.
StudySnapshot repeatedStudy(double worse) {
    StudyContent content = sampleStudy(7, 4);
    for (std::size_t i = 0; i < 6; ++i) {
        TrialRecord& trial = content.trials[i];
        trial.state = TrialState::Complete;
        trial.steps = 4;
        trial.seed = 10 + i % 3;
        trial.values = {{"rank", i < 3 ? std::int64_t{4} : std::int64_t{32}}, {"learning_rate", 1e-3}};
        trial.lastValues["eval_loss"] = 0.10 + 0.02 * static_cast<double>(i % 3) + (i < 3 ? 0 : worse);
        trial.lastValues["lr"] = 1e-3;
        trial.seconds = 60;
    }
    content.trials[6].state = TrialState::Pruned;
    return makeSnapshot(std::move(content));
}

QStringList namesOf(const std::vector<TrialMeasure>& measures) {
    QStringList names;
    for (const TrialMeasure& measure : measures)
        names << QString::fromStdString(measure.name);
    return names;
}

} // namespace

class TestTrialComparison : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }
    void measuresAreTheObjectiveTheResultsAndTheCosts();
    void lossesAndCostsAreBetterLow();
    void trialsAreWeighedByTwoMeasures();
    void runsOfOneRecipeHaveOnePlaceAndAnInterval();
    void verdictIsOfTheBestTwo();
    void differenceInTheNoiseIsSaidToBeSo();
    void singleRunsAreTooFewForAVerdict();
    void fieldsThatDifferAreMarked();
    void numbersThatAreNotThereAreLeftOut();
};

void TestTrialComparison::measuresAreTheObjectiveTheResultsAndTheCosts() {
    StudyContent content = sampleStudy(3, 4);
    content.trials[1].lastValues["eval_accuracy"] = 0.5;
    content.trials[1].lastValues["grad_norm"] = 2;
    const std::vector<TrialMeasure> measures = measuresOf(makeSnapshot(std::move(content)));
    QCOMPARE(namesOf(measures), (QStringList{"eval_loss", "eval_accuracy", "steps", "seconds"}));
}

void TestTrialComparison::lossesAndCostsAreBetterLow() {
    StudyContent content = sampleStudy(3, 4);
    for (const char* name : {"eval_accuracy", "loss", "eval_perplexity", "trainable_parameters", "test_loss"})
        content.trials[0].lastValues[name] = 1;
    for (const TrialMeasure& measure : measuresOf(makeSnapshot(std::move(content))))
        QVERIFY2(measure.isHigherBetter == (measure.name == "eval_accuracy"), measure.name.c_str());
}

void TestTrialComparison::trialsAreWeighedByTwoMeasures() {
    const StudySnapshot study = makeSnapshot(sampleStudy(5, 4)); // the fifth was pruned
    const StudyTrials weighed = weighedBy(study, {kSecondsMeasure, false}, {"eval_loss", false});
    QCOMPARE(weighed.objectives.size(), 2U);
    QCOMPARE(weighed.trials[2].objectives, (std::vector{4.0, study.records[2].lastValues.at("eval_loss")}));
    const StudyTrials unknown = weighedBy(study, {kSecondsMeasure, false}, {"eval_f1", true});
    QVERIFY(unknown.trials[2].objectives.empty());
}

void TestTrialComparison::runsOfOneRecipeHaveOnePlaceAndAnInterval() {
    const StudySnapshot study = repeatedStudy(0.1);
    const TrialComparison comparison = compareTrials(study, Numbers{4, 1, 0});
    QCOMPARE(comparison.numbers, (Numbers{0, 4}));
    const ComparedMeasure& loss = comparison.measures.front();
    QCOMPARE(loss.values[0].runs, 3U);
    QVERIFY(std::abs(loss.values[0].mean - 0.12) < 1e-12);
    // t(0.975, 2) = 4.302653, times the deviation 0.02 over the root of 3
    QVERIFY(std::abs(loss.values[0].halfWidth - 4.302653 * 0.02 / std::sqrt(3.0)) < 1e-6);
    QCOMPARE(loss.best, std::optional<std::size_t>(0));
}

void TestTrialComparison::verdictIsOfTheBestTwo() {
    const StudySnapshot study = repeatedStudy(0.1);
    const TrialComparison comparison = compareTrials(study, Numbers{6, 3, 0});
    QVERIFY(comparison.verdict.has_value());
    QCOMPARE(comparison.verdict->first, "#1");
    QCOMPARE(comparison.verdict->second, "#4");
    QVERIFY(comparison.verdict->isPaired);
    QVERIFY(comparison.verdict->outcome == SeedComparison::Outcome::FirstBetter);
}

void TestTrialComparison::differenceInTheNoiseIsSaidToBeSo() {
    StudySnapshot study = repeatedStudy(0.001);
    study.records[3].lastValues["eval_loss"] = 0.14; // the seeds do not agree
    study.records[5].lastValues["eval_loss"] = 0.10;
    const TrialComparison comparison = compareTrials(study, Numbers{0, 3});
    QVERIFY(comparison.verdict->outcome == SeedComparison::Outcome::WithinNoise);
}

void TestTrialComparison::singleRunsAreTooFewForAVerdict() {
    const StudySnapshot study = makeSnapshot(sampleStudy(4, 4));
    const TrialComparison comparison = compareTrials(study, Numbers{0, 1});
    QVERIFY(comparison.verdict->outcome == SeedComparison::Outcome::TooFew);
    QCOMPARE(comparison.measures.front().values[0].halfWidth, 0.0);
    QVERIFY(!compareTrials(study, Numbers{2}).verdict.has_value());
}

void TestTrialComparison::fieldsThatDifferAreMarked() {
    StudySnapshot study = repeatedStudy(0.1);
    study.records[3].values.set("dropout", 0.1);
    const TrialComparison comparison = compareTrials(study, Numbers{0, 3});
    QStringList different;
    for (const ComparedField& field : comparison.fields)
        if (field.isDifferent)
            different << QString::fromStdString(field.key);
    QCOMPARE(comparison.fields.size(), 3U);
    QCOMPARE(different, (QStringList{"dropout", "rank"}));
    QVERIFY(comparison.fields.front().values.front() == nullptr); // the first recipe has no dropout
}

void TestTrialComparison::numbersThatAreNotThereAreLeftOut() {
    const StudySnapshot study = makeSnapshot(sampleStudy(2, 4));
    QCOMPARE(compareTrials(study, Numbers{1, 9}).numbers, (Numbers{1}));
    QVERIFY(compareTrials(study, Numbers{9}).measures.empty());
}

QTEST_GUILESS_MAIN(TestTrialComparison)
#include "tst_trial_comparison.moc"
