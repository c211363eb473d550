#include "core/model/zip_archive.h"

#include "core/model/quoted.h"

#include <algorithm>
#include <cstring>
#include <optional>

namespace lathe {

namespace {

// Sizes and signatures of APPNOTE.TXT, section 4.3.
constexpr std::uint32_t kLocalSignature = 0x04034b50;
constexpr std::uint32_t kCentralSignature = 0x02014b50;
constexpr std::uint32_t kEndSignature = 0x06054b50;
constexpr std::uint32_t kEnd64Signature = 0x06064b50;
constexpr std::uint32_t kLocator64Signature = 0x07064b50;
constexpr std::size_t kLocalSize = 30;
constexpr std::size_t kCentralSize = 46;
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kEnd64Size = 56;
constexpr std::size_t kLocator64Size = 20;
constexpr std::size_t kMaxComment = 0xffff;
constexpr std::uint32_t kIn64 = 0xffffffff; // the value is in the zip64 field
constexpr std::uint16_t kField64 = 0x0001;
constexpr std::uint16_t kEncrypted = 1U << 0U;
constexpr std::uint16_t kSizesFollow = 1U << 3U; // the local header leaves them zero
constexpr std::uint32_t kUnixTypeMask = 0xf000;
constexpr std::uint32_t kUnixLink = 0xa000;
constexpr std::uint16_t kMadeOnUnix = 3;
constexpr const char* kAgain = "; the file is damaged, get it again";

using Bytes = std::span<const std::byte>;

/// Contract: the value lies inside.
template <typename T>
T read(Bytes bytes, std::size_t at) {
    T value{};
    LATHE_EXPECT(at <= bytes.size() && sizeof value <= bytes.size() - at);
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

bool holds(Bytes bytes, std::uint64_t at, std::uint64_t size) {
    return at <= bytes.size() && size <= bytes.size() - at;
}

std::string_view textAt(Bytes bytes, std::size_t at, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes.data()) + at, size};
}

/// Where the list of entries is.
struct Directory {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::uint64_t count = 0;
};

/// The end record, which only a comment may follow.
std::optional<std::size_t> findEnd(Bytes file) {
    if (file.size() < kEndSize)
        return std::nullopt;
    const std::size_t last = file.size() - kEndSize;
    const std::size_t first = last - std::min(last, kMaxComment);
    for (std::size_t at = last + 1; at-- > first;)
        if (read<std::uint32_t>(file, at) == kEndSignature &&
            at + kEndSize + read<std::uint16_t>(file, at + 20) == file.size())
            return at;
    return std::nullopt;
}

Result<Directory> readDirectory64(Bytes file, std::size_t locator, const std::string& where) {
    const auto at = read<std::uint64_t>(file, locator + 8);
    if (!holds(file.first(locator), at, kEnd64Size) || read<std::uint32_t>(file, at) != kEnd64Signature)
        return inputError(where, std::string("has a zip64 end record outside of the file") + kAgain);
    return Directory{read<std::uint64_t>(file, at + 48), read<std::uint64_t>(file, at + 40),
                     read<std::uint64_t>(file, at + 32)};
}

Result<Directory> findDirectory(Bytes file, const std::string& where) {
    const auto end = findEnd(file);
    if (!end)
        return inputError(where, "is truncated or not a zip archive: its end record is missing among " +
                                     std::to_string(file.size()) + " bytes; get it again");
    Directory directory{read<std::uint32_t>(file, *end + 16), read<std::uint32_t>(file, *end + 12),
                        read<std::uint16_t>(file, *end + 10)};
    if (*end >= kLocator64Size && read<std::uint32_t>(file, *end - kLocator64Size) == kLocator64Signature) {
        LATHE_ASSIGN(directory, readDirectory64(file, *end - kLocator64Size, where));
    }
    if (!holds(file.first(*end), directory.offset, directory.size))
        return inputError(where, "has a directory of " + std::to_string(directory.size) + " bytes at byte " +
                                     std::to_string(directory.offset) + ", outside of its " +
                                     std::to_string(file.size()) + " bytes" + kAgain);
    if (directory.count > directory.size / kCentralSize)
        return inputError(where, "has a truncated directory: " + std::to_string(directory.count) +
                                     " entries do not fit in " + std::to_string(directory.size) + " bytes" +
                                     kAgain);
    return directory;
}

/// A name as torch.save() gives: relative, of plain parts.
bool isPlainName(std::string_view name) {
    if (name.empty() || name.front() == '/' || name.find_first_of(std::string_view("\\:\0", 3)) != name.npos)
        return false;
    while (!name.empty()) {
        const std::string_view part = name.substr(0, name.find('/'));
        if (part == ".." || part == ".")
            return false;
        name.remove_prefix(std::min(name.size(), part.size() + 1));
    }
    return true;
}

/// The sizes of one header. Values of 0xffffffff stand in the zip64 field instead, in this order.
struct Sizes {
    std::uint64_t plain = 0;
    std::uint64_t packed = 0;
    std::uint64_t offset = 0; // of the local header; not used in one

