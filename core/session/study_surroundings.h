#pragma once

#include "core/session/session_parts.h"
#include "core/store/store_thread.h"

#include <QThreadPool>

#include <filesystem>
#include <memory>
#include <string>

namespace lathe {

/// What a study session uses of its project. All of it outlives the session.
struct StudySurroundings {
    const SessionParts& parts;
    EventHub& hub;
    const std::unique_ptr<Executor>& executor; ///< another one after ProjectSession::setSlots()
    StoreThread& store;
    QThreadPool& pool;
    std::filesystem::path folder; ///< of the project

    [[nodiscard]] std::filesystem::path folderOf(TrialId trial) const {
        return folder / "runs" / std::to_string(trial.value);
    }
};

} // namespace lathe
