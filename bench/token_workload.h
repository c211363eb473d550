#pragma once

#include "core/train/training_step.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace lathe::bench {

/// The adapter's start as another program has written it, by PEFT's names. Input or io error if the file is
/// missing or its tensors do not fit.
[[nodiscard]] Status setStart(const Adapter& adapter, const std::filesystem::path& file);

/// A workload of the comparison with PyTorch, Transformers and PEFT: LoRA (rank 8, alpha 16, all linear
/// projections) on a causal model, AdamW with lr 1e-3, betas 0.9 and 0.999, eps 1e-8, no clipping. Batches
/// and start values come from files, so that the losses can be compared number by number.
class TokenWorkload {
public:
    struct Settings {
        std::filesystem::path model;  ///< folder of the base model
        std::filesystem::path inputs; ///< folder of BATCHES.{json,bin} and adapter_init.safetensors
        std::string batches = "tokens_8x64";
        double weightDecay = 0.01;         ///< decoupled
        at::ScalarType dtype = at::kFloat; ///< of the frozen weights
        bool isMixed = false;              ///< products in `dtype`, all between them in float32
        at::Device device = at::kCPU;
    };

    /// Input or io error if a file is missing or does not fit.
    [[nodiscard]] static Result<TokenWorkload> open(const Settings& settings);

    [[nodiscard]] std::size_t batchCount() const { return m_batches.size(); }
    [[nodiscard]] std::size_t tokensPerStep() const { return m_batches.front().realTokens; }
    /// Model FLOPs; see loraStepFlops().
    [[nodiscard]] double flopsPerStep() const;
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

/// W1: a LLaMA model of 260,000 parameters, 8 sequences of `length` (64 or 256) tokens a step. `model`: its
/// folder; `inputs`: that of the Python side's batches.
[[nodiscard]] TokenWorkload::Settings w1Settings(const std::filesystem::path& model,
                                                 const std::filesystem::path& inputs, int length);

/// The reference's loss of every step of W1, before its update: losses_8xLENGTH_DTYPE.json. dtype: "float32"
/// or "float64".
[[nodiscard]] Result<std::vector<double>> readW1Losses(const std::filesystem::path& inputs, int length,
                                                       const std::string& dtype);

} // namespace lathe::bench
