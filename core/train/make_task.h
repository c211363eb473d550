#pragma once

#include "core/data/token_cache.h"
#include "core/params/param_schema.h"
#include "core/trial/trial_task.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lathe {

/// The recipe: every knob of a fine-tuning run, in the sections of the form. Keys in use elsewhere: "model"
/// (folder), "train_file", "eval_file", "prompt_template", "task" ("instruction", "text"), "method" ("lora",
/// "full"), "rank", "alpha", "dropout", "target_modules", "learning_rate", "weight_decay", "batch_size",
/// "gradient_accumulation", "max_steps", "warmup_steps", "schedule", "max_grad_norm", "precision",
/// "eval_every", "checkpoint_every", "max_length", "sample_every", "threads", "device".
[[nodiscard]] const ParamSchema& recipeSchema();

/// Checks that need the files: model folder readable and of a known architecture, targets exist, rank fits
/// the layers' widths, data has the mapped columns. Reads headers and the first rows only; no tensors. Empty:
/// ready to start.
[[nodiscard]] std::vector<Problem> preflight(const ParamValues& recipe);

/// A projection of the model, and whether the recipe's adapter is there.
struct PlaceForecast {
    std::string name;   ///< "model.layers.0.self_attn.q_proj"
    std::string column; ///< its path inside of the layer, "self_attn.q_proj"
    int layer = -1;     ///< -1: before, behind or beside the layers
    bool isFeedForward = false;
    bool isOn = false;
};

/// What a recipe will cost, before it runs.
struct RecipeForecast {
    std::int64_t trainableParameters = 0;
    std::int64_t baseParameters = 0;
    double memoryBytes = 0;
    std::vector<std::string> notes; ///< what the model's configuration asks for and the run does differently
    std::vector<PlaceForecast> places; ///< empty: the method has none to choose
};
[[nodiscard]] Result<RecipeForecast> forecast(const ParamValues& recipe);

/// The same training in less memory: layers are computed again in place of being kept, and there are fewer
/// rows at the same time, and as many more batches for each update, so that an update still sees as many rows.
/// Nothing if rows are computed one by one so already.
[[nodiscard]] std::optional<ParamValues> lighterRecipe(const ParamValues& recipe);

/// Where the trials of a process that run at the same time find each other, to share a base and their steps.
class PackDesk;
[[nodiscard]] std::shared_ptr<PackDesk> makePackDesk();

/// One fine-tuning run. Torch stays behind this function. `tokenCache`: where its tokenized data are kept for
/// other runs; without a folder they are not. `desk`: of the trials it may run beside; null: it trains by
/// itself, whatever the recipe says of packing. Shared: with the tasks of those trials.
[[nodiscard]] std::unique_ptr<TrialTask> makeTrainingTask(TokenCacheSettings tokenCache = {},
                                                          std::shared_ptr<PackDesk> desk = nullptr);

} // namespace lathe
