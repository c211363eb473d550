#include "core/data/dataset_cache.h"

#include "core/base/sha256.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>

namespace lathe {

namespace fs = std::filesystem;

namespace {

// Part of each name, so that a program that reads files in another way makes new entries.
constexpr const char* kVersion = "1";

std::string flag(const std::optional<bool>& given) { return given ? (*given ? "yes" : "no") : "-"; }

std::string sign(const std::optional<char>& given) {
    return given ? std::to_string(static_cast<int>(*given)) : std::string("-");
}

struct Entry {
    std::vector<fs::path> files;
    std::uint64_t bytes = 0;
    fs::file_time_type used = fs::file_time_type::min();
};

/// The folder's entries by the name that their files share.
std::map<std::string, Entry> entriesOf(const fs::path& folder) {
    std::map<std::string, Entry> entries;
    std::error_code failed;
    for (const auto& file : fs::directory_iterator(folder, failed)) {
        const bool isOurs = file.path().extension() == ".rows" || file.path().extension() == ".text";
        const fs::file_time_type used = file.last_write_time(failed);
        if (!isOurs || failed)
            continue;
        Entry& entry = entries[file.path().stem().string()];
        entry.files.push_back(file.path());
        entry.bytes += file.file_size(failed);
        entry.used = std::max(entry.used, used);
    }
    return entries;
}

void removeOldParts(const fs::path& folder) {
    std::error_code failed;
    const auto yesterday = fs::file_time_type::clock::now() - std::chrono::hours(24);
    for (const auto& file : fs::directory_iterator(folder, failed))
        if (file.path().filename().string().starts_with(".part-") && file.last_write_time(failed) < yesterday)
            fs::remove(file.path(), failed);
}

} // namespace

fs::path datasetCacheFolder() {
    if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/')
        return fs::path(cache) / "lathe" / "datasets";
    const char* home = std::getenv("HOME");
    return (home != nullptr ? fs::path(home) : fs::temp_directory_path()) / ".cache" / "lathe" / "datasets";
}

std::string CacheKey::prefix() const {
    return "v" + std::string(kVersion) + "-" + std::to_string(fileSize) + "-" + optionsHash + "-";
}

std::string CacheKey::indexName() const { return prefix() + sha256.substr(0, 32) + ".rows"; }

std::string CacheKey::textName() const { return prefix() + sha256.substr(0, 32) + ".text"; }

std::string hashOfOptions(const ImportOptions& options, std::string_view ending) {
    std::string text(ending);
    text += '\n' + options.reader.value_or("-") + '\n';
    text += options.encoding ? encodingName(*options.encoding) : "-";
    text += '\n' + sign(options.delimiter) + '\n' + sign(options.quote) + '\n' + flag(options.hasHeader) +
            '\n' + options.arrayKey.value_or("-") + '\n' + flag(options.isCutAtBlankLines);
    return sha256(text).substr(0, 12);
}

bool hasCandidate(const fs::path& folder, const std::string& prefix) {
    std::error_code failed;
    for (const auto& file : fs::directory_iterator(folder, failed))
        if (file.path().filename().string().starts_with(prefix) && file.path().extension() == ".rows")
            return true;
    return false;
}

Cleanup cleanUp(const fs::path& folder, std::uint64_t limit, const CacheKey& kept) {
    removeOldParts(folder);
    std::map<std::string, Entry> byName = entriesOf(folder);
    std::uint64_t bytes = 0;
    for (const auto& [name, entry] : byName)
        bytes += entry.bytes;
    byName.erase(fs::path(kept.indexName()).stem().string());
    std::vector<Entry> oldestFirst;
    for (auto& [name, entry] : byName)
        oldestFirst.push_back(std::move(entry));
    std::sort(oldestFirst.begin(), oldestFirst.end(),
              [](const Entry& a, const Entry& b) { return a.used < b.used; });
    Cleanup done;
    for (const Entry& entry : oldestFirst) {
        if (bytes <= limit)
            break;
        std::error_code failed;
        for (const fs::path& file : entry.files)
            fs::remove(file, failed);
        bytes -= entry.bytes;
        done.bytes += entry.bytes;
        ++done.entries;
    }
    return done;
}

} // namespace lathe
