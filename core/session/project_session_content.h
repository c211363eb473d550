#pragma once

#include "core/session/background_job.h"
#include "core/session/evaluation_session.h"
#include "core/session/project_session.h"
#include "core/session/study_surroundings.h"

#include <QTimer>

/// What a project session is made of: for its own sources alone.
namespace lathe {

struct ProjectSession::Content {
    explicit Content(SessionParts given) : parts(std::move(given)), draft(parts.recipeSchema) {}

    SessionParts parts;
    std::filesystem::path folder;
    bool isOpening = false;
    EventHub hub;
    std::shared_ptr<Inbox> inbox; // shared: the hub posts into it
    std::unique_ptr<StoreThread> store;
    std::unique_ptr<Executor> executor;
    RecipeDraft draft;
    RunTableModel runs;
    std::unique_ptr<EvaluationSession> evaluations;
    QTimer tick;
    std::vector<StudySession*> studies; ///< children of the project session
    qsizetype activeCount = 0;
    QString storeProblem;
    LatestOnly forecasts;
    LatestOnly preflights;
    QThreadPool pool; // last: its jobs use what is above

    StudySurroundings surroundings() { return {parts, hub, executor, *store, pool, folder}; }
};

} // namespace lathe
