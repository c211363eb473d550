#include "core/data/cache_file.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lathe {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kBuffer = 1'000'000;
constexpr std::uint64_t kSyncStep = 4'000'000; // well below 200 ms on a slow disk

} // namespace

Result<std::unique_ptr<CacheFileWriter>> CacheFileWriter::create(const fs::path& folder) {
    std::error_code failed;
    fs::create_directories(folder, failed);
    std::string path = (folder / ".part-XXXXXX").string();
    const int descriptor = ::mkostemp(path.data(), O_CLOEXEC);
    if (descriptor < 0)
        return ioError(folder.string(), std::string("cannot be written: ") + std::strerror(errno));
    static_cast<void>(::fchmod(descriptor, 0644)); // mkostemp() makes it for its owner alone
    return std::unique_ptr<CacheFileWriter>(new CacheFileWriter(std::move(path), descriptor));
}

CacheFileWriter::~CacheFileWriter() {
    ::close(m_descriptor);
    if (!m_path.empty())
        ::unlink(m_path.c_str());
}

Error CacheFileWriter::problem(const char* what) const {
    return ioError(m_path.parent_path().string(),
                   std::string("a file of this cache cannot be ") + what + ": " + std::strerror(errno));
}

Status CacheFileWriter::append(std::string_view piece) {
    m_size += piece.size();
    m_waiting += piece;
    return m_waiting.size() < kBuffer ? ok() : flush();
}

Status CacheFileWriter::flush() {
    std::string_view rest = m_waiting;
    while (!rest.empty()) {
        const ssize_t written = ::write(m_descriptor, rest.data(), rest.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return problem("written");
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    m_waiting.clear();
    return ok();
}

Status CacheFileWriter::commit(const fs::path& name, const std::stop_token& stop) {
    LATHE_TRY(flush());
    for (std::uint64_t at = 0; at < m_size; at += kSyncStep) {
        if (stop.stop_requested())
            return Error{Error::Kind::Cancelled, "", "the import was cancelled"};
        // Where a file system cannot do this in steps, fdatasync() below does all of it.
        static_cast<void>(::sync_file_range(
            m_descriptor, static_cast<off_t>(at), static_cast<off_t>(kSyncStep),
            SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER));
    }
    if (::fdatasync(m_descriptor) != 0)
        return problem("written to disk");
    if (::rename(m_path.c_str(), (m_path.parent_path() / name).c_str()) != 0)
        return problem("named");
    m_path.clear();
    return ok();
}

Result<std::unique_ptr<MappedFile>> MappedFile::open(const fs::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat facts {};
    if (descriptor < 0 || ::fstat(descriptor, &facts) != 0) {
        Error error = ioError(file.string(), std::string("cannot be read: ") + std::strerror(errno));
        ::close(descriptor);
        return error;
    }
    const auto size = static_cast<std::size_t>(facts.st_size);
    void* data = size == 0 ? nullptr : ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor, 0);
    ::close(descriptor);
    if (data == MAP_FAILED)
        return ioError(file.string(), std::string("cannot be mapped: ") + std::strerror(errno));
    return std::unique_ptr<MappedFile>(new MappedFile(static_cast<const char*>(data), size));
}

MappedFile::~MappedFile() {
    if (m_data != nullptr)
        ::munmap(const_cast<char*>(m_data), m_size);
}

} // namespace lathe
