#include "core/adapter/allocation.h"

#include <QtTest>

#include <limits>
#include <numeric>

using namespace lathe;

namespace {

using Unit = AllocationBudget::Unit;
using Scope = AllocationBudget::Scope;
using Due = AllocationSchedule::Due;

/// OPT-350M with Q and V and all shortcuts: 48 LoRA modules and 95 shortcuts of 16384 numbers each.
std::vector<AllocationCandidate> optCandidates(std::size_t shortcuts = 95) {
    Rng rng(3);
    std::vector<AllocationCandidate> all;
    for (std::size_t i = 0; i < 48 + shortcuts; ++i)
        all.push_back({rng.uniform(), 16384, i >= 48, false});
    return all;
}

struct Counts {
    std::int64_t lora = 0, shortcuts = 0, parameters = 0;
};

Counts countsOf(const std::vector<AllocationCandidate>& candidates, const std::vector<bool>& isOn) {
    Counts counts;
    for (std::size_t i = 0; i < candidates.size(); ++i)
        if (isOn[i]) {
            ++(candidates[i].isShortcut ? counts.shortcuts : counts.lora);
            counts.parameters += candidates[i].parameters;
        }
    return counts;
}

} // namespace

/// Who is on, and when it is decided: no model is needed.
class TestAllocation : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void budgetIsExact();
    void budgetRoundsHalfToEven();
    void theBestAreOn();
    void tiesAreUniform();
    void parameterBudgetIsNeverExceeded();
    void shareOfParametersIsAtLeastOneModule();
    void scheduleIsThatOfTheAuthors();
    void warmupFreezeAndHysteresisKeepToTheirWindows();
    void ranksFollowScoresWithinTheBudget();
    void tiedScoresAreCounted();
};

void TestAllocation::budgetIsExact() {
    Rng rng(1);
    const auto lora = optCandidates(0);
    QCOMPARE(countsOf(lora, allocate(lora, {}, 0, rng)).lora, 12);
    const auto all = optCandidates();
    const Counts combined = countsOf(all, allocate(all, {}, 0, rng));
    QCOMPARE(combined.lora + combined.shortcuts, 36);
    QCOMPARE(combined.parameters, 589824);
    AllocationBudget apart;
    apart.scope = Scope::Separated;
    const Counts separated = countsOf(all, allocate(all, apart, 0, rng));
    QCOMPARE(separated.lora, 12);
    QCOMPARE(separated.shortcuts, 24);
}

void TestAllocation::budgetRoundsHalfToEven() {
    const auto shortcutsOf = [](std::size_t count) {
        AllocationBudget budget;
        budget.share = 0.5;
        std::vector<AllocationCandidate> all(count, {0, 1, true, false});
        return limitsOf(all, budget).shortcuts;
    };
    QCOMPARE(shortcutsOf(1), 0); // 0.5
    QCOMPARE(shortcutsOf(3), 2); // 1.5
    QCOMPARE(shortcutsOf(5), 2); // 2.5
    QCOMPARE(shortcutsOf(7), 4); // 3.5
    AllocationBudget budget;
    budget.share = 0.29; // 28.999999999999996 of a hundred
    const std::vector<AllocationCandidate> hundred(100, {0, 1, false, false});
    QCOMPARE(limitsOf(hundred, budget).lora, 29);
    budget.share = 0.001;
    QCOMPARE(limitsOf(hundred, budget).lora, 1);
}

void TestAllocation::theBestAreOn() {
    Rng rng(1);
    const double none = std::numeric_limits<double>::quiet_NaN();
    const std::vector<AllocationCandidate> all{
        {1, 1, false, false}, {5, 1, false, false}, {none, 1, false, true}, {3, 1, false, false}};
    AllocationBudget budget;
    budget.share = 0.5;
    QCOMPARE(allocate(all, budget, 0, rng), (std::vector<bool>{false, true, false, true}));
}

