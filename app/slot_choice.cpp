#include "app/slot_choice.h"

#include "core/base/cores.h"
#include "core/base/machine_memory.h"
#include "core/train/inference.h"
#include "core/train/make_task.h"

#include <algorithm>

namespace lathe {

std::size_t slotsFor(const SlotLimits& limits) {
    constexpr double kShare = 0.8; // of the free memory: forecasts err, and other programs grow
    constexpr std::int64_t kUnknown = 2;
    if (limits.isOnGpu)
        return 1;
    std::int64_t slots =
        std::min(limits.trials, limits.cores / std::max<std::int64_t>(1, limits.threadsEach));
    if (limits.lag > 0)
        slots = std::min(slots, limits.lag);
    if (limits.memory && limits.memoryEach && *limits.memoryEach > 0) {
        const double fitting = kShare * *limits.memory / *limits.memoryEach;
        slots = fitting < static_cast<double>(slots) ? static_cast<std::int64_t>(fitting) : slots;
    } else {
        slots = std::min(slots, kUnknown);
    }
    return static_cast<std::size_t>(std::max<std::int64_t>(1, slots));
}

SlotLimits slotLimits(const StudySpec& spec, std::int64_t trials) {
    SlotLimits limits{trials, availableCores()};
    if (const ParamValue* threads = spec.fixed.find("threads"))
        if (const auto* number = std::get_if<std::int64_t>(threads))
            limits.threadsEach = *number;
    const ParamValue* device = spec.fixed.find("device");
    const auto* name = device == nullptr ? nullptr : std::get_if<std::string>(device);
    limits.isOnGpu = name != nullptr && *name != "cpu" && (*name == "cuda" || deviceReport().isCudaAvailable);
    limits.memory = availableMemory();
    if (const auto cost = forecast(spec.fixed))
        limits.memoryEach = cost->memoryBytes;
    limits.lag = spec.resultLag;
    return limits;
}

} // namespace lathe
