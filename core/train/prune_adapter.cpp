#include "core/train/prune_adapter.h"

#include "core/adapter/combine_lora.h"
#include "core/adapter/heterolora.h"
#include "core/adapter/peft_folder.h"
#include "core/base/files.h"
#include "core/base/staged_folder.h"
#include "core/train/base_facts.h"
#include "core/train/export_record.h"
#include "core/train/threads.h"
#include "core/train/tokenizer_copy.h"
#include "core/train/torch_guard.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace lathe {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* kRecord = "lathe_prune.json";
constexpr const char* kLabelNames = "id2label.json";

Status checkLimits(const PruneRequest& request) {
    if (request.parameters < 0 || request.mostRank < 0 || request.meanRank < 0)
        return inputError("the limit", "is below 0; give a budget above it");
    if (request.threshold < 0 || request.threshold > 1)
        return inputError("the threshold", std::to_string(request.threshold) +
                                               " is no share of the largest singular value; choose between 0 "
                                               "and 1");
    if (request.parameters == 0 && request.meanRank == 0 && request.mostRank == 0 && request.threshold == 0)
        return inputError("pruning", "has no limit: say how many parameters or which mean rank may stay");
    return ok();
}

Result<LoraSizeLimit> limitOf(const PruneRequest& request, const LoraSet& set) {
    LoraSizeLimit limit;
    limit.rank = request.mostRank;
    limit.threshold = request.threshold;
    limit.parameters = request.parameters;
    if (request.meanRank > 0) {
        limit.totalRank =
            static_cast<std::int64_t>(request.meanRank * static_cast<double>(set.products.size()));
        if (limit.totalRank == 0)
            return inputError("the mean rank", std::to_string(request.meanRank) + " of " +
                                                   std::to_string(set.products.size()) +
                                                   " modules leaves nothing of the adapter; allow more");
    }
    return limit;
}

std::int64_t parametersOf(const LoraSet& set) {
    std::int64_t count = 0;
    for (const auto& [module, product] : set.products)
        count += product.a.numel() + product.b.numel();
    return count;
}

PruneReport reportOf(const LoraSet& before, const ResizedLora& resized) {
    PruneReport report;
    for (const ResizedProduct& each : resized.products)
        report.modules.push_back({each.module, each.rankBefore, each.rankAfter, each.norm, each.error});
    report.parametersBefore = parametersOf(before);
    report.parametersAfter = parametersOf(resized.set);
    report.norm = resized.norm;
    report.error = resized.error;
    return report;
}

std::string recordOf(const PruneRequest& request, const PruneReport& report) {
    json modules = json::array();
    for (const PrunedModule& each : report.modules)
        modules.push_back({{"module", each.name},
                           {"rank_before", each.rankBefore},
                           {"rank_after", each.rankAfter},
                           {"norm", each.norm},
                           {"error", each.error}});
    const json whole{{"date", utcNow()},
                     {"lathe_version", request.programVersion},
                     {"adapter", baseName(request.adapter)},
                     {"limits",
                      {{"parameters", request.parameters},
                       {"mean_rank", request.meanRank},
                       {"max_rank", request.mostRank},
                       {"threshold", request.threshold}}},
                     {"parameters_before", report.parametersBefore},
                     {"parameters_after", report.parametersAfter},
                     {"norm", report.norm},
                     {"error", report.error},
                     {"modules", modules}};
    return whole.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

Status write(const PruneRequest& request, const LoraSet& set, const PruneReport& report) {
    LATHE_ASSIGN(const PeftFolder files, PeftFolder::read(request.adapter));
    const auto base = files.config().value("base_model_name_or_path", std::string());
    LATHE_ASSIGN(StagedFolder folder, StagedFolder::begin(request.target));
    LATHE_TRY(writeLoraSet(folder.path(), set, base));
    LATHE_TRY(copyTokenizerFiles(request.adapter, folder.path()));
    if (std::error_code problem; fs::exists(request.adapter / kLabelNames, problem)) {
        LATHE_ASSIGN(const std::string names, readFile(request.adapter / kLabelNames));
        LATHE_TRY(writeFileAtomically(folder.path() / kLabelNames, names));
    }
    LATHE_TRY(writeFileAtomically(folder.path() / kRecord, recordOf(request, report)));
    return folder.commit();
}

Result<PruneReport> pruned(const PruneRequest& request) {
    LATHE_TRY(checkLimits(request));
    if (const std::string obstacle = shortcutsObstacle(request.adapter); !obstacle.empty())
        return inputError(request.adapter.string(), "cannot be cut down: " + obstacle);
    LATHE_ASSIGN(const LoraSet set, readLoraSet(request.adapter));
    LATHE_ASSIGN(const LoraSizeLimit limit, limitOf(request, set));
    LATHE_ASSIGN(const ResizedLora resized, resizeLora(set, limit));
    PruneReport report = reportOf(set, resized);
    if (request.target.empty())
        return report;
    LATHE_TRY(write(request, resized.set, report));
    report.folder = request.target;
    return report;
}

} // namespace

Result<PruneReport> pruneAdapter(const PruneRequest& request) {
    useThreads(0);
    return guarded("the pruning", [&] { return pruned(request); });
}

} // namespace lathe
