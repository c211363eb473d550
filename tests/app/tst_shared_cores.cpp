#include "app/shared_cores.h"
#include "core/base/cores.h"

#include <QTest>

using namespace lathe;

namespace {

/// Answers the threads of the recipe it was given, and the metric "slots": how many it may fill.
class ThreadsTask final : public TrialTask {
public:
    Result<TrialResult> run(const ParamValues& values, TrialContext& context) override {
        TrialResult result;
        result.steps = values.integer("threads");
        result.metrics["slots"] = context.slotsToFill ? static_cast<double>(context.slotsToFill()) : 1;
        return result;
    }
};

/// `mayFill`: slots, by the study.
TrialResult resultOf(std::size_t slots, std::int64_t wanted, std::size_t mayFill) {
    const TaskFactory factory = sharingCores([] { return std::make_unique<ThreadsTask>(); }, slots);
    ParamValues recipe;
    recipe.set("threads", wanted);
    TrialContext context;
    context.slotsToFill = [mayFill] { return mayFill; };
    return factory()->run(recipe, context).value();
}

std::int64_t threadsOf(std::size_t slots, std::int64_t wanted) { return resultOf(slots, wanted, 1).steps; }

/// In multiples of the task's own threads.
std::int64_t filledBy(std::size_t slots, std::int64_t wanted, std::size_t mayFill) {
    return static_cast<std::int64_t>(resultOf(slots, wanted, mayFill).metrics.at("slots"));
}

} // namespace

class TestSharedCores : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void oneSlotLeavesTheRecipeAlone() { QCOMPARE(threadsOf(1, 0), 0); }
    void slotsShareTheCores() {
        QCOMPARE(threadsOf(2, 0), std::max<std::int64_t>(1, availableCores() / 2));
        QCOMPARE(threadsOf(100'000, 0), 1);
    }
    void threadsThatWereChosenStay() {
        QCOMPARE(threadsOf(2, 7), 7);
        QCOMPARE(filledBy(2, 7, 2), 1);
    }
    void emptySlotsGiveTheirCores() {
        QCOMPARE(filledBy(2, 0, 1), 1);
        QCOMPARE(filledBy(2, 0, 2), availableCores() / threadsOf(2, 0));
    }
    void moreSlotsThanCoresGiveNoMoreThreadsThanCores() {
        const auto slots = static_cast<std::size_t>(2 * availableCores());
        QCOMPARE(filledBy(slots, 0, 2), 1);
        QCOMPARE(filledBy(slots, 0, slots), availableCores());
    }
};

QTEST_GUILESS_MAIN(TestSharedCores)
#include "tst_shared_cores.moc"
