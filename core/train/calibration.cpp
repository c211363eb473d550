#include "core/train/calibration.h"

#include "core/train/training_step.h"

#include <ATen/ops/tensor.h>

namespace lathe {

CalibrationBatch calibrationBatch(const Batch& batch, at::Device device) {
    CalibrationBatch result{toDevice(batch, device).input, {}};
    std::vector<std::int64_t> tokens;
    for (std::size_t place = 0; place < batch.rows * batch.length; ++place)
        if (batch.textLabels.empty() && batch.textNumbers.empty() ? batch.labels[place] != kIgnoreLabel
                                                                  : batch.mask[place] != 0)
            tokens.push_back(static_cast<std::int64_t>(place));
    result.tokens = at::tensor(tokens, at::kLong).to(device);
    return result;
}

Status calibrateAdapter(Adapter& adapter, const TrainingData& data, const ParamValues& recipe,
                        const TrialContext& context, at::Device device) {
    context.publish(TrialProgress{context.id, "looking at the data", 0, 0, -1});
    BatchCursor cursor(data.train.size(), static_cast<std::size_t>(recipe.integer("batch_size")),
                       mixSeed(context.seed, 0x63616c69)); // "cali"
    adapter.calibrate([&]() -> std::optional<CalibrationBatch> {
        if (context.stop.stop_requested())
            return std::nullopt;
        return calibrationBatch(batchOf(data.train, cursor.next(), data.padId), device);
    });
    if (context.stop.stop_requested())
        return Error{Error::Kind::Cancelled, {}, "stopped; it can be resumed"};
    return ok();
}

} // namespace lathe
