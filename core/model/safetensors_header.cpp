#include "core/model/safetensors_header.h"

#include "core/model/file_bytes.h"
#include "core/model/json_walk.h"
#include "core/model/quoted.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>

namespace lathe {

namespace {

constexpr std::uint64_t kMaxHeaderSize = 100'000'000; // the limit of the reference implementation
constexpr std::size_t kMaxTensors =
    250'000; // far above any model; an entry takes three times its text in memory
constexpr std::size_t kMaxMetadata = 65'536;
constexpr std::size_t kMaxDimensions = 64; // LibTorch's limit
constexpr int kMaxDepth = 3;               // {"name": {"shape": [2]}}
constexpr const char* kAgain = "; the file is damaged or not a safetensors file, get it again";

using Kind = JsonEvent::Kind;

/// The header's text. Input error if the file is shorter than the header says.
Result<std::string_view> headerText(std::span<const std::byte> file, const std::string& where) {
    std::uint64_t length = 0;
    if (file.size() < sizeof length)
        return inputError(where, "has " + std::to_string(file.size()) +
                                     " bytes, a safetensors file has at least " +
                                     std::to_string(sizeof length) + kAgain);
    std::memcpy(&length, file.data(), sizeof length);
    if (length > kMaxHeaderSize)
        return inputError(where, "claims a header of " + std::to_string(length) + " bytes, at most " +
                                     std::to_string(kMaxHeaderSize) + " are allowed" + kAgain);
    if (length > file.size() - sizeof length)
        return inputError(where, "is truncated: its header needs " + std::to_string(length + sizeof length) +
                                     " bytes, the file has " + std::to_string(file.size()) +
                                     "; get it again");
    const std::string_view text(reinterpret_cast<const char*>(file.data()) + sizeof length, length);
    if (!text.starts_with('{'))
        return inputError(where, std::string("has a header that does not start with \"{\"") + kAgain);
    return text;
}

/// A list of integers in [0, 2^63) under one key.
struct Counts {
    std::vector<std::int64_t> values;
    bool isThere = false;
    bool isWrong = false;

    void add(const JsonEvent& event) {
        isWrong = isWrong || event.kind != Kind::Count || values.size() == kMaxDimensions ||
                  event.count > std::uint64_t{std::numeric_limits<std::int64_t>::max()};
        if (!isWrong)
            values.push_back(static_cast<std::int64_t>(event.count));
    }
    [[nodiscard]] bool isGood() const { return isThere && !isWrong; }
};

/// Collects the tensors as their description goes by.
class HeaderReader {
public:
    HeaderReader(SafetensorsHeader& header, const std::string& where) : m_header(header), m_where(where) {}

    Status visit(const JsonEvent& event) {
        if (event.depth == 1)
            return event.kind == Kind::Key         ? startItem(event.text)
                   : event.kind == Kind::ObjectEnd ? endItem()
                                                   : checkIsObject(event);
        if (event.depth == 2 && event.kind == Kind::Key)
            return startField(event.text);
        if (event.depth >= 2)
            return m_isMetadata ? addMetadata(event) : addToField(event);
        return ok();
    }

private:
    Error error(const std::string& message) const { return inputError(m_where, message + kAgain); }

    Status startItem(std::string_view name) {
        m_name = name;
        m_isMetadata = name == kSafetensorsMetadataKey;
        if (m_isMetadata ? m_hasMetadata : m_header.entries.contains(m_name))
            return error("names " + inQuotes(name) + " twice");
        if (m_header.entries.size() == kMaxTensors)
            return error("names more than " + std::to_string(kMaxTensors) + " tensors");
        m_hasMetadata = m_hasMetadata || m_isMetadata;
        m_dtype.reset();
        m_shape = {};
        m_range = {};
        return ok();
    }

    Status checkIsObject(const JsonEvent& event) {
        if (event.kind == Kind::ObjectStart)
            return ok();
        return error(m_isMetadata
                         ? "has metadata that is not an object"
                         : "describes tensor " + inQuotes(m_name) + " by something other than an object");
    }

    Status startField(std::string_view name) {
        m_field = name;
        m_counts = name == "shape" ? &m_shape : name == "data_offsets" ? &m_range : nullptr;
        if (m_counts != nullptr && !m_isMetadata) {
            m_counts->isWrong = m_counts->isThere; // the same key twice
            m_counts->isThere = true;
        }
        return ok();
    }

    Status addMetadata(const JsonEvent& event) {
        if (event.kind != Kind::Text)
            return error("has a metadata entry " + inQuotes(m_field) + " that is not text");
        if (m_header.metadata.size() == kMaxMetadata)
            return error("has more than " + std::to_string(kMaxMetadata) + " metadata entries");
        m_header.metadata.emplace(m_field, event.text);
        return ok();
    }

