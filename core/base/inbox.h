#pragma once

#include "core/base/event.h"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

namespace lathe {

/// The only crossing point between threads: any thread posts, the owner drains.
class Inbox {
public:
    void post(Event event);
    /// All events since the last call, in the order they were posted. Does not block.
    [[nodiscard]] std::vector<Event> drain();
    /// Blocks until an event is there or `limit` has passed. True if there is one.
    bool waitFor(std::chrono::milliseconds limit);

private:
    std::mutex m_mutex; // guards m_events
    std::condition_variable m_arrived;
    std::vector<Event> m_events;
};

/// Sends every event to every open inbox. Keeps no listener alive: an inbox dies with its owner.
class EventHub {
public:
    [[nodiscard]] std::shared_ptr<Inbox> open();
    void publish(const Event& event);

private:
    std::mutex m_mutex; // guards m_inboxes
    std::vector<std::weak_ptr<Inbox>> m_inboxes;
};

} // namespace lathe
