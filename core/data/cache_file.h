#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

namespace lathe {

/// A file that is written piece by piece under a temporary name and gets its own name when it is whole and on
/// the disk: after a crash the file is there or not, never a part of it. One thread at a time.
class CacheFileWriter {
public:
    /// Io error if the folder cannot be written.
    [[nodiscard]] static Result<std::unique_ptr<CacheFileWriter>> create(const std::filesystem::path& folder);
    CacheFileWriter(const CacheFileWriter&) = delete;
    CacheFileWriter& operator=(const CacheFileWriter&) = delete;
    ~CacheFileWriter(); ///< removes the file if it was not committed

    [[nodiscard]] std::uint64_t size() const { return m_size; }
    /// Io error if the disk is full.
    [[nodiscard]] Status append(std::string_view piece);
    /// Waits for the disk in small steps, so that it can be told to stop: Cancelled, and there is no file.
    [[nodiscard]] Status commit(const std::filesystem::path& name, const std::stop_token& stop);

private:
    CacheFileWriter(std::filesystem::path path, int descriptor)
        : m_path(std::move(path)), m_descriptor(descriptor) {}
    [[nodiscard]] Status flush();
    [[nodiscard]] Error problem(const char* what) const;

    std::filesystem::path m_path;
    int m_descriptor;
    std::string m_waiting; // not written yet
    std::uint64_t m_size = 0;
};

/// A file mapped to memory for reading, unmapped with its owner. Only for files of the cache, which are
/// replaced and removed but never cut.
class MappedFile {
public:
    [[nodiscard]] static Result<std::unique_ptr<MappedFile>> open(const std::filesystem::path& file);
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile();

    [[nodiscard]] std::string_view content() const { return {m_data, m_size}; }

private:
    MappedFile(const char* data, std::size_t size) : m_data(data), m_size(size) {}

    const char* m_data;
    std::size_t m_size;
};

} // namespace lathe
