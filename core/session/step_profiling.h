#pragma once

#include "core/base/result.h"
#include "core/base/work_time.h"
#include "core/params/param_value.h"

#include <QObject>
#include <QString>
#include <QThreadPool>

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

namespace lathe {

/// A recipe whose steps are to be measured.
struct ProfileOrder {
    ParamValues recipe;
    std::int64_t steps = 20;
};

/// What the composition root plugs in; called on a pool thread.
struct ProfileParts {
    using Progress = std::function<void(const std::string& phase, std::int64_t done, std::int64_t total)>;
    /// Empty: nothing can be measured.
    std::function<Result<StepProfile>(const ProfileOrder&, std::stop_token, const Progress&)> profile;
};

/// Measures where the time of training steps goes, in the background.
class StepProfiling : public QObject {
    Q_OBJECT
public:
    explicit StepProfiling(ProfileParts parts, QObject* parent = nullptr);
    ~StepProfiling() override; ///< stops what runs and waits for it: a step at most

    [[nodiscard]] bool isBusy() const { return m_isBusy; }
    /// finished() or failed() follows. Contract: not busy.
    void start(const ProfileOrder& order);
    void stop();

Q_SIGNALS:
    void progressed(const QString& phase, qint64 done, qint64 total);
    void finished(const lathe::StepProfile& profile);
    void failed(const QString& message); ///< empty: it was stopped

private:
    ProfileParts m_parts;
    std::stop_source m_stop;
    bool m_isBusy = false;
    QThreadPool m_pool; // last: its jobs use what is above
};

} // namespace lathe
