#pragma once

#include "app/builtin_parts.h"
#include "app/cli/terminal.h"
#include "core/engine/study_runner.h"
#include "core/store/store_thread.h"
#include "core/store/study_reader.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
} // namespace CLI

namespace lathe {

/// What somebody changes by hand in a study that begins or goes on.
struct StudyChanges {
    std::int64_t extend = 0;          ///< so many more trials
    std::vector<std::string> enqueue; ///< "KEY=VALUE,…", once for each trial
    std::vector<std::string> clones;  ///< "TRIAL,KEY=VALUE,…", once for each trial
    std::vector<std::int64_t> first;  ///< trials that begin before the other queued ones
    std::optional<std::int64_t> maxSteps;
    std::optional<double> maxSeconds;
    std::int64_t finalists = 0; ///< to be repeated at the end
    std::vector<std::uint64_t> seeds{1, 2, 3, 4, 5};
    /// The study with another space, if that is wanted. nextTrial: the number of its next one.
    std::function<Result<StudySpec>(const StudySpec& spec, std::int64_t nextTrial)> reshape = {};

    [[nodiscard]] bool isAny() const;
};

void addStudyChanges(CLI::App& command, StudyChanges& changes);

/// The study with its changed space; the same if none is wanted. Says how many of its trials stay history,
/// and why others do not.
[[nodiscard]] Result<StudySpec> reshaped(const StudyChanges& changes, const StudyRecord& study,
                                         std::span<const TrialRecord> trials, const Terminal& terminal);

/// The trials that are added, in the order of the queue. `trials`: those of the study. Input error naming the
/// option and what is wrong with it.
[[nodiscard]] Result<std::vector<TrialWish>> wishesOf(const StudyChanges& changes, const StudySpec& spec,
                                                      std::span<const TrialRecord> trials,
                                                      const BuiltinParts& parts);

/// Writes all of them but the finalists, and the study's space as it is in `study`; nobody runs the study.
/// Input error if the budget is none.
[[nodiscard]] Status applyChanges(const StudyChanges& changes, const StudyRecord& study,
                                  std::span<const TrialWish> wishes, StoreThread& store);

} // namespace lathe
