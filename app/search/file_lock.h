#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <utility>

namespace lathe {

/// That no other process writes a file meanwhile, as long as it asks for the same. Held by a file beside it,
/// "<name>.lock", which goes with the lock; the lock of a process that died is free.
class FileLock {
public:
    /// Does not wait. Input error naming the process that has it; Io error if the folder cannot be written.
    [[nodiscard]] static Result<FileLock> take(const std::filesystem::path& file);

    FileLock(FileLock&& other) noexcept
        : m_lockFile(std::move(other.m_lockFile)), m_descriptor(std::exchange(other.m_descriptor, -1)) {}
    FileLock& operator=(FileLock&& other) noexcept;
    ~FileLock();

    [[nodiscard]] bool isOf(const std::filesystem::path& file) const;

private:
    FileLock(std::filesystem::path lockFile, int descriptor)
        : m_lockFile(std::move(lockFile)), m_descriptor(descriptor) {}
    void release();

    std::filesystem::path m_lockFile;
    int m_descriptor = -1;
};

} // namespace lathe
