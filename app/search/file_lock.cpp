#include "app/search/file_lock.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lathe {

namespace fs = std::filesystem;

namespace {

constexpr mode_t kFileMode = 0644;

fs::path lockFileOf(const fs::path& file) {
    std::error_code problem;
    fs::path path = fs::weakly_canonical(file, problem);
    if (problem)
        path = file;
    path += ".lock";
    return path;
}

/// Whether the open file is still the one of that name: whoever held it before may have removed it.
bool isStillThere(int descriptor, const fs::path& path) {
    struct stat opened {};
    struct stat named {};
    return ::fstat(descriptor, &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
           opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

std::string holderOf(int descriptor) {
    char text[32] = {};
    const ssize_t length = ::pread(descriptor, text, sizeof text - 1, 0);
    return length > 0 ? " (process " + std::string(text, static_cast<std::size_t>(length)) + ")" : "";
}

} // namespace

Result<FileLock> FileLock::take(const fs::path& file) {
    const fs::path path = lockFileOf(file);
    while (true) {
        const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode);
        if (descriptor < 0)
            return ioError(file.string(), std::string("cannot be written: ") + std::strerror(errno));
        FileLock lock(path, descriptor);
        if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
            const std::string holder = holderOf(descriptor);
            ::close(std::exchange(lock.m_descriptor, -1)); // not ours to remove
            return inputError(file.string(), "is in use by another search" + holder +
                                                 "; wait until that has ended, or save elsewhere");
        }
        if (!isStillThere(descriptor, path)) {
            ::close(std::exchange(lock.m_descriptor, -1));
            continue;
        }
        const std::string process = std::to_string(::getpid());
        const bool isTold =
            ::ftruncate(descriptor, 0) == 0 && ::pwrite(descriptor, process.data(), process.size(), 0) > 0;
        static_cast<void>(isTold); // the lock holds without it
        return lock;
    }
}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
    if (this != &other) {
        release();
        m_lockFile = std::move(other.m_lockFile);
        m_descriptor = std::exchange(other.m_descriptor, -1);
    }
    return *this;
}

FileLock::~FileLock() { release(); }

/// Removed while it is still held: nobody can take it in between.
void FileLock::release() {
    if (m_descriptor < 0)
        return;
    ::unlink(m_lockFile.c_str());
    ::close(std::exchange(m_descriptor, -1));
}

bool FileLock::isOf(const fs::path& file) const { return m_lockFile == lockFileOf(file); }

} // namespace lathe
