#pragma once

#include "core/base/ids.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace lathe {

/// The life of a trial: Queued → Preparing → Running ⇄ Paused → Finishing → one of the final five.
/// `Interrupted` is what the store makes of an active trial whose process is gone; it can be resumed.
enum class TrialState {
    Queued,
    Preparing,
    Running,
    Paused,
    Finishing,
    Complete,
    Pruned,
    Failed,
    Cancelled,
    Interrupted,
};

[[nodiscard]] std::string_view toString(TrialState state);
[[nodiscard]] std::optional<TrialState> trialStateFrom(std::string_view name);
/// Complete, Pruned, Failed or Cancelled: nothing more will happen by itself.
[[nodiscard]] bool isFinal(TrialState state);

/// One measured number. `step` counts optimiser steps from 1 (0: before training). `seconds` is the training
/// time of the trial so far, pauses excluded. Names in use: "loss", "eval_loss", "eval_accuracy", "lr",
/// "grad_norm", "tokens_per_second".
struct MetricPoint {
    TrialId trial;
    std::string name;
    std::int64_t step = 0;
    double value = 0;
    double seconds = 0;

    bool operator==(const MetricPoint&) const = default;
};

/// Whether the lowest value of a metric is its best: so for names that end in "loss"; for others it is the
/// highest.
[[nodiscard]] bool isLowBest(std::string_view metric);

/// A change of state, with the reason or the error in `note`.
struct TrialChange {
    TrialId trial;
    TrialState state = TrialState::Queued;
    std::string note;
};

/// How far a trial is: optimiser steps done and planned; `phase` names long work before and after them
/// ("tokenising", "evaluating").
struct TrialProgress {
    TrialId trial;
    std::string phase;
    std::int64_t done = 0;
    std::int64_t total = 0;
    double secondsLeft = -1; ///< estimate; negative: not known yet
};

/// What the model answers to a fixed prompt at a step.
struct SampleText {
    TrialId trial;
    std::int64_t step = 0;
    std::string prompt;
    std::string text;
    std::string expected;
};

/// Something worth telling that is not a number: a dropped row, a checkpoint, a clipped gradient.
struct LogLine {
    enum class Level { Info, Warning, Error };
    TrialId trial; ///< none: of the whole study
    Level level = Level::Info;
    std::string text;
};

/// The trial goes on from the checkpoint at `step`: its points, samples and log of later steps are void.
struct TrialRewind {
    TrialId trial;
    std::int64_t step = 0;
};

/// What happened, as plain data: it crosses a thread, a process or a log unchanged.
using Event = std::variant<MetricPoint, TrialChange, TrialProgress, SampleText, LogLine, TrialRewind>;

} // namespace lathe
