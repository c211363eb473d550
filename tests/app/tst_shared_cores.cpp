#include "app/shared_cores.h"
#include "core/base/cores.h"

#include <QTest>

using namespace lathe;

namespace {

/// Answers the threads of the recipe it was given.
class ThreadsTask final : public TrialTask {
public:
    Result<TrialResult> run(const ParamValues& values, TrialContext&) override {
        TrialResult result;
        result.steps = values.integer("threads");
        return result;
    }
};

std::int64_t threadsOf(std::size_t slots, std::int64_t wanted) {
    const TaskFactory factory = sharingCores([] { return std::make_unique<ThreadsTask>(); }, slots);
    ParamValues recipe;
    recipe.set("threads", wanted);
    TrialContext context;
    return factory()->run(recipe, context).value().steps;
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
    void threadsThatWereChosenStay() { QCOMPARE(threadsOf(2, 7), 7); }
};

QTEST_GUILESS_MAIN(TestSharedCores)
#include "tst_shared_cores.moc"
