#pragma once

#include "core/base/adapter_mix.h"
#include "core/base/prediction.h"
#include "core/params/param_value.h"
#include "core/tasks/task.h"

#include <filesystem>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace lathe {

/// What is evaluated, on what, and how. A value that never changes once its evaluation has begun.
struct EvaluationSpec {
    std::string name;
    std::filesystem::path model;
    AdapterMix adapters;
    std::string task;               ///< an id, or a file that describes one
    std::filesystem::path dataFile; ///< as the task reads it
    /// How a row is read, as recipes say it ("prompt_template", "text_column", "max_length" …); a key that is
    /// missing counts with the recipe's usual value.
    ParamValues reading;
    /// What is said in place of the task's own settings of generation ("beams", "max_new_tokens" …).
    ParamValues generation;
    std::int64_t rowLimit = 0; ///< the first so many rows; 0: all
    std::int64_t batchSize = 8;
    std::uint64_t seed = 0; ///< of drawn tokens and of intervals
    std::string device = "auto";
    std::string precision = "auto";
    bool operator==(const EvaluationSpec&) const = default;
};

/// One JSON object, and back. Input error naming what is wrong.
[[nodiscard]] std::string toJson(const EvaluationSpec& spec);
[[nodiscard]] Result<EvaluationSpec> evaluationSpecFromJson(std::string_view json);

/// `usual` with what was said in its place. Input error for a key that is no setting of generation, or a
/// value of another kind.
[[nodiscard]] Result<GenerationOptions> withOverrides(GenerationOptions usual, const ParamValues& said);

/// The task's figures of all rows, from their stored verdicts alone: the same rows give the same figures, in
/// one sitting or in several. Input error if a verdict cannot be read.
[[nodiscard]] Result<std::vector<EvaluationFigure>>
figuresOf(const Task& task, std::span<const PredictionRecord> rows, const IntervalOptions& options);

/// How far an evaluation is.
struct EvaluationProgress {
    std::string phase;     ///< "loading the model"; empty: it answers
    std::int64_t done = 0; ///< rows
    std::int64_t total = 0;
    double secondsLeft = -1; ///< estimate; negative: not known yet
};

/// Everything an evaluation may see of the world and do to it. The functions are called from its thread.
struct EvaluationContext {
    std::stop_token stop;
    std::vector<PredictionRecord> done; ///< of earlier sittings
    std::string dataHash;               ///< what the data file had then; empty: this is the first
    /// The data was read: so many rows, and this hash.
    std::function<Status(std::int64_t rows, const std::string& dataHash)> begin;
    /// The next rows; may block, which is how an evaluation is paused. An error ends it.
    std::function<Status(std::span<const PredictionRecord> rows)> take;
    std::function<void(const EvaluationProgress& progress)> tell;
    /// The figures of the rows so far, now and then.
    std::function<void(const std::vector<EvaluationFigure>& figures)> tellFigures;
};

/// Evaluates, and answers the figures of all rows. Blocks. Input error for what cannot be read, does not fit
/// together, or has changed since the earlier sitting; Cancelled after a stop: what was taken stays, and
/// another call with it in `done` goes on to the same rows and figures as one that was never stopped.
using RunEvaluation = std::function<Result<std::vector<EvaluationFigure>>(const EvaluationSpec& spec,
                                                                          EvaluationContext& context)>;

} // namespace lathe
