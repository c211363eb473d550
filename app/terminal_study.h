#pragma once

#include "app/builtin_parts.h"
#include "core/engine/study_runner.h"
#include "core/store/store_thread.h"
#include "core/store/study_reader.h"

#include <filesystem>
#include <functional>
#include <memory>

namespace lathe {

/// What the command line hears of a running study. Called on the thread that called run().
struct StudyListener {
    std::function<void(const Event&)> onEvent;
    /// The store cannot write (training waits) for this reason; empty: it can again.
    std::function<void(const std::string&)> onStoreProblem;
    /// Asked often; true once: the study is to stop cleanly.
    std::function<bool()> shouldStop;
};

/// A project without a window: the store's thread, the event hub, the executor, and the one study that
/// runs in them while run() blocks. Belongs to the thread that opened it.
class TerminalStudy {
public:
    /// Creates the folder and its database where they are missing. Io or Database error naming what cannot be
    /// written or read; a database of a later version is left as it is. `parts` must outlive it.
    /// `slots`: how many trials run at the same time; they share the cores.
    [[nodiscard]] static Result<std::unique_ptr<TerminalStudy>>
    open(const std::filesystem::path& project, const BuiltinParts& parts, std::size_t slots = 1);
    ~TerminalStudy();

    [[nodiscard]] Result<StudyId> create(const StudySpec& spec);
    /// For what is changed while no study runs.
    [[nodiscard]] StoreThread& store();
    /// Runs what of the study is still to run: all of it, or from where it was stopped. Trials go on from
    /// their checkpoints; a failed trial is not tried again. Everything is on disk when it returns.
    [[nodiscard]] Result<StudyOutcome> run(StudyId id, const StudyListener& listener);

private:
    struct Content;
    explicit TerminalStudy(std::unique_ptr<Content> content);
    std::unique_ptr<Content> m_content;
};

/// The study a person means by "latest" (the newest that is unfinished) or by its number. Input error if
/// there is none, it is unknown, or it is finished.
[[nodiscard]] Result<StudyId> findUnfinished(const StudyReader& reader, const std::string& wanted,
                                             const Registry<Pruner>& pruners);
/// The same, finished ones included; "latest" is the newest of all that is not a single run.
[[nodiscard]] Result<StudyId> findStudy(const StudyReader& reader, const std::string& wanted);

} // namespace lathe
