#pragma once

#include "core/model/language_model.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

namespace lathe {

/// A head that the checkpoint need not have: what it lacks starts anew, matrices N(0, initializer_range²),
/// biases 0, from the seed alone.
struct NewHead {
    HeadKind kind = HeadKind::SequenceClassification;
    std::int64_t labels = 2; ///< of a classification
    std::uint64_t seed = 0;
};

struct LoadOptions {
    at::ScalarType dtype = at::ScalarType::Float; ///< weights are converted to it
    at::Device device = at::kCPU;
    std::optional<NewHead> head = {}; ///< absent: the one config.json names
};

/// readModelSummary() and checkModelFolder() of a model that gets this head.
[[nodiscard]] Result<ModelSummary> readModelSummary(const std::filesystem::path& folder, const NewHead& head);
[[nodiscard]] Result<ModelSummary> checkModelFolder(const std::filesystem::path& folder, const NewHead& head);

/// Reads a Hugging Face folder (config.json and the weights: safetensors or pytorch_model.bin, whole or in
/// shards) or a llama2.c file. Weights already of the dtype and on the CPU stay in the mapped file until they
/// are used. Errors as checkModelFolder(). The weights do not require gradients.
[[nodiscard]] Result<std::unique_ptr<LanguageModel>> loadModel(const std::filesystem::path& folder,
                                                               const LoadOptions& options = {});

/// The same architecture with untrained weights: matrices N(0, initializer_range²), norms 1, biases 0; from
/// the seed alone.
[[nodiscard]] Result<std::unique_ptr<LanguageModel>>
randomModel(const std::filesystem::path& folder, std::uint64_t seed, const LoadOptions& options = {});

/// A model like this one over the same weights, which are kept once: what is attached to one of them, or put
/// in the place of a weight, the other does not see. Each may be used on a thread of its own while nobody
/// writes to the weights. Errors as readModelSummary(). Contract: `model` came out of `folder` without a new
/// head.
[[nodiscard]] Result<std::unique_ptr<LanguageModel>> sharedModel(const std::filesystem::path& folder,
                                                                 const LanguageModel& model);

/// "float32", "bfloat16" or "float16" as a scalar type. Input error listing them.
[[nodiscard]] Result<at::ScalarType> scalarTypeFrom(const std::string& name);
/// "cpu", "cuda", "cuda:1", "auto" (the first CUDA device where there is one). Input error where the device
/// is not there.
[[nodiscard]] Result<at::Device> deviceFrom(const std::string& name);

} // namespace lathe
