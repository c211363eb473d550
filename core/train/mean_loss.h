#pragma once

#include "core/train/training_step.h"

namespace lathe {

/// Mean loss over what is due in the batch, a scalar with its graph. Contract: something is.
[[nodiscard]] at::Tensor meanLoss(LanguageModel& model, const DeviceBatch& batch);

} // namespace lathe
