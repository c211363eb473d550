#pragma once

#include "core/base/work_time.h"

#include <ATen/core/Tensor.h>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace lathe {

class Adapter;
class LanguageModel;

/// Tells products with the base model's weights from others, by what they read.
class BaseWeights {
public:
    /// As they lie in memory now.
    explicit BaseWeights(const std::vector<at::Tensor>& weights);

    /// Also a matrix of the shape of a quantised weight, or of the rows of it that are unpacked together to
    /// be used.
    [[nodiscard]] bool has(const at::Tensor& operand) const;

private:
    std::vector<std::pair<const char*, const char*>> m_places;   // first and behind the last byte; ascending
    std::vector<std::pair<std::int64_t, std::int64_t>> m_packed; // rows and columns
};

/// Measures where the time of training steps goes, operator by operator, by LibTorch's RecordFunction: on the
/// thread that steps, and on those that take over its thread-local state. Other threads of the process do not
/// show, and nothing is recorded but within record(). Belongs to one thread.
class StepProfiler {
public:
    /// `trainsBase`: products with neither operand a weight are those of the base's own gradients.
    StepProfiler(BaseWeights weights, bool trainsBase);
    StepProfiler(const StepProfiler&) = delete;
    StepProfiler& operator=(const StepProfiler&) = delete;
    ~StepProfiler();

    /// Runs one step. Contract: not within another record() of the thread.
    void record(const std::function<void()>& step);
    /// Of all steps so far, with so many operators; no tokens, no FLOPs, no device.
    [[nodiscard]] StepProfile profile(std::size_t operators = 12) const;

    struct Tape;

private:
    struct Sums;
    std::shared_ptr<Tape> m_tape; // shared: with the thread-local state of the threads that write on it
    std::unique_ptr<Sums> m_sums;
    bool m_trainsBase;
};

/// Of a training of `adapter` on `model`, whose optimiser is there already.
[[nodiscard]] StepProfiler profilerOf(const LanguageModel& model, const Adapter& adapter);

} // namespace lathe
