#pragma once

#include "core/adapter/export_format.h"
#include "core/train/run_facts.h"

#include <string>
#include <vector>

namespace lathe {

/// The texts on which an exported model is compared with the trained one.
struct ProbeRows {
    std::vector<at::Tensor> ids; ///< [1, T] int64 each
    std::string what;            ///< "8 rows of the evaluation data"
};

/// The first evaluation rows of a run where its data can still be read, else tokens spread over the
/// vocabulary.
[[nodiscard]] ProbeRows probeRows(const ExportSource& source, const RunFacts& run);

/// Tokens spread over the vocabulary.
[[nodiscard]] ProbeRows madeUpRows(const ModelSummary& model);

/// The precision in which both sides compute: fp32, or that of the weights where fp32 would take more memory
/// than a check may.
[[nodiscard]] at::ScalarType checkDtype(const ModelSummary& model, at::ScalarType stored);

/// fp32 logits for each row, on the CPU. Cancelled by `stop`; Internal error where one is not a number.
[[nodiscard]] Result<std::vector<at::Tensor>> probeLogits(LanguageModel& model, const ProbeRows& rows,
                                                          const std::stop_token& stop);

/// Contract: as many rows of the same shapes.
[[nodiscard]] double largestDifference(const std::vector<at::Tensor>& a, const std::vector<at::Tensor>& b);

} // namespace lathe
