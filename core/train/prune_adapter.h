#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace lathe {

/// How much of a LoRA adapter may stay. The singular values of all modules are ranked together, so that a
/// module keeps as many as it needs: one threshold for the whole adapter (PARA, arXiv:2604.27796). 0: no
/// limit.
struct PruneRequest {
    std::filesystem::path adapter; ///< folder of plain LoRA
    std::filesystem::path target;  ///< a folder that is not there, or empty
    std::int64_t parameters = 0;   ///< of the adapter, without a head trained along
    double meanRank = 0;           ///< over its modules
    std::int64_t mostRank = 0;     ///< of each module
    double threshold = 0;          ///< share of the largest singular value that the others have to reach
    std::string programVersion;
};

/// What becomes of one module.
struct PrunedModule {
    std::string name;
    std::int64_t rankBefore = 0;
    std::int64_t rankAfter = 0; ///< 0: it has no adapter any more
    double norm = 0;            ///< Frobenius norm of s B A
    double error = 0;           ///< of the difference
};

struct PruneReport {
    std::filesystem::path folder; ///< empty: nothing was written
    std::vector<PrunedModule> modules;
    std::int64_t parametersBefore = 0;
    std::int64_t parametersAfter = 0;
    double norm = 0; ///< of all modules together
    double error = 0;

    [[nodiscard]] double lackingShare() const { return norm > 0 ? error / norm : 0; }
};

/// Cuts the adapter down and writes it as plain LoRA, which PEFT loads, with lathe_prune.json beside it; a
/// head for labels and the tokenizer go along. Nothing is trained, and no data are needed. Without a target
/// it only tells. Input error: no limit, one below 0; a folder that is no plain LoRA; a limit that leaves
/// nothing; a target that is not empty. Io error.
[[nodiscard]] Result<PruneReport> pruneAdapter(const PruneRequest& request);

} // namespace lathe
