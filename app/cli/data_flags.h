#pragma once

#include "core/base/result.h"
#include "core/data/import_format.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace CLI {
class App;
} // namespace CLI

namespace lathe {

/// What the command line says about a data file; empty where it says nothing.
struct DataFlags {
    std::string format;
    std::string encoding;
    std::string delimiter;
    std::string quote;
    std::string header;
    std::string array;
    std::string cutText;
};

void addDataFlags(CLI::App& command, DataFlags& flags);
/// Input error for a name that is not known.
[[nodiscard]] Result<ImportOptions> importOptions(const DataFlags& flags);

/// What was detected, for people: what, the value, and how sure that is.
[[nodiscard]] std::vector<std::vector<std::string>> formatLines(const DetectedFormat& format);
/// The same for machines.
[[nodiscard]] nlohmann::ordered_json formatJson(const DetectedFormat& format);

} // namespace lathe
