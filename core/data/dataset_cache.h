#pragma once

#include "core/data/import_format.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace lathe {

/// Where large data files have their index: $XDG_CACHE_HOME/lathe/datasets, by default
/// ~/.cache/lathe/datasets. Everything in it can be made again.
[[nodiscard]] std::filesystem::path datasetCacheFolder();

/// What an entry is found by: the file's size and content, and how it is to be read.
struct CacheKey {
    std::uint64_t fileSize = 0;
    std::string optionsHash;
    std::string sha256;

    /// Without the content, for which the whole file must be read.
    [[nodiscard]] std::string prefix() const;
    [[nodiscard]] std::string indexName() const; ///< of the file with the places of the rows
    [[nodiscard]] std::string textName() const;  ///< of the file with the rows, where the source does not do
};

/// A hash of what in the options changes how a file of that ending is read.
[[nodiscard]] std::string hashOfOptions(const ImportOptions& options, std::string_view ending);

/// True if a file of that size was read so before.
[[nodiscard]] bool hasCandidate(const std::filesystem::path& folder, const std::string& prefix);

struct Cleanup {
    std::size_t entries = 0;
    std::uint64_t bytes = 0;
};
/// Removes the entries that were used longest ago until the folder is below `limit`, but never `kept`; and
/// what an import that crashed more than a day ago has left. Tables that use a removed entry keep it until
/// they go.
[[nodiscard]] Cleanup cleanUp(const std::filesystem::path& folder, std::uint64_t limit, const CacheKey& kept);

} // namespace lathe
