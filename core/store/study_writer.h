#pragma once

#include "core/base/event.h"
#include "core/base/result.h"
#include "core/params/study_spec.h"
#include "core/store/evaluation_writer.h"

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lathe {

/// A file a trial left. `path` is relative to the folder it was listed from.
struct Artifact {
    std::string path;
    std::int64_t bytes = 0;
    std::string sha256;
    bool operator==(const Artifact&) const = default;
};

/// The files below the folder, by path. Hashes them whole (SHA-256): call it on a worker, not on the store's
/// thread. Io error if one cannot be read.
[[nodiscard]] Result<std::vector<Artifact>> listArtifacts(const std::filesystem::path& folder);

/// A trial as it is first written.
struct NewTrial {
    StudyId study;
    std::int64_t number = 0;
    ParamValues values;
    std::uint64_t seed = 0;
    TrialId origin = {}; ///< the trial it repeats or was changed from, if there is one
};

/// The one writing connection. Belongs to the thread that made it. Opening creates or migrates the database
/// (WAL, foreign keys); Database error: in use by another writer (named), not a database of ours, damaged,
/// not writable, or from a later version (names both). A file that is refused is not touched.
///
/// What a crash costs: a commit is handed to the system before it is answered, so kill -9 loses nothing that
/// was committed. It is not forced to the disk (PRAGMA synchronous = NORMAL: a sync each 20 ms would stall
/// training), so a power cut may lose the commits since the last checkpoint of the log, but never leaves a
/// damaged file.
class StudyWriter {
public:
    [[nodiscard]] static Result<StudyWriter> open(const std::filesystem::path& database);

    StudyWriter(StudyWriter&&) noexcept;
    StudyWriter& operator=(StudyWriter&&) noexcept;
    ~StudyWriter();

    [[nodiscard]] Result<StudyId> createStudy(const StudySpec& spec);
    [[nodiscard]] Result<TrialId> createTrial(const NewTrial& trial);
    /// The number of the trial that the study gets next, from 0.
    [[nodiscard]] Result<std::int64_t> nextNumber(StudyId study);
    /// A study with all its trials, queued, that repeats those of `confirmed`, if that is valid;
    /// `trials[i].study` is not looked at. All of it or nothing is written.
    [[nodiscard]] Result<StudyId> createConfirmation(const StudySpec& spec, StudyId confirmed,
                                                     std::span<const NewTrial> trials);
    /// What the study may cost from now on. Input error if there is no such study.
    [[nodiscard]] Status setBudget(StudyId study, const StudyBudget& budget);
    /// What the study searches from now on, and by what rules; the sampler's state is forgotten with it.
    /// Input error if there is no such study.
    [[nodiscard]] Status changeSpace(StudyId study, const StudySpec& changed);
    /// The order in which trials that are still to run begin: these first, then the others by number.
    [[nodiscard]] Status setQueue(StudyId study, std::span<const TrialId> order);
    /// One transaction, all or nothing. A metric point that is there already (same trial, name, step: after a
    /// resume) is replaced; not-a-number and infinities are kept. TrialProgress is not stored. Events of a
    /// trial that has no row are left out, and a warning in the study's log says so.
    [[nodiscard]] Status append(std::span<const Event> events);
    /// Replaces what it was created with: the trial begins anew with these values.
    [[nodiscard]] Status setRecipe(TrialId trial, const ParamValues& values);
    [[nodiscard]] Status protectTrial(TrialId trial); ///< no pruner may end it, in later sittings too
    [[nodiscard]] Status unprotectTrial(TrialId trial);
    /// The result's folder, steps and seconds. The summaries of the metrics are kept by append().
    [[nodiscard]] Status finishTrial(TrialId trial, std::int64_t steps, double seconds,
                                     const std::filesystem::path& adapterFolder);
    /// Replaces what was listed before.
    [[nodiscard]] Status setArtifacts(TrialId trial, std::span<const Artifact> artifacts);
    /// The sampler's state, so that a resumed study goes on as if it had not stopped.
    [[nodiscard]] Status saveSamplerState(StudyId study, std::string_view state);
    /// A trial resumes from a checkpoint at `step`: later points of it are removed.
    [[nodiscard]] Status rewindTrial(TrialId trial, std::int64_t step);
    /// Trials left queued or active, and evaluations left running, by a process that is gone become
    /// Interrupted. Called once after opening. Contract of the caller: none of this process's runs yet.
    [[nodiscard]] Status markInterrupted();
    [[nodiscard]] Status rename(StudyId study, const std::string& name);
    [[nodiscard]] Status remove(StudyId study);  ///< marks it as deleted; nothing is erased
    [[nodiscard]] Status restore(StudyId study); ///< takes remove() back
    [[nodiscard]] EvaluationWriter evaluations();

private:
    struct Content;
    explicit StudyWriter(std::unique_ptr<Content> content);
    std::unique_ptr<Content> m_content;
};

} // namespace lathe
