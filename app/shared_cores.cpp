#include "app/shared_cores.h"

#include "core/base/contract.h"
#include "core/base/cores.h"

#include <algorithm>

namespace lathe {

namespace {

constexpr const char* kThreads = "threads";

class CoreSharer final : public TrialTask {
public:
    CoreSharer(std::unique_ptr<TrialTask> task, std::int64_t slots)
        : m_task(std::move(task)),
          m_slots(slots),
          m_threads(std::max<std::int64_t>(1, availableCores() / slots)) {}

    Result<TrialResult> run(const ParamValues& values, TrialContext& context) override {
        const ParamValue* chosen = values.find(kThreads);
        if (chosen == nullptr || *chosen != ParamValue(std::int64_t{0})) {
            context.slotsToFill = {}; // so many threads and no more
            return m_task->run(values, context);
        }
        ParamValues shared = values;
        shared.set(kThreads, m_threads);
        if (context.slotsToFill)
            context.slotsToFill = [this, fill = std::move(context.slotsToFill)] { return ownParts(fill()); };
        return m_task->run(shared, context);
    }

private:
    /// Of so many slots, in multiples of what this one has: where there are more slots than cores, an empty
    /// one has no core to give.
    [[nodiscard]] std::size_t ownParts(std::size_t slots) const {
        const std::int64_t cores = static_cast<std::int64_t>(slots) * availableCores();
        return static_cast<std::size_t>(std::max<std::int64_t>(1, cores / (m_slots * m_threads)));
    }

    std::unique_ptr<TrialTask> m_task;
    std::int64_t m_slots;
    std::int64_t m_threads;
};

} // namespace

TaskFactory sharingCores(TaskFactory make, std::size_t slots) {
    LATHE_EXPECT(slots >= 1);
    if (slots == 1)
        return make;
    return [make = std::move(make), slots] {
        return std::make_unique<CoreSharer>(make(), static_cast<std::int64_t>(slots));
    };
}

} // namespace lathe
