#pragma once

#include "core/base/adapter_mix.h"
#include "core/base/result.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace lathe {

struct MergeRequest {
    std::filesystem::path model;         ///< the base: a folder, or a llama2.c file
    std::vector<AdapterChoice> adapters; ///< the first nearest to the base
    std::filesystem::path target;        ///< a folder that is not there, or empty; no path: only measure
    std::string dtype;                   ///< "float32", "bfloat16", "float16"; empty: that of the base
    std::uint64_t shardBytes = 0;        ///< largest file; 0: 5 GB
    std::string programVersion;
    std::stop_token stop;
    /// "comparing", "writing", "reading back": bytes or steps done of all; total 0: not known.
    std::function<void(const std::string& phase, std::uint64_t done, std::uint64_t total)> onProgress;
};

struct MergeReport {
    std::filesystem::path folder; ///< empty: nothing was written
    MergeCheck check;             ///< merged in memory, and taken out again
    /// Largest absolute difference of a logit between the adapters beside the base and the model read back.
    std::optional<double> difference;
};

/// Folds adapters into the weights of their base one after the other, each sum computed in fp32 and all
/// rounded once, and writes a Hugging Face model with tokenizer and lathe_merge.json; the folder appears
/// whole or not at all. Input error where the mathematics does not allow it, naming adapter and place; what
/// does not fit; a target that is not empty; Io error; Cancelled.
[[nodiscard]] Result<MergeReport> mergeAdapters(const MergeRequest& request);

} // namespace lathe
