#pragma once

#include "core/base/result.h"

#include <filesystem>

namespace lathe {

/// Held by the one process that may write a database: an advisory lock (flock) on a file beside it,
/// `lathe.db` → `lathe.lock`, which holds the process number. The system drops the lock when the process
/// ends, however it ends; the file stays, because removing it would let two processes lock two files of one
/// name.
class WriterLock {
public:
    /// Database error naming the process that holds it; Io error if the folder cannot be written.
    [[nodiscard]] static Result<WriterLock> take(const std::filesystem::path& database);

    WriterLock(WriterLock&& other) noexcept;
    WriterLock& operator=(WriterLock&&) = delete;
    ~WriterLock();

private:
    explicit WriterLock(int file) : m_file(file) {}
    int m_file;
};

} // namespace lathe