    Status addToField(const JsonEvent& event) {
        if (m_counts != nullptr && event.depth == 3)
            m_counts->add(event);
        else if (m_counts != nullptr && event.kind != Kind::ArrayStart && event.kind != Kind::ArrayEnd)
            m_counts->isWrong = true;
        else if (m_field == "dtype" && event.kind == Kind::Text && event.depth == 2)
            m_dtype = event.text;
        return ok();
    }

    Status endItem() {
        if (m_isMetadata)
            return ok();
        TensorEntry entry;
        LATHE_ASSIGN(entry.dtype, dtype());
        if (!m_shape.isGood())
            return error("gives tensor " + inQuotes(m_name) + " a malformed shape");
        const auto& range = m_range.values;
        if (!m_range.isGood() || range.size() != 2 || range[0] > range[1])
            return error("gives tensor " + inQuotes(m_name) + " a malformed data_offsets");
        entry.shape = std::move(m_shape.values);
        entry.begin = static_cast<std::uint64_t>(range[0]);
        entry.end = static_cast<std::uint64_t>(range[1]);
        const auto size = tensorBytes(entry.shape, entry.dtype);
        if (!size)
            return error("gives tensor " + inQuotes(m_name) + " a shape too large to address");
        if (*size != entry.end - entry.begin)
            return error("gives tensor " + inQuotes(m_name) + " " + std::to_string(entry.end - entry.begin) +
                         " bytes, its shape needs " + std::to_string(*size));
        m_header.entries.emplace(m_name, std::move(entry));
        return ok();
    }

    [[nodiscard]] Result<at::ScalarType> dtype() const {
        if (!m_dtype)
            return error("gives no dtype for tensor " + inQuotes(m_name));
        const auto* known = std::ranges::find(kSafetensorsDtypes, *m_dtype, &DtypeName::name);
        if (known != kSafetensorsDtypes.end())
            return known->dtype;
        std::string names;
        for (const DtypeName& each : kSafetensorsDtypes)
            names += (names.empty() ? "" : ", ") + std::string(each.name);
        return inputError(m_where, "stores tensor " + inQuotes(m_name) + " as " + inQuotes(*m_dtype) +
                                       ", which is not supported (" + names +
                                       " are); convert the model to one of these");
    }

    SafetensorsHeader& m_header;
    const std::string& m_where;
    std::string m_name; // of the tensor, or __metadata__
    std::string m_field;
    bool m_isMetadata = false;
    bool m_hasMetadata = false;
    std::optional<std::string> m_dtype;
    Counts m_shape;
    Counts m_range;
    Counts* m_counts = nullptr; // the list that m_field names
};

/// The tensors must tile the data section: no overlap, no hole, ending where the file ends.
Status checkLayout(const SafetensorsHeader& header, std::uint64_t fileSize, const std::string& where) {
    using Item = std::pair<const std::string, TensorEntry>;
    std::vector<const Item*> sorted;
    sorted.reserve(header.entries.size());
    for (const Item& item : header.entries)
        sorted.push_back(&item);
    std::ranges::sort(sorted, {},
                      [](const Item* item) { return std::pair(item->second.begin, item->second.end); });
    const std::uint64_t dataSize = fileSize - header.dataOffset;
    std::uint64_t position = 0;
    for (const Item* item : sorted) {
        if (item->second.begin != position)
            return inputError(where,
                              "has " + std::string(item->second.begin < position ? "an overlap" : "a hole") +
                                  " before tensor " + inQuotes(item->first) + ": it begins at byte " +
                                  std::to_string(item->second.begin) + " of the data, expected " +
                                  std::to_string(position) + kAgain);
        position = item->second.end;
    }
    if (position > dataSize)
        return inputError(where, "is truncated: its tensors need " +
                                     std::to_string(header.dataOffset + position) + " bytes, the file has " +
                                     std::to_string(fileSize) + "; get it again");
    if (position < dataSize)
        return inputError(where, "has " + std::to_string(fileSize) + " bytes, its tensors end at " +
                                     std::to_string(header.dataOffset + position) + kAgain);
    return ok();
}

} // namespace

Result<SafetensorsHeader> readSafetensorsHeader(std::span<const std::byte> file, const std::string& where) {
    LATHE_ASSIGN(const std::string_view text, headerText(file, where));
    SafetensorsHeader header;
    header.dataOffset = kSafetensorsLengthSize + text.size();
    HeaderReader reader(header, where);
    LATHE_TRY(walkJson(text, where, "a header", kMaxDepth,
                       [&](const JsonEvent& event) { return reader.visit(event); }));
    LATHE_TRY(checkLayout(header, file.size(), where));
    return header;
}

} // namespace lathe
