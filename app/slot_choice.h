#pragma once

#include "core/params/study_spec.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace lathe {

/// In place of a number of slots: as many as the machine serves well.
inline constexpr std::size_t kAutoSlots = 0;

/// What bounds how many trials of a study should run at the same time.
struct SlotLimits {
    std::int64_t trials = 1;
    std::int64_t cores = 1;
    std::int64_t threadsEach = 0;          ///< 0: left open
    std::optional<double> memory = {};     ///< bytes that are free; nothing: unknown
    std::optional<double> memoryEach = {}; ///< bytes that a trial takes; nothing: unknown
    std::int64_t lag = 0;                  ///< StudySpec::resultLag
    bool isOnGpu = false;
};

/// A trial for each core, or for each of its threads, as far as there are trials and four fifths of the free
/// memory hold them; one on a GPU, and where memory is unknown no more than two. At least 1.
[[nodiscard]] std::size_t slotsFor(const SlotLimits& limits);

/// Of so many trials of a study on this machine now.
[[nodiscard]] SlotLimits slotLimits(const StudySpec& spec, std::int64_t trials);

} // namespace lathe
