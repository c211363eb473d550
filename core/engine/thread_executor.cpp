#include "core/engine/thread_executor.h"

#include "core/engine/run_trial.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

namespace lathe {

namespace {

using Done = std::function<void(Result<TrialResult>)>;

struct Job {
    TrialOrder order;
    Done done;
};

} // namespace

struct ThreadExecutor::Content {
    TrialHost host;
    std::mutex mutex; // guards queue and controls
    std::condition_variable_any arrived;
    std::deque<Job> queue;
    std::map<TrialId, TrialControl> controls; // of queued and running trials
    std::vector<std::jthread> threads;

    Content(TaskFactory factory, EventHub& hub) : host{std::move(factory), hub} {}

    std::optional<TrialControl> find(TrialId id) {
        const std::lock_guard lock(mutex);
        const auto it = controls.find(id);
        return it == controls.end() ? std::nullopt : std::optional(it->second);
    }

    /// The trial if it still waits for a slot; it is then out of the queue.
    std::optional<Job> takeQueued(TrialId id) {
        const std::lock_guard lock(mutex);
        const auto it = std::ranges::find(queue, id, [](const Job& job) { return job.order.id; });
        if (it == queue.end())
            return std::nullopt;
        Job job = std::move(*it);
        queue.erase(it);
        controls.erase(id);
        return job;
    }

    std::optional<Job> waitForJob(const std::stop_token& stop) {
        std::unique_lock lock(mutex);
        if (!arrived.wait(lock, stop, [this] { return !queue.empty(); }) || stop.stop_requested())
            return std::nullopt;
        Job job = std::move(queue.front());
        queue.pop_front();
        return job;
    }

    void serve(const std::stop_token& stop) {
        while (auto job = waitForJob(stop)) {
            const auto control = find(job->order.id);
            LATHE_EXPECT(control.has_value());
            Result<TrialResult> result = runTrial(host, job->order, *control);
            {
                const std::lock_guard lock(mutex);
                controls.erase(job->order.id);
            }
            job->done(std::move(result));
        }
    }

    std::vector<TrialId> known() {
        const std::lock_guard lock(mutex);
        std::vector<TrialId> ids;
        for (const auto& [id, control] : controls)
            ids.push_back(id);
        return ids;
    }
};

ThreadExecutor::ThreadExecutor(std::size_t slots, TaskFactory factory, EventHub& hub)
    : m_content(std::make_unique<Content>(std::move(factory), hub)) {
    LATHE_EXPECT(slots > 0);
    for (std::size_t i = 0; i < slots; ++i)
        m_content->threads.emplace_back(
            [content = m_content.get()](const std::stop_token& stop) { content->serve(stop); });
}

ThreadExecutor::~ThreadExecutor() {
    for (auto& thread : m_content->threads)
        thread.request_stop();
    for (const TrialId id : m_content->known())
        cancel(id);
    m_content->threads.clear();
}

std::size_t ThreadExecutor::slots() const { return m_content->threads.size(); }

std::size_t ThreadExecutor::slotsEach() const {
    const std::lock_guard lock(m_content->mutex);
    return std::max<std::size_t>(1, slots() / std::max<std::size_t>(1, m_content->controls.size()));
}

void ThreadExecutor::submit(TrialOrder order, Done done) {
    {
        const std::lock_guard lock(m_content->mutex);
        const bool isNew = m_content->controls.emplace(order.id, TrialControl{}).second;
        LATHE_EXPECT(isNew);
        m_content->queue.push_back({std::move(order), std::move(done)});
    }
    m_content->arrived.notify_one();
}

void ThreadExecutor::cancel(TrialId id) {
    if (auto queued = m_content->takeQueued(id)) {
        queued->done(Error{Error::Kind::Cancelled, {}, "Stopped before it began"});
        return;
    }
    if (auto control = m_content->find(id))
        control->stop.request_stop();
}

void ThreadExecutor::setPaused(TrialId id, bool shouldPause) {
    if (const auto control = m_content->find(id))
        shouldPause ? control->pause->pause() : control->pause->resume();
}

} // namespace lathe
