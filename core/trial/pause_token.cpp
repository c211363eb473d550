#include "core/trial/pause_token.h"

namespace lathe {

void PauseSwitch::pause() {
    const std::lock_guard lock(m_mutex);
    m_isPaused = true;
}

void PauseSwitch::resume() {
    {
        const std::lock_guard lock(m_mutex);
        m_isPaused = false;
    }
    m_changed.notify_all();
}

bool PauseSwitch::isPaused() const {
    const std::lock_guard lock(m_mutex);
    return m_isPaused;
}

void PauseSwitch::waitWhilePaused(const std::stop_token& stop) {
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, stop, [this] { return !m_isPaused; });
}

} // namespace lathe
