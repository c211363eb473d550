#pragma once

#include "core/train/training_step.h"

#include <filesystem>
#include <memory>
#include <vector>

namespace lathe::bench {

/// Workload W1 of the comparison with PyTorch, Transformers and PEFT: LoRA (rank 8, alpha 16, all seven
/// linear projections) on a LLaMA model of 260,000 parameters, 8 sequences a step, AdamW with lr 1e-3, betas
/// 0.9 and 0.999, eps 1e-8, decoupled weight decay 0.01, no clipping. Batches and start values come from
/// files, so that the losses can be compared number by number.
class W1Workload {
public:
    struct Paths {
        std::filesystem::path model;  ///< folder of the base model
        std::filesystem::path inputs; ///< folder of tokens_8xLENGTH.{json,bin} and adapter_init.safetensors
    };

    /// `length`: 64 or 256 tokens a sequence. Input or io error if a file is missing or does not fit.
    [[nodiscard]] static Result<W1Workload>
    open(const Paths& paths, int length, at::ScalarType dtype = at::kFloat, at::Device device = at::kCPU);

    [[nodiscard]] std::size_t batchCount() const { return m_batches.size(); }
    [[nodiscard]] std::size_t tokensPerStep() const { return m_batches.front().realTokens; }
    /// Trains on the next batch with the program's own step. Returns the loss before the update. Contract:
    /// there is a batch left.
    double step();

private:
    std::unique_ptr<LanguageModel> m_model;
    std::unique_ptr<Adapter> m_adapter; // after the model it is attached to
    std::unique_ptr<FlatAdamW> m_optimizer;
    std::vector<Batch> m_batches;
    std::size_t m_stepsDone = 0;
};

/// The reference's loss of every step, before its update: losses_8xLENGTH_DTYPE.json. dtype: "float32" or
/// "float64".
[[nodiscard]] Result<std::vector<double>> readW1Losses(const std::filesystem::path& inputs, int length,
                                                       const std::string& dtype);

} // namespace lathe::bench
