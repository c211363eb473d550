#pragma once

#include "core/base/result.h"
#include "core/model/file_bytes.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lathe {

/// A zip archive (APPNOTE.TXT of PKWARE, zip64 included) whose entries are stored as they are, as
/// torch.save() writes them: an entry's bytes are a part of the mapped file. Nothing is ever unpacked to
/// disk.
class ZipArchive {
public:
    struct Entry {
        std::string name;
        std::uint64_t offset = 0; ///< of its data, in bytes from the start of the file
        std::uint64_t size = 0;
    };

    /// Reads the directory and checks every entry against its local header. Input error naming the file and
    /// the entry: no zip archive, truncated, a compressed or encrypted entry, sizes that disagree, entries
    /// that overlap or lie outside the file, the same name twice, a name that leads out of a folder, a link.
    [[nodiscard]] static Result<ZipArchive> open(FileBytes::Shared bytes);

    /// By name.
    [[nodiscard]] const std::vector<Entry>& entries() const { return m_entries; }
    /// Null if there is none of that name.
    [[nodiscard]] const Entry* find(std::string_view name) const;
    [[nodiscard]] std::span<const std::byte> content(const Entry& entry) const {
        return m_bytes->all().subspan(entry.offset, entry.size);
    }
    [[nodiscard]] const FileBytes::Shared& bytes() const { return m_bytes; }

private:
    FileBytes::Shared m_bytes;
    std::vector<Entry> m_entries;
};

} // namespace lathe
