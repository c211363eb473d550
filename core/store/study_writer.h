#pragma once

#include "core/base/event.h"
#include "core/base/result.h"
#include "core/params/study_spec.h"

#include <filesystem>
#include <memory>
#include <span>

namespace lathe {

/// A trial as it is first written.
struct NewTrial {
    StudyId study;
    std::int64_t number = 0;
    ParamValues values;
    std::uint64_t seed = 0;
};

/// The one writing connection. Belongs to the thread that made it. Opening creates or migrates the database
/// (WAL, foreign keys); Database error: locked by another writer, damaged, not writable, or from a later
/// version (names both versions).
class StudyWriter {
public:
    [[nodiscard]] static Result<StudyWriter> open(const std::filesystem::path& database);

    StudyWriter(StudyWriter&&) noexcept;
    StudyWriter& operator=(StudyWriter&&) noexcept;
    ~StudyWriter();

    [[nodiscard]] Result<StudyId> createStudy(const StudySpec& spec);
    [[nodiscard]] Result<TrialId> createTrial(const NewTrial& trial);
    /// One transaction. A metric point that is there already (same trial, name, step: after a resume) is
    /// replaced.
    [[nodiscard]] Status append(std::span<const Event> events);
    /// The result's folder, steps and seconds; the summary row of each metric.
    [[nodiscard]] Status finishTrial(TrialId trial, std::int64_t steps, double seconds,
                                     const std::filesystem::path& adapterFolder);
    /// The sampler's state, so that a resumed study goes on as if it had not stopped.
    [[nodiscard]] Status saveSamplerState(StudyId study, std::string_view state);
    /// A trial resumes from a checkpoint at `step`: later points of it are removed.
    [[nodiscard]] Status rewindTrial(TrialId trial, std::int64_t step);
    /// Trials left active by a process that is gone become Interrupted. Called once after opening.
    [[nodiscard]] Status markInterrupted();
    [[nodiscard]] Status rename(StudyId study, const std::string& name);
    [[nodiscard]] Status remove(StudyId study); ///< marks it as deleted; nothing is erased

private:
    struct Content;
    explicit StudyWriter(std::unique_ptr<Content> content);
    std::unique_ptr<Content> m_content;
};

} // namespace lathe
