#pragma once

#include "core/adapter/adapter.h"
#include "core/data/examples.h"
#include "core/train/training_data.h"
#include "core/trial/trial_task.h"

namespace lathe {

/// A batch for an adapter to look at: its labelled tokens count, or all of texts that are labelled whole.
[[nodiscard]] CalibrationBatch calibrationBatch(const Batch& batch, at::Device device);

/// Shows the adapter training data in an order of its own, so that a resumed run sees the same batches.
/// Cancelled where the trial is to stop meanwhile.
[[nodiscard]] Status calibrateAdapter(Adapter& adapter, const TrainingData& data, const ParamValues& recipe,
                                      const TrialContext& context, at::Device device);

} // namespace lathe
