#include "app/shared_cores.h"

#include "core/base/contract.h"
#include "core/base/cores.h"

#include <algorithm>

namespace lathe {

namespace {

constexpr const char* kThreads = "threads";

class CoreSharer final : public TrialTask {
public:
    CoreSharer(std::unique_ptr<TrialTask> task, std::int64_t threads)
        : m_task(std::move(task)), m_threads(threads) {}

    Result<TrialResult> run(const ParamValues& values, TrialContext& context) override {
        const ParamValue* chosen = values.find(kThreads);
        if (chosen == nullptr || *chosen != ParamValue(std::int64_t{0}))
            return m_task->run(values, context);
        ParamValues shared = values;
        shared.set(kThreads, m_threads);
        return m_task->run(shared, context);
    }

private:
    std::unique_ptr<TrialTask> m_task;
    std::int64_t m_threads;
};

} // namespace

TaskFactory sharingCores(TaskFactory make, std::size_t slots) {
    LATHE_EXPECT(slots >= 1);
    if (slots == 1)
        return make;
    const auto threads = std::max<std::int64_t>(1, availableCores() / static_cast<std::int64_t>(slots));
    return [make = std::move(make), threads] { return std::make_unique<CoreSharer>(make(), threads); };
}

} // namespace lathe
