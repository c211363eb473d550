#include "widgets/pages/training_story.h"

#include <QLocale>
#include <QTest>

#include <cmath>

using namespace lathe;

namespace {

MetricSeries series(std::vector<double> values) {
    MetricSeries made;
    for (std::size_t i = 0; i < values.size(); ++i) {
        made.steps.push_back(static_cast<double>(10 * i));
        made.seconds.push_back(static_cast<double>(i));
    }
    made.values = std::move(values);
    return made;
}

std::vector<double> line(double from, double to) {
    std::vector<double> values;
    for (int i = 0; i < 20; ++i)
        values.push_back(from + (to - from) * i / 19);
    return values;
}

QString running(const MetricSeries* loss, const MetricSeries* evalLoss = nullptr) {
    return trainingStory(TrialState::Running, {}, loss, evalLoss, nullptr);
}

} // namespace

class TestTrainingStory : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { QLocale::setDefault(QLocale::c()); }
    void fallingRisingAndFlatLossesAreTold();
    void lossThatIsNoNumberIsTold();
    void overfittingIsClaimedOnlyBeyondTwoPerCent();
    void nothingIsClaimedBeforeThereIsSomething();
    void finishedRunTellsItsAccuracy();
    void failedRunTellsWhy();
};

void TestTrainingStory::fallingRisingAndFlatLossesAreTold() {
    const MetricSeries falling = series(line(2, 1));
    const MetricSeries rising = series(line(1, 2));
    const MetricSeries flat = series(line(1, 0.995));

    QCOMPARE(running(&falling), "The loss is falling. Evaluation follows.");
    QVERIFY(running(&rising).startsWith("The loss is rising"));
    QVERIFY(running(&flat).startsWith("The loss hardly moves"));
}

void TestTrainingStory::lossThatIsNoNumberIsTold() {
    const MetricSeries broken = series({1, 1, std::nan("")});
    QVERIFY(running(&broken).startsWith("The loss is not a number any more"));
}

void TestTrainingStory::overfittingIsClaimedOnlyBeyondTwoPerCent() {
    const MetricSeries loss = series(line(2, 1));
    const MetricSeries wobbling = series({2, 1, 1.015});
    const MetricSeries rising = series({2, 1, 1.1});

    QVERIFY(running(&loss, &wobbling).endsWith("No overfitting so far."));
    QVERIFY(running(&loss, &rising).contains("best at step 10"));
}

void TestTrainingStory::nothingIsClaimedBeforeThereIsSomething() {
    const MetricSeries few = series({3, 1});
    QCOMPARE(running(nullptr), "Measuring the base model before the first step.");
    QCOMPARE(running(&few), "The first steps are done. Evaluation follows.");
}

void TestTrainingStory::finishedRunTellsItsAccuracy() {
    const MetricSeries accuracy = series({0.125, 0.9});
    QCOMPARE(trainingStory(TrialState::Complete, {}, nullptr, nullptr, &accuracy),
             "Done: accuracy on unseen data went from 12.5 % to 90.0 %.");
    QCOMPARE(trainingStory(TrialState::Complete, {}, nullptr, nullptr, nullptr), "Done.");
}

void TestTrainingStory::failedRunTellsWhy() {
    QCOMPARE(trainingStory(TrialState::Failed, "no memory", nullptr, nullptr, nullptr),
             "It failed: no memory");
}

QTEST_GUILESS_MAIN(TestTrainingStory)
#include "tst_training_story.moc"
