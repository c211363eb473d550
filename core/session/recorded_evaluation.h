#pragma once

#include "core/store/store_thread.h"
#include "core/tasks/evaluation.h"

#include <functional>
#include <span>
#include <stop_token>
#include <vector>

namespace lathe {

/// Who watches an evaluation; called from its thread. Each may be empty.
struct EvaluationWatch {
    std::function<void(const EvaluationProgress& progress)> progress;
    /// These rows are in the database now; `replaced` ones are not counted twice.
    std::function<void(std::span<const PredictionRecord> rows)> rows;
    std::function<void(const std::vector<EvaluationFigure>& figures)> figures;
    std::function<void()> waitWhilePaused; ///< returns when there is no pause (any more)
};

/// Runs the evaluation from where it is to its end, and writes rows, figures and state down as they come; a
/// row is in the database before the next is asked. After a stop its state is Stopped, after an error Failed
/// with the reason; either can go on. Blocks; not on the store's thread. Errors as RunEvaluation, and
/// Database errors.
[[nodiscard]] Result<std::vector<EvaluationFigure>> runRecorded(const RunEvaluation& run, StoreThread& store,
                                                                EvaluationId id, std::stop_token stop,
                                                                const EvaluationWatch& watch);

} // namespace lathe
