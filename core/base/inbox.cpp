#include "core/base/inbox.h"

#include <algorithm>

namespace lathe {

void Inbox::post(Event event) {
    {
        const std::lock_guard lock(m_mutex);
        m_events.push_back(std::move(event));
    }
    m_arrived.notify_one();
}

std::vector<Event> Inbox::drain() {
    std::vector<Event> events;
    const std::lock_guard lock(m_mutex);
    events.swap(m_events);
    return events;
}

bool Inbox::waitFor(std::chrono::milliseconds limit) {
    std::unique_lock lock(m_mutex);
    return m_arrived.wait_for(lock, limit, [this] { return !m_events.empty(); });
}

std::shared_ptr<Inbox> EventHub::open() {
    auto inbox = std::make_shared<Inbox>();
    const std::lock_guard lock(m_mutex);
    m_inboxes.push_back(inbox);
    return inbox;
}

void EventHub::publish(const Event& event) {
    std::vector<std::shared_ptr<Inbox>> listeners;
    {
        const std::lock_guard lock(m_mutex);
        std::erase_if(m_inboxes, [](const auto& inbox) { return inbox.expired(); });
        for (const auto& inbox : m_inboxes)
            if (auto alive = inbox.lock())
                listeners.push_back(std::move(alive));
    }
    for (const auto& inbox : listeners)
        inbox->post(event);
}

} // namespace lathe