    /// False if the field is not there or too short.
    bool take64(Bytes extra) {
        if (plain != kIn64 && packed != kIn64 && offset != kIn64)
            return true;
        for (std::size_t at = 0; holds(extra, at, 4);) {
            const std::size_t size = read<std::uint16_t>(extra, at + 2);
            if (!holds(extra, at + 4, size))
                return false;
            if (read<std::uint16_t>(extra, at) == kField64)
                return takeFrom(extra.subspan(at + 4, size));
            at += 4 + size;
        }
        return false;
    }

private:
    bool takeFrom(Bytes field) {
        for (std::uint64_t* value : {&plain, &packed, &offset})
            if (*value == kIn64) {
                if (field.size() < sizeof *value)
                    return false;
                *value = read<std::uint64_t>(field, 0);
                field = field.subspan(sizeof *value);
            }
        return true;
    }
};

/// An entry while it is checked.
struct Candidate {
    ZipArchive::Entry entry;
    std::uint64_t header = 0; // offset of the local header
};

class DirectoryReader {
public:
    DirectoryReader(Bytes file, Directory directory, const std::string& where)
        : m_file(file),
          m_directory(directory),
          m_list(file.subspan(directory.offset, directory.size)),
          m_where(where) {}

    Result<std::vector<ZipArchive::Entry>> entries() {
        std::vector<Candidate> all;
        all.reserve(m_directory.count);
        for (std::uint64_t i = 0; i < m_directory.count; ++i) {
            LATHE_ASSIGN(Candidate next, readNext());
            LATHE_TRY(locate(next));
            all.push_back(std::move(next));
        }
        if (m_at != m_list.size())
            return error("has " + std::to_string(m_list.size() - m_at) + " bytes behind the " +
                         std::to_string(m_directory.count) + " entries of its directory");
        LATHE_TRY(checkOverlaps(all));
        return sorted(std::move(all));
    }

private:
    [[nodiscard]] Error error(const std::string& message) const {
        return inputError(m_where, message + kAgain);
    }

    Result<Candidate> readNext() {
        if (!holds(m_list, m_at, kCentralSize) || read<std::uint32_t>(m_list, m_at) != kCentralSignature)
            return error("has a truncated directory: an entry is missing at byte " +
                         std::to_string(m_directory.offset + m_at));
        const Bytes header = m_list.subspan(m_at);
        const std::size_t nameSize = read<std::uint16_t>(header, 28);
        const std::size_t extraSize = read<std::uint16_t>(header, 30);
        const std::size_t size = kCentralSize + nameSize + extraSize + read<std::uint16_t>(header, 32);
        if (size > header.size())
            return error("has a truncated directory: its entry at byte " +
                         std::to_string(m_directory.offset + m_at) + " needs " + std::to_string(size) +
                         " bytes");
        m_at += size;
        Sizes sizes{read<std::uint32_t>(header, 24), read<std::uint32_t>(header, 20),
                    read<std::uint32_t>(header, 42)};
        Candidate next;
        next.entry.name = textAt(header, kCentralSize, nameSize);
        LATHE_TRY(checkKind(header, next.entry.name));
        if (!sizes.take64(header.subspan(kCentralSize + nameSize, extraSize)))
            return error("has an entry " + inQuotes(next.entry.name) + " without its zip64 sizes");
        if (sizes.packed != sizes.plain)
            return error("has a stored entry " + inQuotes(next.entry.name) + " of " +
                         std::to_string(sizes.packed) + " bytes that claims to hold " +
                         std::to_string(sizes.plain));
        next.entry.size = sizes.plain;
        next.header = sizes.offset;
        return next;
    }

    Status checkKind(Bytes header, const std::string& name) {
        const auto flags = read<std::uint16_t>(header, 8);
        const auto method = read<std::uint16_t>(header, 10);
        const std::uint32_t type = read<std::uint32_t>(header, 38) >> 16U & kUnixTypeMask;
        if (!isPlainName(name))
            return inputError(m_where, "has an entry named " + inQuotes(name) +
                                           ", which leads out of the archive; do not trust this file");
        if (read<std::uint16_t>(header, 4) >> 8U == kMadeOnUnix && type == kUnixLink)
            return inputError(m_where,
                              "has an entry " + inQuotes(name) +
                                  " that is a link, which a checkpoint never holds; do not trust this file");
        if ((flags & kEncrypted) != 0)
            return inputError(m_where,
                              "has an encrypted entry " + inQuotes(name) + "; save it without encryption");
        if (method != 0)
            return inputError(
                m_where, "has a compressed entry " + inQuotes(name) + " (method " + std::to_string(method) +
                             "), torch.save() stores them as they are; write the file anew with it");
        return ok();
    }

