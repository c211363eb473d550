#pragma once

#include "core/session/earlier_trials.h"
#include "core/session/study_history.h"
#include "core/session/study_mailbox.h"
#include "core/session/study_session.h"
#include "core/session/study_surroundings.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// What a study session is made of: for its own sources alone.
namespace lathe {

/// What the pool found out before the controller starts.
struct StudySession::Prepared {
    std::vector<Problem> problems;
    std::string error;
    StudyId id;
    std::unique_ptr<Sampler> sampler;
    std::unique_ptr<Pruner> pruner;
    std::string samplerState;
    TrialCurves curves;

    [[nodiscard]] bool isReady() const { return problems.empty() && error.empty(); }
    static Prepared make(const StudySurroundings& surroundings, const StudySpec& spec, StudyId id);
    Status open(const StudySurroundings& surroundings, const StudySpec& spec);
};

struct StudySession::Loaded {
    StudyRecord record;
    StudyHistory history;

    static Result<Loaded> read(const std::filesystem::path& database, StudyId id);
};

struct StudySession::Content {
    StudySurroundings surroundings;
    StudySpec spec;
    StudyId id;
    Phase phase;
    StudyHistory history;
    StudyMailbox mailbox;
    std::vector<TrialId> ended; ///< whose results came since the last tick
    std::optional<StudyOutcome> outcome;
    bool isSettled = false; ///< every event before the outcome has been taken
    bool isStopWanted = false;
    std::unique_ptr<StudyRunner> runner; // last: its controller uses what is above
};

} // namespace lathe