/// χ² with 9 degrees of freedom stays below 27.9 in 999 of 1000 cases.
void TestAllocation::tiesAreUniform() {
    const std::vector<AllocationCandidate> all(10, {1, 1, false, true});
    AllocationBudget budget;
    budget.share = 0.3;
    Rng rng(11);
    std::vector<double> counts(10, 0);
    constexpr int kDraws = 4000;
    for (int draw = 0; draw < kDraws; ++draw) {
        const std::vector<bool> isOn = allocate(all, budget, 0, rng);
        QCOMPARE(std::count(isOn.begin(), isOn.end(), true), 3);
        for (std::size_t i = 0; i < 10; ++i)
            counts[i] += isOn[i] ? 1 : 0;
    }
    const double expected = kDraws * 0.3;
    double chiSquare = 0;
    for (const double count : counts)
        chiSquare += (count - expected) * (count - expected) / expected;
    QVERIFY2(chiSquare < 27.9, qPrintable(QString::number(chiSquare)));
    const std::string state = rng.state();
    const auto next = allocate(all, budget, 0, rng);
    Rng again(0);
    QVERIFY(again.restore(state));
    QCOMPARE(allocate(all, budget, 0, again), next);
}

void TestAllocation::parameterBudgetIsNeverExceeded() {
    Rng rng(5);
    for (int round = 0; round < 200; ++round) {
        std::vector<AllocationCandidate> all;
        std::int64_t total = 0, most = 0;
        for (int i = 0; i < 30; ++i) { // as with grouped queries and wide feed-forward parts
            const std::int64_t size = 8 * rng.integer(1, 60);
            all.push_back({rng.uniform(), size, i % 3 == 0, i % 2 == 0});
            total += size;
            most = std::max(most, size);
        }
        AllocationBudget budget;
        budget.unit = Unit::Parameters;
        budget.scope = round % 2 == 0 ? Scope::Combined : Scope::Separated;
        budget.parameters = round % 4 < 2 ? rng.integer(most, total) : 0;
        budget.share = 0.05 + 0.9 * rng.uniform();
        const std::int64_t limit = limitsOf(all, budget).total();
        const std::int64_t used = countsOf(all, allocate(all, budget, 0, rng)).parameters;
        QVERIFY(used <= limit);
        QVERIFY(budget.parameters == 0 || limit == budget.parameters);
        if (budget.scope == Scope::Combined)
            QVERIFY(limit - used < most); // what is left is too little for some module
    }
}

void TestAllocation::shareOfParametersIsAtLeastOneModule() {
    const std::vector<AllocationCandidate> all{{1, 40, false, false}, {2, 30, false, false}};
    AllocationBudget budget;
    budget.unit = Unit::Parameters;
    budget.share = 0.25;
    Rng rng(1);
    QCOMPARE(limitsOf(all, budget).lora, 30);
    QCOMPARE(allocate(all, budget, 0, rng), (std::vector<bool>{false, true}));
    budget.parameters = 29; // a number is a number
    QCOMPARE(allocate(all, budget, 0, rng), (std::vector<bool>{false, false}));
}

void TestAllocation::scheduleIsThatOfTheAuthors() {
    const AllocationSchedule schedule;
    constexpr std::int64_t kPerEpoch = 459; // MRPC's 3668 rows in batches of 8
    constexpr std::int64_t kTotal = 20 * kPerEpoch;
    QCOMPARE(schedule.interval(kPerEpoch), 92);
    std::vector<std::int64_t> steps;
    for (std::int64_t step = 0; step < kTotal; ++step)
        if (schedule.dueAt(step, kPerEpoch, kTotal) == Due::Choice)
            steps.push_back(step);
    QCOMPARE(steps.size(), std::size_t{100});
    QCOMPARE((std::vector<std::int64_t>(steps.begin(), steps.begin() + 6)),
             (std::vector<std::int64_t>{0, 92, 184, 276, 368, 459}));
    AllocationSchedule once;
    once.isStatic = true;
    for (std::int64_t step = 0; step < kTotal; ++step)
        QCOMPARE(once.dueAt(step, kPerEpoch, kTotal) == Due::Choice, step == 0);
    AllocationSchedule inSteps;
    inSteps.periodSteps = 100;
    QVERIFY(inSteps.dueAt(500, kPerEpoch, kTotal) == Due::Choice);
    QVERIFY(inSteps.dueAt(459, kPerEpoch, kTotal) == Due::Nothing);
}

