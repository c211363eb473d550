#include "core/engine/study_runner.h"

#include "core/engine/study_controller.h"

namespace lathe {

void StudyRunner::Content::setStudyPaused(bool shouldPause) {
    {
        const std::lock_guard lock(shared->mutex);
        shared->isPaused = shouldPause;
        for (auto& [trial, isTrialPaused] : shared->active)
            isTrialPaused = shouldPause;
    }
    shared->changed.notify_all();
    for (const TrialId trial : shared->activeIds())
        applyPause(trial);
}

void StudyRunner::Content::setTrialPaused(TrialId trial, bool shouldPause) {
    {
        const std::lock_guard lock(shared->mutex);
        if (const auto it = shared->active.find(trial); it != shared->active.end())
            it->second = shouldPause;
    }
    applyPause(trial);
}

/// Tells the executor the wish of now. Another thread may change the wish meanwhile, and the later call must
/// not carry the earlier wish: so it asks again afterwards.
void StudyRunner::Content::applyPause(TrialId trial) {
    for (auto wish = shared->pauseWish(trial); wish.has_value();) {
        services.executor.setPaused(trial, *wish);
        const auto now = shared->pauseWish(trial);
        if (now == wish)
            return;
        wish = now;
    }
}

StudyRunner::StudyRunner(StudyId id, StudySpec spec, std::unique_ptr<Sampler> sampler,
                         std::unique_ptr<Pruner> pruner, StudyServices services,
                         std::vector<EarlierTrial> earlier, std::string samplerState)
    : m_content(std::make_unique<Content>(id, std::move(spec), std::move(sampler), std::move(pruner),
                                          std::move(services), std::move(earlier), std::move(samplerState))) {
    LATHE_EXPECT(m_content->sampler != nullptr);
}

StudyRunner::~StudyRunner() { stop(); }

void StudyRunner::start(std::function<void(const StudyOutcome&)> done) {
    LATHE_EXPECT(!m_content->controller.joinable());
    {
        const std::lock_guard lock(m_content->shared->mutex);
        m_content->shared->isRunning = true;
    }
    m_content->controller =
        std::jthread([content = m_content.get(), done = std::move(done)] { content->control(done); });
}

void StudyRunner::stop() {
    m_content->stopping.request_stop();
    for (const TrialId trial : m_content->shared->activeIds())
        m_content->services.executor.cancel(trial);
}

void StudyRunner::pause() { m_content->setStudyPaused(true); }

void StudyRunner::resume() { m_content->setStudyPaused(false); }

void StudyRunner::stopTrial(TrialId trial) {
    if (m_content->shared->pauseWish(trial).has_value())
        m_content->services.executor.cancel(trial);
}

void StudyRunner::pauseTrial(TrialId trial) { m_content->setTrialPaused(trial, true); }

void StudyRunner::resumeTrial(TrialId trial) { m_content->setTrialPaused(trial, false); }

void StudyRunner::pruneTrial(TrialId trial) {
    if (m_content->shared->pauseWish(trial).has_value())
        m_content->desk.pruneByHand(trial);
}

void StudyRunner::protectTrial(TrialId trial) { m_content->desk.protect(trial); }

void StudyRunner::unprotectTrial(TrialId trial) { m_content->desk.unprotect(trial); }

StudyId StudyRunner::id() const { return m_content->id; }

bool StudyRunner::isRunning() const {
    const std::lock_guard lock(m_content->shared->mutex);
    return m_content->shared->isRunning;
}

void StudyRunner::wait() {
    if (!m_content->controller.joinable())
        return;
    std::unique_lock lock(m_content->shared->mutex);
    m_content->shared->changed.wait(lock, [this] { return m_content->shared->isOver; });
}

} // namespace lathe
