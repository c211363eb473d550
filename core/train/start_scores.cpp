#include "core/train/start_scores.h"

#include "core/adapter/adapter_method.h"
#include "core/base/sha256.h"
#include "core/train/recipe.h"

#include <algorithm>
#include <array>

namespace lathe {

namespace fs = std::filesystem;

namespace {

/// Fields that no answer depends on before the first step, by AdapterMethod::startsAlike() or because they
/// are about steps. Another one that is searched only means that each trial evaluates for itself.
constexpr std::array kFeltLater{
    "rank",     "alpha",        "dropout",    "lora_plus_ratio",       "learning_rate", "weight_decay",
    "beta1",    "beta2",        "epsilon",    "max_grad_norm",         "max_steps",     "epochs",
    "schedule", "warmup_steps", "eval_every", "gradient_accumulation", "sample_every",  "checkpoint_every"};

bool isFeltLater(const std::string& key) { return std::ranges::find(kFeltLater, key) != kFeltLater.end(); }

std::string stateOf(const fs::path& file) {
    std::error_code problem;
    return file.filename().string() + " " + std::to_string(fs::file_size(file, problem)) + " " +
           std::to_string(fs::last_write_time(file, problem).time_since_epoch().count()) + "\n";
}

/// Another model may come to lie in the folder while the process lives.
std::string filesOf(const fs::path& model) {
    std::error_code problem;
    if (fs::is_regular_file(model, problem))
        return stateOf(model);
    std::vector<std::string> states;
    for (const auto& entry : fs::directory_iterator(model, problem))
        states.push_back(stateOf(entry.path()));
    std::ranges::sort(states);
    std::string all;
    for (const std::string& state : states)
        all += state;
    return all;
}

} // namespace

std::optional<RowScores> StartScores::find(const std::string& key) const {
    const std::lock_guard lock(m_mutex);
    const auto found = m_scores.find(key);
    return found == m_scores.end() ? std::nullopt : std::optional(found->second);
}

void StartScores::keep(const std::string& key, const RowScores& scores) {
    const std::lock_guard lock(m_mutex);
    m_scores.insert_or_assign(key, scores);
}

std::optional<std::string> startKey(const ParamValues& recipe, const TrainingData& data) {
    const RecipeView view(recipe);
    const auto method = adapterMethods().make(view.method);
    if (!method.has_value() || !method.value()->startsAlike(recipe) || view.startsUntrained ||
        headFor(recipe, static_cast<std::int64_t>(data.labelNames.size()), 0).has_value())
        return std::nullopt;
    std::string text = filesOf(view.modelFolder) + toJson(data.record) + "\n";
    for (const auto& [key, value] : recipe.map())
        if (!isFeltLater(key))
            text += key + "=" + toText(value) + "\n";
    return sha256(text);
}

} // namespace lathe
