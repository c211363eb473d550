#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>

namespace lathe {

/// The shared switch behind PauseToken. Any thread may flip it.
class PauseSwitch {
public:
    void pause();
    void resume();
    [[nodiscard]] bool isPaused() const;
    /// Blocks while paused; returns at once when `stop` is asked for.
    void waitWhilePaused(const std::stop_token& stop);

private:
    mutable std::mutex m_mutex; // guards m_isPaused
    std::condition_variable_any m_changed;
    bool m_isPaused = false;
};

/// A trial's view of a pause switch; a default-made token is never paused.
class PauseToken {
public:
    PauseToken() = default;
    explicit PauseToken(std::shared_ptr<PauseSwitch> pauseSwitch) : m_switch(std::move(pauseSwitch)) {}

    [[nodiscard]] bool isPaused() const { return m_switch && m_switch->isPaused(); }
    void waitWhilePaused(const std::stop_token& stop) const {
        if (m_switch)
            m_switch->waitWhilePaused(stop);
    }

private:
    std::shared_ptr<PauseSwitch> m_switch; // shared: the runner flips it while the trial holds it
};

} // namespace lathe
