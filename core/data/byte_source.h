#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace lathe {

/// An open file, closed with its owner. Reading at a place is safe from several threads at once.
class OpenFile {
public:
    OpenFile() = default;
    OpenFile(OpenFile&& other) noexcept;
    OpenFile& operator=(OpenFile&& other) noexcept;
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    ~OpenFile();

    /// Input error if it does not exist, is a folder or cannot be read.
    [[nodiscard]] static Result<OpenFile> forReading(const std::filesystem::path& file);

    [[nodiscard]] std::uint64_t size() const { return m_size; }
    /// Fills `into` from `offset` on; fewer bytes only at the end of the file.
    [[nodiscard]] Result<std::size_t> readAt(std::uint64_t offset, std::span<char> into) const;
    /// False once the file was changed in place since it was opened.
    [[nodiscard]] bool isUnchanged() const;

private:
    std::filesystem::path m_path;
    int m_descriptor = -1;
    std::uint64_t m_size = 0;
    std::int64_t m_changedNs = 0;
};

/// Bytes that come one after the other.
class ByteSource {
public:
    virtual ~ByteSource() = default;
    /// Fills `into`; fewer bytes only at the end, 0 at the end. Io or Input error.
    [[nodiscard]] virtual Result<std::size_t> read(std::span<char> into) = 0;
    /// How many bytes of the file have been taken, for a progress bar.
    [[nodiscard]] virtual std::uint64_t taken() const = 0;
};

/// The bytes of `file` from `from` on, as they are; the file outlives the source.
[[nodiscard]] std::unique_ptr<ByteSource> plainBytes(const OpenFile& file, std::uint64_t from = 0);
/// The same, decompressed (gzip, RFC 1952, several members one after the other). Input error where the
/// compressed data is broken or ends too early.
[[nodiscard]] std::unique_ptr<ByteSource> gunzippedBytes(const OpenFile& file, std::string name);
} // namespace lathe
