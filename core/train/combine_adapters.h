#pragma once

#include "core/base/adapter_mix.h"
#include "core/base/result.h"
#include "core/params/param_schema.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace lathe {

/// How adapters become one: "method" (the names of PEFT's add_weighted_adapter), "rank", "density", "signs"
/// and "seed". Labels and help are translated in the context "ParamSchema".
[[nodiscard]] ParamSchema combineSchema();

struct CombineRequest {
    std::vector<AdapterChoice> adapters; ///< with their weights
    ParamValues options;                 ///< over the schema's defaults
    std::filesystem::path model;         ///< the base of all of them; empty: the one they name
    std::filesystem::path target;        ///< a folder that is not there, or empty
    std::string programVersion;
    std::stop_token stop;
    /// "combining", "comparing": done of all; total 0: not known.
    std::function<void(const std::string& phase, std::uint64_t done, std::uint64_t total)> onProgress;
};

/// What would come of it, as far as the files tell.
struct CombineOutlook {
    std::filesystem::path model; ///< the base
    std::int64_t rank = 0;       ///< of the largest product
    std::int64_t parameters = 0;
    /// By the mathematics the result is the weighted sum of the adapters, which is what they do together.
    bool isExact = false;
    std::vector<std::string> notes; ///< sentences
};
/// Input error: why these cannot be combined so, as a sentence for the user. Reads the files; does not use
/// target.
[[nodiscard]] Result<CombineOutlook> combineOutlook(const CombineRequest& request);

struct CombineReport {
    std::filesystem::path folder;
    CombineOutlook outlook;
    /// Largest absolute difference of a logit between all adapters at once with their weights and the written
    /// one; nothing: they cannot be on at once so.
    std::optional<double> difference;
    std::string comparedOn; ///< rows, or why nothing was compared
    double weightError = 0; ///< what the result lacks of the weighted sum, as a share of it
};
/// Writes a PEFT folder with lathe_combine.json (what was combined, hashes, and how near it comes to all
/// adapters at once, measured on the written files). The folder appears whole or not at all. Errors as
/// combineOutlook(); a target that is not empty; Io error; Cancelled.
[[nodiscard]] Result<CombineReport> combineAdapters(const CombineRequest& request);

} // namespace lathe
