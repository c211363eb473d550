#include "core/session/step_profiling.h"

#include "core/base/contract.h"
#include "core/session/background_job.h"
#include "core/session/text.h"

namespace lathe {

StepProfiling::StepProfiling(ProfileParts parts, QObject* parent)
    : QObject(parent), m_parts(std::move(parts)) {
    m_pool.setMaxThreadCount(1);
}

StepProfiling::~StepProfiling() {
    m_stop.request_stop();
    m_pool.waitForDone();
}

void StepProfiling::start(const ProfileOrder& order) {
    LATHE_EXPECT(!m_isBusy && m_parts.profile != nullptr);
    m_isBusy = true;
    m_stop = std::stop_source();
    const auto tell = [this](const std::string& phase, std::int64_t done, std::int64_t total) {
        QMetaObject::invokeMethod(
            this, [this, phase = toQString(phase), done, total] { Q_EMIT progressed(phase, done, total); },
            Qt::QueuedConnection);
    };
    runInBackground(
        m_pool, *this,
        [this, order, tell, stop = m_stop.get_token()] { return m_parts.profile(order, stop, tell); },
        [this](const Result<StepProfile>& profile) {
            m_isBusy = false;
            if (profile.has_value())
                Q_EMIT finished(*profile);
            else
                Q_EMIT failed(profile.error().kind == Error::Kind::Cancelled
                                  ? QString()
                                  : toQString(profile.error().text()));
        });
}

void StepProfiling::stop() { m_stop.request_stop(); }

} // namespace lathe
