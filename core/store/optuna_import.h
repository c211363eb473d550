#pragma once

#include "core/params/study_spec.h"
#include "core/store/study_history.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lathe {

/// A study in a file of Optuna's.
struct OptunaStudyInfo {
    struct Value {
        std::string name; ///< of the metric; empty if the file does not tell
        bool maximize = false;
    };
    std::string name;
    std::vector<Value> values; ///< what it optimises: more than one are several objectives at once
    std::int64_t trialCount = 0;
};

/// Which study of the file, and which of its objectives.
struct OptunaChoice {
    std::string study;                ///< its name; empty: the only one there is
    std::optional<std::size_t> value; ///< counts from 0; nothing: all of them
};

/// A study out of a file of Optuna's in our terms.
struct OptunaStudy {
    /// `space` from the distributions, each as wide as its widest; `fixed`, seed and sampler only if Lathe
    /// has written the file. The objective's metric is named "objective" if the file does not name it, and
    /// "objective_0", "objective_1", … of several.
    StudySpec spec;
    /// By number, the searched values; all of them, whatever their state.
    std::vector<HistoryTrial> trials;
    /// What is not as the file's writer left it, a sentence each.
    std::vector<std::string> notes;
};

/// The studies of a file of Optuna's RDB storage (SQLite; the tables of Optuna 3 to 5). Reads one state of
/// the file, also while Optuna writes it. Input error: not such a file (see optuna::openFile()), or one that
/// contradicts itself.
[[nodiscard]] Result<std::vector<OptunaStudyInfo>> listOptunaStudies(const std::filesystem::path& file);

/// Input error, besides: the study is unknown or must be chosen, it has no such objective, a
/// distribution or a value that cannot be taken (named), or a trial that contradicts itself
/// (named).
[[nodiscard]] Result<OptunaStudy> readOptunaStudy(const std::filesystem::path& file,
                                                  const OptunaChoice& choice);

} // namespace lathe
