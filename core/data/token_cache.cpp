#include "core/data/token_cache.h"

#include "core/base/files.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>

namespace lathe {

namespace fs = std::filesystem;

namespace {

constexpr const char* kEnding = ".examples";

struct CacheFile {
    fs::path path;
    fs::file_time_type used;
    std::uint64_t bytes = 0;
};

/// "x.examples.part123-4" of a process that is gone.
bool isLeftOver(const fs::path& path) {
    const std::string name = path.filename().string();
    const auto at = name.rfind(".part");
    if (at == std::string::npos || name.find(kEnding) == std::string::npos)
        return false;
    pid_t process = 0;
    std::from_chars(name.data() + at + 5, name.data() + name.size(), process);
    return process > 0 && ::kill(process, 0) != 0 && errno == ESRCH;
}

} // namespace

fs::path tokenCacheFolder() {
    if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/')
        return fs::path(cache) / "lathe" / "tokens";
    const char* home = std::getenv("HOME");
    return (home != nullptr ? fs::path(home) : fs::temp_directory_path()) / ".cache" / "lathe" / "tokens";
}

fs::path TokenCache::fileOf(const std::string& key) const { return m_settings.folder / (key + kEnding); }

std::optional<StoredExamples> TokenCache::find(const std::string& key) const {
    std::error_code problem;
    const fs::path file = fileOf(key);
    if (!isOn() || !fs::exists(file, problem))
        return std::nullopt;
    auto stored = openExampleFile(file);
    if (!stored) {
        if (stored.error().kind == Error::Kind::Input)
            fs::remove(file, problem);
        return std::nullopt;
    }
    ::utimensat(AT_FDCWD, file.c_str(), nullptr, 0); // access times of the system are often off
    return std::move(*stored);
}

Result<StoredExamples>
TokenCache::store(const std::string& key,
                  const std::function<Result<ExampleFacts>(ExampleFileWriter&)>& write) const {
    LATHE_EXPECT(isOn());
    LATHE_TRY(ensureWritableFolder(m_settings.folder));
    LATHE_ASSIGN(ExampleFileWriter writer, ExampleFileWriter::begin(fileOf(key)));
    LATHE_ASSIGN(const ExampleFacts facts, write(writer));
    LATHE_TRY(writer.finish(facts));
    auto stored = openExampleFile(fileOf(key));
    removeOldest();
    return stored;
}

void TokenCache::removeOldest() const {
    std::vector<CacheFile> files;
    std::uint64_t bytes = 0;
    std::error_code problem;
    for (fs::directory_iterator it(m_settings.folder, problem), end; !problem && it != end;
         it.increment(problem)) {
        std::error_code gone; // another process may remove files at the same time
        if (isLeftOver(it->path()))
            fs::remove(it->path(), gone);
        else if (it->path().extension() == kEnding && it->is_regular_file(gone))
            files.push_back({it->path(), it->last_write_time(gone), it->file_size(gone)});
        bytes += !files.empty() && files.back().path == it->path() ? files.back().bytes : 0;
    }
    std::ranges::sort(files, {}, &CacheFile::used);
    for (const CacheFile& file : files) {
        if (bytes <= m_settings.maxBytes)
            return;
        fs::remove(file.path, problem);
        bytes -= file.bytes;
    }
}

} // namespace lathe
