#pragma once

#include "core/base/registry.h"
#include "core/base/result.h"
#include "core/train/run_facts.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace lathe {

/// What is to leave, where to, and in which form.
struct ExportRequest {
    std::filesystem::path model;   ///< the base: a folder, or a llama2.c file
    std::filesystem::path trained; ///< what the run left
    std::filesystem::path target;  ///< a folder that is not there, or empty
    std::string format;            ///< an id of the registry; empty: "peft", "merged" after full fine-tuning
    std::string dtype;             ///< "float32", "bfloat16", "float16"; empty: that of the base
    std::uint64_t shardBytes = 0;  ///< largest file of a whole model; 0: 5 GB
    RunFacts run;                  ///< for the model card, and for rows to compare on
    std::string programVersion;
    std::stop_token stop;
    /// "writing", "reading back", "comparing": bytes or rows done of all; total 0: not known.
    std::function<void(const std::string& phase, std::uint64_t done, std::uint64_t total)> onProgress;
};

/// What came of it.
struct ExportReport {
    std::filesystem::path folder;
    std::string format;
    /// Largest absolute difference of a logit between the trained model and what the files hold.
    double difference = 0;
    std::string comparedOn; ///< "8 rows of the evaluation data", "16 made-up tokens of 2 texts"
};

/// Writes a trained adapter in one of the formats, with tokenizer, README.md (a model card) and
/// lathe_export.json (what was exported, its hashes and the difference), after reading the files back and
/// comparing logits. The folder appears whole or not at all. Input error: nothing trained there, an unknown
/// format, one that this adapter cannot have (says why), a target that is not empty; Io error; Cancelled.
[[nodiscard]] Result<ExportReport> exportTrained(const ExportRequest& request);

/// A format, and why it is not for this adapter (empty: it is).
struct ExportChoice {
    PartInfo format;
    std::string obstacle;
};
/// All formats, in the registry's order. Errors as exportTrained() for model and trained folder.
[[nodiscard]] Result<std::vector<ExportChoice>> exportChoices(const std::filesystem::path& model,
                                                              const std::filesystem::path& trained);
/// What every build of Lathe can write.
[[nodiscard]] std::vector<PartInfo> exportFormatList();

} // namespace lathe