void TestAllocation::warmupFreezeAndHysteresisKeepToTheirWindows() {
    AllocationSchedule schedule;
    schedule.warmup = 30;
    schedule.freezeAfter = 0.5;
    schedule.isWarmupRandom = true;
    for (std::int64_t step = 0; step < 200; ++step) {
        const bool isRegular = step % 50 % 10 == 0;
        const Due due = schedule.dueAt(step, 50, 200);
        QVERIFY(step >= 30 || due == (isRegular ? Due::RandomChoice : Due::Nothing));
        QVERIFY(step < 30 || due == (isRegular && step < 100 ? Due::Choice : Due::Nothing));
    }
    schedule.isWarmupRandom = false;
    QVERIFY(schedule.dueAt(10, 50, 200) == Due::Nothing);
    schedule.warmup = 33; // is over between two choices, and then at once
    QVERIFY(schedule.dueAt(33, 50, 200) == Due::Choice);

    Rng rng(2);
    AllocationBudget budget;
    budget.share = 0.5;
    const auto chosen = [&](double challenger, double hysteresis) -> bool {
        const std::vector<AllocationCandidate> all{{1, 1, false, true}, {challenger, 1, false, false}};
        return allocate(all, budget, hysteresis, rng)[1];
    };
    QVERIFY(chosen(1.01, 0));
    QVERIFY(!chosen(1.09, 0.1));
    QVERIFY(!chosen(1.1, 0.1)); // not above the margin
    QVERIFY(chosen(1.11, 0.1));
}

void TestAllocation::ranksFollowScoresWithinTheBudget() {
    const std::vector<double> scores{4, 2, 1, 1};
    const std::vector<std::int64_t> sizes(4, 100), most(4, 64), few(4, 6);
    QCOMPARE(proportionalRanks(scores, sizes, most, 1600, 0), (std::vector<std::int64_t>{8, 4, 2, 2}));
    QCOMPARE(proportionalRanks(scores, sizes, few, 1600, 0), (std::vector<std::int64_t>{6, 5, 3, 2}));
    const std::vector<std::int64_t> unequal{100, 200, 50, 50}; // a rank costs more where a module is larger
    QCOMPARE(proportionalRanks(scores, unequal, most, 1600, 0), (std::vector<std::int64_t>{8, 2, 4, 4}));
    Rng rng(7);
    for (int round = 0; round < 100; ++round) {
        std::vector<double> some;
        std::vector<std::int64_t> widths;
        for (int i = 0; i < 12; ++i) {
            some.push_back(rng.uniform());
            widths.push_back(rng.integer(20, 90));
        }
        const std::vector<std::int64_t> limits(12, 32);
        const std::vector<std::int64_t> ranks = proportionalRanks(some, widths, limits, 5000, 0);
        const std::int64_t used =
            std::inner_product(ranks.begin(), ranks.end(), widths.begin(), std::int64_t{0});
        QVERIFY(used <= 5000 && used > 5000 - 90);
    }
    const std::vector<double> nothing(4, 0.0);
    QCOMPARE(proportionalRanks(nothing, sizes, most, 1600, 0), (std::vector<std::int64_t>{4, 4, 4, 4}));
}

void TestAllocation::tiedScoresAreCounted() {
    QCOMPARE(tiedShare(std::vector<double>{1, 2, 3, 4}), 0.0);
    QCOMPARE(tiedShare(std::vector<double>{0, 0, 0, 4}), 0.75);
    QCOMPARE(tiedShare(std::vector<double>{0, 0, 4, 4}), 1.0);
    QCOMPARE(tiedShare({}), 0.0);
}

QTEST_GUILESS_MAIN(TestAllocation)
#include "tst_allocation.moc"
