#pragma once

#include "core/base/inbox.h"
#include "core/search/sampler.h"
#include "core/trial/executor.h"

#include <functional>
#include <memory>
#include <vector>

namespace lathe {

/// A trial that was there before: finished ones are history, the others run again first (interrupted ones
/// from their checkpoint).
struct EarlierTrial {
    TrialId id;
    std::int64_t number = 0;
    ParamValues values; ///< the whole recipe
    std::uint64_t seed = 0;
    TrialState state = TrialState::Queued;
    std::optional<double> objective;
};

/// What the runner needs of its surroundings. All of it must outlive the runner. The functions are called
/// from the controller thread.
struct StudyServices {
    EventHub& hub;
    Executor& executor;
    /// Writes the trial's row and answers its id; it must be on disk before the trial starts.
    std::function<Result<TrialId>(std::int64_t number, const ParamValues& values, std::uint64_t seed)>
        createTrial;
    std::function<Status(TrialId trial, const TrialResult& result)> finishTrial;
    std::function<std::filesystem::path(TrialId trial)> folderOf;
    std::function<Status(std::string_view samplerState)> saveSamplerState;
};

/// How a study ended.
struct StudyOutcome {
    std::size_t complete = 0;
    std::size_t pruned = 0;
    std::size_t failed = 0;
    std::size_t cancelled = 0;
    std::optional<TrialId> best;
    std::string problem; ///< why it could not go on, if it could not
};

/// Runs one study on its own controller thread: ask, submit, collect, until trialCount trials are finished or
/// stop() is called. A failed trial does not end the study. Knows no tensors, no rows, no Qt.
/// start/stop/pause/resume may be called from any thread and do not block; the destructor stops and joins.
class StudyRunner {
public:
    StudyRunner(StudyId id, StudySpec spec, std::unique_ptr<Sampler> sampler, StudyServices services,
                std::vector<EarlierTrial> earlier, std::string samplerState);
    ~StudyRunner();

    void start(std::function<void(const StudyOutcome&)> done);
    void stop();
    void pause();
    void resume();
    [[nodiscard]] bool isRunning() const;
    /// Blocks until the study is over.
    void wait();

private:
    struct Content;
    std::unique_ptr<Content> m_content;
};

/// The whole recipe of a trial: the study's fixed values with the searched ones over them.
[[nodiscard]] ParamValues mergedValues(const StudySpec& spec, const ParamValues& searched);

} // namespace lathe
