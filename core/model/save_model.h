#pragma once

#include "core/model/language_model.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>

namespace lathe {

/// How much of a long work is done, in bytes.
using ByteProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// Above it transformers 4 splits a model; other programs read shards of it well.
inline constexpr std::uint64_t kDefaultShardBytes = 5'000'000'000;

struct SaveOptions {
    at::ScalarType dtype = at::ScalarType::Float;
    std::uint64_t shardBytes = kDefaultShardBytes; ///< a larger tensor gets a file of its own
    /// What the outputs of a head mean that the source's config.json does not know; empty: LABEL_0, …
    std::vector<std::string> labelNames = {};
    std::stop_token stop = {}; ///< asked before each tensor; the answer is Cancelled
    ByteProgress onProgress = {};
};

/// Writes a Hugging Face folder: config.json (that of `source` with the dtype set, what it says of quantised
/// weights left out and, where the model has another head, its class and labels; everything else as it is),
/// generation_config.json where `source` has one, and model.safetensors, or model-0000i-of-0000n.safetensors
/// with an index. `source`: a model's folder, or a llama2.c file, which becomes a LLaMA. A tied head is left
/// out. Holds one tensor at a time: each of summary.tensors is asked for once and cast once. Io error as
/// writeFileAtomically(), and what `weightOf` says.
[[nodiscard]] Status saveModelFolder(const ModelSummary& summary, const TensorSource& weightOf,
                                     const std::filesystem::path& source, const std::filesystem::path& folder,
                                     const SaveOptions& options);

/// The same of a model in memory.
[[nodiscard]] Status saveModel(const LanguageModel& model, const std::filesystem::path& source,
                               const std::filesystem::path& folder, at::ScalarType dtype);

/// The dtype in which a model's files hold most of its numbers. Errors as loadModel().
[[nodiscard]] Result<at::ScalarType> storedDtype(const std::filesystem::path& model);

/// "float32", "bfloat16", "float16": as config.json names a dtype. Contract: one of these.
[[nodiscard]] std::string dtypeName(at::ScalarType dtype);

} // namespace lathe
