#pragma once

#include "core/engine/study_runner.h"
#include "core/store/study_reader.h"

#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace lathe {

/// What the controller tells the GUI thread beside the events: rows it made, results it wrote, and the end.
/// A trial is posted before its first event is published, the end after the last.
class StudyMailbox {
public:
    struct TrialEnd {
        TrialId trial;
        TrialResult result;
    };
    /// The trial begins anew with these values.
    struct TrialRestart {
        TrialId trial;
        ParamValues values;
    };
    struct News {
        std::vector<TrialRecord> created;
        std::vector<TrialRestart> restarted;
        std::vector<TrialEnd> ended;
        std::optional<std::vector<TrialId>> queue; ///< the trials that wait, in their new order
        std::optional<StudyOutcome> outcome;
    };

    void post(TrialRecord created) {
        const std::lock_guard lock(m_mutex);
        m_news.created.push_back(std::move(created));
    }
    void post(TrialRestart restarted) {
        const std::lock_guard lock(m_mutex);
        m_news.restarted.push_back(std::move(restarted));
    }
    void post(TrialEnd ended) {
        const std::lock_guard lock(m_mutex);
        m_news.ended.push_back(std::move(ended));
    }
    void postQueue(std::vector<TrialId> order) {
        const std::lock_guard lock(m_mutex);
        m_news.queue = std::move(order);
    }
    void post(const StudyOutcome& outcome) {
        const std::lock_guard lock(m_mutex);
        m_news.outcome = outcome;
    }
    [[nodiscard]] News take() {
        const std::lock_guard lock(m_mutex);
        return std::exchange(m_news, {});
    }

private:
    std::mutex m_mutex; // guards m_news
    News m_news;
};

} // namespace lathe
