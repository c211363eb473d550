#include "core/store/writer_lock.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

namespace lathe {

namespace {

std::string holderOf(int file) {
    std::array<char, 32> text{};
    const ssize_t size = ::pread(file, text.data(), text.size(), 0);
    std::string digits;
    for (ssize_t i = 0;
         i < size && text[static_cast<std::size_t>(i)] >= '0' && text[static_cast<std::size_t>(i)] <= '9';
         ++i)
        digits += text[static_cast<std::size_t>(i)];
    return digits;
}

Status writeHolder(int file, const std::filesystem::path& path) {
    const std::string text = std::to_string(::getpid()) + "\n";
    if (::ftruncate(file, 0) != 0 ||
        ::pwrite(file, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
        return ioError(path.string(), std::string("cannot be written: ") + std::strerror(errno));
    return ok();
}

} // namespace

Result<WriterLock> WriterLock::take(const std::filesystem::path& database) {
    std::filesystem::path path = database;
    path.replace_extension(".lock");
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0)
        return ioError(path.string(),
                       std::string("cannot be written: ") + std::strerror(errno) + "; choose another folder");
    WriterLock lock(file);
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            return ioError(path.string(), std::string("cannot be locked: ") + std::strerror(errno));
        const std::string holder = holderOf(file);
        return Error{Error::Kind::Database, database.string(),
                     "is in use by another Lathe" + (holder.empty() ? "" : " (process " + holder + ")") +
                         "; close it or choose another project folder"};
    }
    LATHE_TRY(writeHolder(file, path));
    return lock;
}

WriterLock::WriterLock(WriterLock&& other) noexcept : m_file(std::exchange(other.m_file, -1)) {}

WriterLock::~WriterLock() {
    if (m_file >= 0)
        ::close(m_file);
}

} // namespace lathe
