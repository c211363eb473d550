#pragma once

#include "core/train/simplex_scores.h"
#include "core/train/training_data.h"

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace lathe {

/// What fresh adapters score before any step, where that is the same for all trials of a search: the first
/// one evaluates, the others of the process take its figures. Any thread.
class StartScores {
public:
    [[nodiscard]] std::optional<RowScores> find(const std::string& key) const;
    void keep(const std::string& key, const RowScores& scores);

private:
    mutable std::mutex m_mutex; // guards m_scores
    std::map<std::string, RowScores> m_scores;
};

/// What the scores of a recipe's fresh adapter depend on: its model's files as they are now, its data and its
/// values, but for those that only later steps feel. Nothing where they also depend on the trial itself: by a
/// start that is drawn and felt, or by a new head.
[[nodiscard]] std::optional<std::string> startKey(const ParamValues& recipe, const TrainingData& data);

} // namespace lathe
