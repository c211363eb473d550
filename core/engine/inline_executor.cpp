#include "core/engine/run_trial.h"

#include <map>
#include <mutex>

namespace lathe {

struct InlineExecutor::Content {
    TrialHost host;
    std::mutex mutex; // guards running
    std::map<TrialId, TrialControl> running;

    std::optional<TrialControl> find(TrialId id) {
        const std::lock_guard lock(mutex);
        const auto it = running.find(id);
        return it == running.end() ? std::nullopt : std::optional(it->second);
    }
};

InlineExecutor::InlineExecutor(TaskFactory factory, EventHub& hub)
    : m_content(new Content{{std::move(factory), hub}, {}, {}}) {}

InlineExecutor::~InlineExecutor() = default;

void InlineExecutor::submit(TrialOrder order, std::function<void(Result<TrialResult>)> done) {
    const TrialControl control;
    {
        const std::lock_guard lock(m_content->mutex);
        const bool isNew = m_content->running.emplace(order.id, control).second;
        LATHE_EXPECT(isNew);
    }
    Result<TrialResult> result = runTrial(m_content->host, order, control);
    {
        const std::lock_guard lock(m_content->mutex);
        m_content->running.erase(order.id);
    }
    done(std::move(result));
}

void InlineExecutor::cancel(TrialId id) {
    if (auto control = m_content->find(id))
        control->stop.request_stop();
}

void InlineExecutor::setPaused(TrialId id, bool shouldPause) {
    if (const auto control = m_content->find(id))
        shouldPause ? control->pause->pause() : control->pause->resume();
}

} // namespace lathe
