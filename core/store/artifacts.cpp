#include "core/base/files.h"
#include "core/store/study_writer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lathe {

namespace fs = std::filesystem;

namespace {

/// A file's bytes without a copy of them: a fully trained model may be larger than the free memory.
class MappedFile {
public:
    static Result<MappedFile> open(const fs::path& path) {
        const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        struct stat about {};
        if (file < 0 || ::fstat(file, &about) != 0)
            return failed(file, path);
        const auto size = static_cast<std::size_t>(about.st_size);
        void* data = size == 0 ? nullptr : ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
        if (data == MAP_FAILED)
            return failed(file, path);
        ::close(file);
        return MappedFile(static_cast<const char*>(data), size);
    }
    MappedFile(MappedFile&& other) noexcept
        : m_data(std::exchange(other.m_data, nullptr)), m_size(std::exchange(other.m_size, 0)) {}
    MappedFile& operator=(MappedFile&&) = delete;
    ~MappedFile() {
        if (m_data != nullptr)
            ::munmap(const_cast<char*>(m_data), m_size);
    }

    [[nodiscard]] std::string_view bytes() const { return {m_data, m_size}; }

private:
    MappedFile(const char* data, std::size_t size) : m_data(data), m_size(size) {}
    static Error failed(int file, const fs::path& path) {
        const std::string reason = std::strerror(errno);
        if (file >= 0)
            ::close(file);
        return ioError(path.string(), "cannot be read: " + reason);
    }

    const char* m_data;
    std::size_t m_size;
};

} // namespace

Result<std::vector<Artifact>> listArtifacts(const fs::path& folder) {
    std::vector<Artifact> artifacts;
    std::error_code problem;
    for (fs::recursive_directory_iterator it(folder, problem), end; !problem && it != end;
         it.increment(problem)) {
        std::error_code unknown;
        if (!it->is_regular_file(unknown))
            continue;
        LATHE_ASSIGN(const MappedFile file, MappedFile::open(it->path()));
        artifacts.push_back({it->path().lexically_relative(folder).generic_string(),
                             static_cast<std::int64_t>(file.bytes().size()), sha256(file.bytes())});
    }
    if (problem)
        return ioError(folder.string(), "cannot be read: " + problem.message());
    std::ranges::sort(artifacts, {}, &Artifact::path);
    return artifacts;
}

} // namespace lathe
