#pragma once

#include "core/adapter/export_format.h"
#include "core/data/data_record.h"
#include "core/train/export_adapter.h"
#include "core/train/model_card.h"

#include <nlohmann/json_fwd.hpp>

namespace lathe {

/// {file name: SHA-256}; files of the hub's cache are known by their hash already. Cancelled by `stop`; Io
/// error.
[[nodiscard]] Result<nlohmann::json> fileHashes(const std::vector<std::filesystem::path>& files,
                                                const std::stop_token& stop);
/// "2026-03-01T12:00:00Z"
[[nodiscard]] std::string utcNow();

/// The data files a recipe names, with hashes and rows as they are now.
[[nodiscard]] std::vector<DataFileFacts> dataFacts(const ParamValues& recipe);
/// The data files of a run, as they were then.
[[nodiscard]] std::vector<DataFileFacts> dataFacts(const DataRecord& record);

/// README.md of an export. Contract: `report` is complete.
[[nodiscard]] std::string exportCard(const ExportSource& source, const ExportFormat& format,
                                     const PartInfo& info, const ExportRequest& request,
                                     const ExportOptions& options, const ExportReport& report);

/// lathe_export.json: what was exported out of what, by SHA-256, and how near the files come to the trained
/// model. `checkDtype`: the precision both computed in. Hashes the base's weights, which takes a while for
/// large ones; files of the hub's cache are known by their hash already. Cancelled by the request's stop.
[[nodiscard]] Result<std::string> exportRecord(const ExportSource& source, const ExportRequest& request,
                                               const ExportReport& report, const std::string& checkDtype);

} // namespace lathe
