#pragma once

#include "core/base/text.h"
#include "core/train/make_task.h"

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <variant>
#include <vector>

namespace lathe::test {

/// Runs training tasks on the calling thread and keeps what they report as the store would: a rewind makes
/// later points void, a point of the same name and step replaces the earlier one.
class RunRecorder {
public:
    using Series = std::map<std::int64_t, double>;

    explicit RunRecorder(std::filesystem::path folder) : m_folder(std::move(folder)) {
        std::filesystem::create_directories(m_folder);
    }

    Result<TrialResult> run(const ParamValues& recipe, bool shouldResume = false) {
        TrialContext context;
        context.id = TrialId{1};
        context.seed = seed;
        context.folder = m_folder;
        context.shouldResume = shouldResume;
        context.isRepeatable = isRepeatable;
        context.stop = stop.get_token();
        context.pause = PauseToken(pause);
        context.slotsToFill = slotsToFill;
        context.report = [this](std::string_view metric, std::int64_t step, double value, double seconds) {
            keep(MetricPoint{TrialId{1}, std::string(metric), step, value, seconds});
            return onPoint ? onPoint(metric, step) : Verdict::Continue;
        };
        context.publish = [this](Event event) {
            keep(event);
            if (onEvent)
                onEvent(event);
        };
        return makeTrainingTask({}, desk)->run(recipe, context);
    }

    [[nodiscard]] Series series(const std::string& metric) const {
        const std::lock_guard lock(m_mutex);
        const auto found = m_points.find(metric);
        return found == m_points.end() ? Series() : found->second;
    }
    [[nodiscard]] std::vector<std::string> log() const {
        const std::lock_guard lock(m_mutex);
        return m_log;
    }
    /// Blocks until the run has gone into the state; false after `limit`.
    [[nodiscard]] bool waitFor(TrialState state, std::chrono::seconds limit) {
        std::unique_lock lock(m_mutex);
        return m_changed.wait_for(lock, limit, [&] { return m_states.contains(state); });
    }
    void forgetPoints() {
        const std::lock_guard lock(m_mutex);
        m_points.clear();
    }

    std::uint64_t seed = 42;
    bool isRepeatable = false;
    std::function<std::size_t()> slotsToFill;
    std::shared_ptr<PackDesk> desk; // shared: with the runs beside this one
    std::stop_source stop;
    std::shared_ptr<PauseSwitch> pause = std::make_shared<PauseSwitch>(); // shared: the run's token holds it
    std::function<Verdict(std::string_view metric, std::int64_t step)> onPoint;
    std::function<void(const Event&)> onEvent;

private:
    void keep(const Event& event) {
        const std::lock_guard lock(m_mutex);
        if (const auto* point = std::get_if<MetricPoint>(&event))
            m_points[point->name][point->step] = point->value;
        else if (const auto* rewind = std::get_if<TrialRewind>(&event))
            for (auto& [name, points] : m_points)
                points.erase(points.upper_bound(rewind->step), points.end());
        else if (const auto* line = std::get_if<LogLine>(&event))
            m_log.push_back(line->text);
        else if (const auto* change = std::get_if<TrialChange>(&event))
            m_states.insert(change->state);
        m_changed.notify_all();
    }

    std::filesystem::path m_folder;
    mutable std::mutex m_mutex; // guards the members below
    std::condition_variable m_changed;
    std::map<std::string, Series> m_points;
    std::vector<std::string> m_log;
    std::set<TrialState> m_states;
};

/// Where two series differ, or nothing; numbers must be the same bit for bit.
inline std::string difference(const RunRecorder::Series& actual, const RunRecorder::Series& expected) {
    for (const auto& [step, value] : expected) {
        const auto found = actual.find(step);
        if (found == actual.end())
            return "step " + std::to_string(step) + " is missing";
        if (found->second != value)
            return "step " + std::to_string(step) + ": " + csvNumber(found->second) + ", expected " +
                   csvNumber(value);
    }
    return actual.size() == expected.size() ? "" : "there are steps too many";
}

} // namespace lathe::test
