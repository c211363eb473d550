#include "core/analysis/allocation_history.h"

#include <QtTest>

#include <limits>

using namespace lathe;

class TestAllocationHistory : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void shortcutsAreColumnsBehindTheOthers();
    void aLayerWithoutAModuleHasAHole();
    void churnIsTheShareOfThoseOnThatAreNew();
    void frequencyCountsReallocations();
    void parametersInUseAreThoseOfWhoIsOn();
    void parametersWithoutACountAreUnknown();
    void tiesAreScoresThatOthersHaveToo();
    void twoOfAKindInALayerAreRefused();
    void aReallocationOfOtherModulesIsRefused();
    void theChurnChartIsInPercent();
};

namespace {

/// Two layers of q and v; the second has a shortcut from the first.
AllocationHistory smallHistory() {
    AllocationHistory history;
    history.modules = {{"0.q", "q_proj", 0, false, 8, 16, 100},
                       {"0.v", "v_proj", 0, false, 8, 16, 100},
                       {"1.q", "q_proj", 1, false, 8, 16, 100},
                       {"1.s", "shortcut_ffn", 1, true, 8, 4, 300},
                       {"1.v", "v_proj", 1, false, 8, 16, 100}};
    history.reallocations = {{0, 0, {1, 2, 3, 4, 5}, {true, true, false, false, false}},
                             {10, 0.5, {1, 2, 3, 4, 5}, {false, true, false, true, false}},
                             {20, 1, {1, 2, 3, 4, 5}, {false, false, true, false, true}}};
    return history;
}

} // namespace

void TestAllocationHistory::shortcutsAreColumnsBehindTheOthers() {
    const AllocationGrid grid = allocationGrid(smallHistory());
    using Column = AllocationGrid::Column;
    QCOMPARE(grid.columns,
             (std::vector<Column>{{"q_proj", false}, {"v_proj", false}, {"shortcut_ffn", true}}));
    QCOMPARE(grid.layers, (std::vector<std::int64_t>{0, 1}));
    QCOMPARE(*grid.at(1, 0), std::size_t{2});
    QCOMPARE(*grid.at(1, 2), std::size_t{3});
}

void TestAllocationHistory::aLayerWithoutAModuleHasAHole() {
    const AllocationGrid grid = allocationGrid(smallHistory());
    QVERIFY(!grid.at(0, 2));
}

void TestAllocationHistory::churnIsTheShareOfThoseOnThatAreNew() {
    QCOMPARE(churn(smallHistory()), (std::vector<double>{0, 0.5, 1}));
}

void TestAllocationHistory::frequencyCountsReallocations() {
    const std::vector<double> shares = onFrequency(smallHistory());
    QCOMPARE(shares[0], 1.0 / 3);
    QCOMPARE(shares[1], 2.0 / 3);
    AllocationHistory none = smallHistory();
    none.reallocations.clear();
    QCOMPARE(onFrequency(none), std::vector<double>(5, 0.0));
}

void TestAllocationHistory::parametersInUseAreThoseOfWhoIsOn() {
    QCOMPARE(*parametersInUse(smallHistory(), 0), std::int64_t{200});
    QCOMPARE(*parametersInUse(smallHistory(), 1), std::int64_t{400});
}

void TestAllocationHistory::parametersWithoutACountAreUnknown() {
    AllocationHistory history = smallHistory();
    history.modules[0].parameters.reset();
    QVERIFY(!parametersInUse(history, 0));
    QVERIFY(parametersInUse(history, 1));
}

void TestAllocationHistory::tiesAreScoresThatOthersHaveToo() {
    const double none = std::numeric_limits<double>::quiet_NaN();
    QCOMPARE(tiedShare({0, 0, {1, 2, 3, 4}, {}}), 0.0);
    QCOMPARE(tiedShare({0, 0, {0, 0, 0, 4}, {}}), 0.75);
    QCOMPARE(tiedShare({0, 0, {none, 2, 2, none}, {}}), 1.0);
    QCOMPARE(tiedShare({0, 0, {}, {}}), 0.0);
}

void TestAllocationHistory::twoOfAKindInALayerAreRefused() {
    AllocationHistory history = smallHistory();
    QVERIFY(check(history).has_value());
    history.modules[1].kind = "q_proj";
    QCOMPARE(check(history).error().text(),
             std::string("module 0.v: is a second \"q_proj\" of layer 0; each layer may have one of a kind"));
}

void TestAllocationHistory::aReallocationOfOtherModulesIsRefused() {
    AllocationHistory history = smallHistory();
    history.reallocations[1].isOn.pop_back();
    QCOMPARE(check(history).error().text(),
             std::string("the reallocation at step 10: tells of 4 modules, not of 5"));
}

void TestAllocationHistory::theChurnChartIsInPercent() {
    const ChartData chart = churnChart(smallHistory());
    const Lines& line = std::get<Lines>(chart.layers.at(0));
    QCOMPARE(line.x, (std::vector<double>{0, 10, 20}));
    QCOMPARE(line.y, (std::vector<double>{0, 50, 100}));
    QVERIFY(churnChart({}).layers.empty());
}

QTEST_GUILESS_MAIN(TestAllocationHistory)
#include "tst_allocation_history.moc"
