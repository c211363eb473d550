#include "core/train/packing_choice.h"

#include <QtTest>

#include <functional>

using namespace lathe;
using namespace std::chrono_literals;

namespace {

using Way = PackingChoice::Way;

/// Steps trials in rounds and lets time pass as `seconds` of a round's trials says. Returns the rounds that
/// went together.
int playRounds(PackingChoice& choice, std::size_t trials, int rounds, PackingChoice::Clock::time_point& now,
               const std::function<double(Way, std::size_t)>& seconds) {
    int together = 0;
    choice.setTrials(trials);
    for (int round = 0; round < rounds; ++round) {
        const Way way = choice.way();
        together += way == Way::Together ? 1 : 0;
        now += std::chrono::duration_cast<PackingChoice::Clock::duration>(
            std::chrono::duration<double>(seconds(way, trials)));
        for (std::size_t trial = 0; trial < trials; ++trial)
            choice.stepDone(32, now);
    }
    return together;
}

double packedPays(Way way, std::size_t trials) {
    return way == Way::Together ? 0.004 + 0.001 * static_cast<double>(trials)
                                : 0.004 * static_cast<double>(trials);
}
double packedCosts(Way way, std::size_t trials) {
    return (way == Way::Together ? 0.006 : 0.005) * static_cast<double>(trials);
}

} // namespace

class TestPackingChoice : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void costsAreFittedByLeastSquares();
    void oneSizeAloneIsPredictedAsSeen();
    void takesThePackWhereItPays();
    void leavesThePackWhereItCosts();
    void knowsOtherNumbersOfTrialsFromTwo();
    void noticesThatTheMachineHasChanged();
    void aLoneTrialGoesByItself();
    void alwaysAndNeverDoNotAsk();
};

void TestPackingChoice::costsAreFittedByLeastSquares() {
    RoundCost cost;
    const auto seconds = [](double tokens, double trials) { return 0.002 + 1e-5 * tokens + 3e-4 * trials; };
    for (const auto& [tokens, trials] :
         std::vector<std::pair<double, double>>{{32, 1}, {64, 2}, {256, 8}, {512, 4}, {40, 2}, {1000, 3}})
        cost.add(tokens, trials, seconds(tokens, trials));
    QVERIFY(std::abs(cost.predict(300, 6).value() - seconds(300, 6)) < 0.001 * seconds(300, 6));
}

void TestPackingChoice::oneSizeAloneIsPredictedAsSeen() {
    RoundCost cost;
    QVERIFY(!cost.predict(32, 1).has_value());
    for (int i = 0; i < 5; ++i)
        cost.add(128, 4, 0.02);
    QVERIFY(std::abs(cost.predict(128, 4).value() - 0.02) < 1e-6);
}

void TestPackingChoice::takesThePackWhereItPays() {
    PackingChoice choice(Packing::Auto);
    PackingChoice::Clock::time_point now;
    playRounds(choice, 8, 12, now, packedPays);
    QCOMPARE(choice.way(), Way::Together);
    const int together = playRounds(choice, 8, 1000, now, packedPays);
    QVERIFY2(together >= 970, qPrintable(QString::number(together)));
}

void TestPackingChoice::leavesThePackWhereItCosts() {
    PackingChoice choice(Packing::Auto);
    PackingChoice::Clock::time_point now;
    playRounds(choice, 4, 12, now, packedCosts);
    QCOMPARE(choice.way(), Way::Apart);
    const int together = playRounds(choice, 4, 1000, now, packedCosts);
    QVERIFY2(together <= 30, qPrintable(QString::number(together)));
}

void TestPackingChoice::knowsOtherNumbersOfTrialsFromTwo() {
    PackingChoice choice(Packing::Auto);
    PackingChoice::Clock::time_point now;
    playRounds(choice, 8, 20, now, packedPays);
    playRounds(choice, 6, 20, now, packedPays);
    choice.setTrials(7);
    QCOMPARE(choice.way(), Way::Together);
    QCOMPARE(playRounds(choice, 7, 10, now, packedPays), 10);
}

void TestPackingChoice::noticesThatTheMachineHasChanged() {
    PackingChoice choice(Packing::Auto);
    PackingChoice::Clock::time_point now;
    playRounds(choice, 8, 100, now, packedPays);
    QCOMPARE(choice.way(), Way::Together);
    playRounds(choice, 8, 1000, now, packedCosts);
    QCOMPARE(choice.way(), Way::Apart);
}

void TestPackingChoice::aLoneTrialGoesByItself() {
    for (const Packing mode : {Packing::Auto, Packing::Always}) {
        PackingChoice choice(mode);
        choice.setTrials(1);
        QCOMPARE(choice.way(), Way::Apart);
    }
}

void TestPackingChoice::alwaysAndNeverDoNotAsk() {
    PackingChoice::Clock::time_point now;
    PackingChoice always(Packing::Always), never(Packing::Never);
    QCOMPARE(playRounds(always, 4, 300, now, packedCosts), 300);
    QCOMPARE(playRounds(never, 4, 300, now, packedPays), 0);
}

QTEST_GUILESS_MAIN(TestPackingChoice)
#include "tst_packing_choice.moc"
