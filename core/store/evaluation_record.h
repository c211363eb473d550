#pragma once

#include "core/base/ids.h"
#include "core/base/prediction.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lathe {

/// The life of an evaluation. `Interrupted` is what the store makes of a running one whose process is gone.
/// All but Complete can go on.
enum class EvaluationState { Waiting, Running, Complete, Stopped, Failed, Interrupted };

[[nodiscard]] std::string_view toString(EvaluationState state);
[[nodiscard]] std::optional<EvaluationState> evaluationStateFrom(std::string_view name);

/// An evaluation as it is first written.
struct NewEvaluation {
    std::string name;
    std::string spec; ///< JSON, whatever the caller needs to run it
    TrialId trial;    ///< the run whose adapter is evaluated; none: TrialId{}
};

struct EvaluationRecord {
    EvaluationId id;
    std::string name;
    std::string spec;
    TrialId trial;
    EvaluationState state = EvaluationState::Waiting;
    std::string note;            ///< why it failed
    std::string dataHash;        ///< SHA-256 of the data file; empty: it was not read yet
    std::int64_t rowsTotal = 0;  ///< 0: the data file was not read yet
    std::int64_t rowsDone = 0;   ///< of these:
    std::int64_t rowsRight = 0;  ///< answered rightly
    std::int64_t rowsWrong = 0;  ///< answered wrongly
    std::int64_t rowsFailed = 0; ///< could not be asked
    double seconds = 0;          ///< at work, pauses left out
    std::vector<EvaluationFigure> figures;
    std::string createdAt; ///< ISO 8601, UTC
    std::string endedAt;   ///< empty: it has not ended
};

/// Which rows of an evaluation to list.
struct PredictionFilter {
    enum class Verdict { Any, Right, Wrong, Failed };
    /// How a row of this evaluation differs from the same row of the other one.
    enum class Change { Any, Gained, Lost, BothRight, BothWrong, OtherAnswer };

    Verdict verdict = Verdict::Any;
    /// Is in the prompt, the expected or the given answer; upper and lower case of ASCII letters are one.
    std::string text;
    EvaluationId other; ///< none: `change` does not count
    Change change = Change::Any;
    bool operator==(const PredictionFilter&) const = default;
};

/// The same row in two evaluations.
struct PredictionPair {
    std::int64_t row = 0;
    std::optional<bool> first, second;
    std::string firstVerdict, secondVerdict; ///< PredictionRecord::verdict of each
};

} // namespace lathe
