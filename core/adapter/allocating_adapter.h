#pragma once

#include "core/adapter/training_probe.h"
#include "core/base/result.h"

#include <map>
#include <string>
#include <vector>

namespace lathe {

/// What an adapter is, besides, that decides while it is trained where its parameters go. Who trains it asks
/// it in this order: prepare(), then the adapter's groups() and beginTraining(), restoreRecords() where a run
/// is resumed, and beforeStep() of each step.
class AllocatingAdapter {
public:
    AllocatingAdapter() = default;
    AllocatingAdapter(const AllocatingAdapter&) = delete;
    AllocatingAdapter& operator=(const AllocatingAdapter&) = delete;
    virtual ~AllocatingAdapter() = default;

    /// Before a run or its resumption; the adapter's parameters may be others afterwards. The same run gives
    /// the same.
    virtual void prepare(TrainingProbe& probe) = 0;
    /// When no step is under way. Returns whether records() are others now.
    [[nodiscard]] virtual bool beforeStep(std::int64_t step, TrainingProbe& probe) = 0;
    /// What was decided, as files by name: for people and programs to read, and for a resumed run, which
    /// gives those of its checkpoint back. Input error where they are of another recipe.
    [[nodiscard]] virtual std::map<std::string, std::string> records() const = 0;
    [[nodiscard]] virtual Status restoreRecords(const std::map<std::string, std::string>& records) = 0;
};

} // namespace lathe