    /// Finds the data behind the local header, which has to say the same as the directory.
    Status locate(Candidate& next) {
        const std::string name = inQuotes(next.entry.name);
        const Bytes before = m_file.first(m_directory.offset); // where entries may lie
        if (!holds(before, next.header, kLocalSize) ||
            read<std::uint32_t>(m_file, next.header) != kLocalSignature)
            return error("has an entry " + name + " without a header at byte " + std::to_string(next.header));
        const Bytes header = before.subspan(next.header);
        const std::size_t nameSize = read<std::uint16_t>(header, 26);
        const std::size_t extraSize = read<std::uint16_t>(header, 28);
        const std::size_t headerSize = kLocalSize + nameSize + extraSize;
        if (!holds(header, headerSize, next.entry.size))
            return error("has an entry " + name + " of " + std::to_string(next.entry.size) +
                         " bytes at byte " + std::to_string(next.header) + ", outside of the file's " +
                         std::to_string(m_file.size()));
        if (textAt(header, kLocalSize, nameSize) != next.entry.name)
            return error("has an entry " + name + " whose own header names it " +
                         inQuotes(textAt(header, kLocalSize, nameSize)));
        next.entry.offset = next.header + headerSize;
        return checkLocalSizes(header, header.subspan(kLocalSize + nameSize, extraSize), next.entry);
    }

    Status checkLocalSizes(Bytes header, Bytes extra, const ZipArchive::Entry& entry) {
        Sizes sizes{read<std::uint32_t>(header, 22), read<std::uint32_t>(header, 18), 0};
        const bool mayBeZero = (read<std::uint16_t>(header, 6) & kSizesFollow) != 0;
        const bool isComplete = sizes.take64(extra);
        const auto agrees = [&](std::uint64_t size) {
            return size == entry.size || (mayBeZero && size == 0);
        };
        if (!isComplete || !agrees(sizes.plain) || !agrees(sizes.packed) ||
            read<std::uint16_t>(header, 8) != 0)
            return error("has an entry " + inQuotes(entry.name) + " of " + std::to_string(entry.size) +
                         " bytes whose own header disagrees (" + std::to_string(sizes.plain) + " bytes)");
        return ok();
    }

    Status checkOverlaps(std::vector<Candidate>& all) {
        std::ranges::sort(all, {}, &Candidate::header);
        std::uint64_t position = 0;
        const Candidate* previous = nullptr;
        for (const Candidate& next : all) {
            if (next.header < position)
                return error("has entries that overlap: " + inQuotes(previous->entry.name) + " and " +
                             inQuotes(next.entry.name));
            position = next.entry.offset + next.entry.size;
            previous = &next;
        }
        return ok();
    }

    Result<std::vector<ZipArchive::Entry>> sorted(std::vector<Candidate> all) {
        std::vector<ZipArchive::Entry> entries;
        entries.reserve(all.size());
        for (Candidate& each : all)
            entries.push_back(std::move(each.entry));
        std::ranges::sort(entries, {}, &ZipArchive::Entry::name);
        const auto twice = std::ranges::adjacent_find(entries, {}, &ZipArchive::Entry::name);
        if (twice != entries.end())
            return error("has two entries named " + inQuotes(twice->name));
        return entries;
    }

    Bytes m_file;
    Directory m_directory;
    Bytes m_list; // the directory's bytes
    const std::string& m_where;
    std::size_t m_at = 0; // in m_list
};

} // namespace

Result<ZipArchive> ZipArchive::open(FileBytes::Shared bytes) {
    LATHE_ASSIGN(const Directory directory, findDirectory(bytes->all(), bytes->name()));
    ZipArchive archive;
    LATHE_ASSIGN(archive.m_entries, DirectoryReader(bytes->all(), directory, bytes->name()).entries());
    archive.m_bytes = std::move(bytes);
    return archive;
}

const ZipArchive::Entry* ZipArchive::find(std::string_view name) const {
    const auto at = std::ranges::lower_bound(m_entries, name, {}, &Entry::name);
    return at != m_entries.end() && at->name == name ? &*at : nullptr;
}

} // namespace lathe
