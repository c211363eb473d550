#include "core/model/tensor_file.h"

#include "core/base/files.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/ScalarType.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <limits>
#include <optional>
#include <set>
#include <string_view>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lathe {

namespace fs = std::filesystem;
using Json = nlohmann::json;

static_assert(std::endian::native == std::endian::little,
              "safetensors data is mapped as it lies in the file");

struct TensorFile::Mapping {
    explicit Mapping(std::span<const std::byte> mapped) : bytes(mapped) {}
    ~Mapping() { ::munmap(const_cast<std::byte*>(bytes.data()), bytes.size()); }
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;

    std::span<const std::byte> bytes; // the whole file
    std::size_t dataOffset = 0;
};

namespace {

constexpr std::size_t kLengthSize = 8;                // the header length, u64
constexpr std::uint64_t kMaxHeaderSize = 100'000'000; // the limit of the reference implementation
constexpr int kTensorDepth = 2;                       // {"name": {"shape": [...]}} nests no deeper
constexpr const char* kMetadataKey = "__metadata__";
constexpr const char* kAgain = "; the file is damaged or not a safetensors file, get it again";

struct DtypeName {
    std::string_view name;
    at::ScalarType dtype;
};

/// In the order in which the reference implementation writes them: widest first, so that all data is aligned.
constexpr std::array kDtypes{
    DtypeName{"I64", at::ScalarType::Long},      DtypeName{"F64", at::ScalarType::Double},
    DtypeName{"F32", at::ScalarType::Float},     DtypeName{"I32", at::ScalarType::Int},
    DtypeName{"BF16", at::ScalarType::BFloat16}, DtypeName{"F16", at::ScalarType::Half},
    DtypeName{"I16", at::ScalarType::Short},     DtypeName{"I8", at::ScalarType::Char},
    DtypeName{"U8", at::ScalarType::Byte},       DtypeName{"BOOL", at::ScalarType::Bool}};

std::string inQuotes(std::string_view name) { return "\"" + std::string(name) + "\""; }

Result<std::span<const std::byte>> mapWholeFile(const fs::path& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0 && (errno == ENOENT || errno == ENOTDIR))
        return inputError(path.string(), "there is no such file; check the path");
    if (file < 0)
        return ioError(path.string(), std::string("cannot be opened: ") + std::strerror(errno));
    struct stat status {};
    const bool isRegular = ::fstat(file, &status) == 0 && S_ISREG(status.st_mode);
    const auto size = static_cast<std::size_t>(status.st_size);
    if (!isRegular || size < kLengthSize) {
        ::close(file);
        return inputError(path.string(), isRegular ? "has " + std::to_string(size) +
                                                         " bytes, a safetensors file has at least " +
                                                         std::to_string(kLengthSize) + kAgain
                                                   : "is not a regular file; name a safetensors file");
    }
    void* mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
    const int problem = errno;
    ::close(file);
    if (mapped == MAP_FAILED)
        return ioError(path.string(), std::string("cannot be mapped: ") + std::strerror(problem));
    return std::span(static_cast<const std::byte*>(mapped), size);
}

/// The header's text. Input error if the file is shorter than the header says.
Result<std::string_view> headerText(std::span<const std::byte> bytes, const std::string& where) {
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), kLengthSize);
    if (length > kMaxHeaderSize)
        return inputError(where, "claims a header of " + std::to_string(length) + " bytes, at most " +
                                     std::to_string(kMaxHeaderSize) + " are allowed" + kAgain);
    if (length > bytes.size() - kLengthSize)
        return inputError(where, "is truncated: its header needs " + std::to_string(length + kLengthSize) +
                                     " bytes, the file has " + std::to_string(bytes.size()) +
                                     "; get it again");
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + kLengthSize, length);
    if (!text.starts_with('{'))
        return inputError(where, std::string("has a header that does not start with \"{\"") + kAgain);
    return text;
}

/// Parses strictly: no name twice, no nesting beyond what a header needs (which also bounds the memory).
Result<Json> parseHeader(std::string_view text, const std::string& where) {
    std::set<std::string> names;
    std::optional<std::string> problem;
    const auto check = [&](int depth, Json::parse_event_t event, Json& parsed) {
        const bool opens =
            event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
        if (opens && depth > kTensorDepth && !problem)
            problem = "has a header nested more than " + std::to_string(kTensorDepth + 1) + " levels deep";
        if (event == Json::parse_event_t::key && depth == 1 &&
            !names.insert(parsed.get<std::string>()).second)
            problem = "names " + inQuotes(parsed.get<std::string>()) + " twice";
        return !problem;
    };
    try {
        Json header = Json::parse(text.begin(), text.end(), check);
        if (problem)
            return inputError(where, *problem + kAgain);
        return header;
    } catch (const Json::exception& e) {
        const auto* parse = dynamic_cast<const Json::parse_error*>(&e);
        return inputError(where, "has a header that is not valid JSON" +
                                     (parse ? " (byte " + std::to_string(parse->byte) + ")" : std::string()) +
                                     kAgain);
    }
}

Result<std::map<std::string, std::string>> readMetadata(const Json& object, const std::string& where) {
    std::map<std::string, std::string> metadata;
    if (!object.is_object())
        return inputError(where, std::string("has metadata that is not an object") + kAgain);
    for (const auto& [key, value] : object.items()) {
        if (!value.is_string())
            return inputError(where, "has a metadata entry " + inQuotes(key) + " that is not text" + kAgain);
        metadata.emplace(key, value.get<std::string>());
    }
    return metadata;
}

/// A list of integers in [0, 2^63); nothing if it is anything else.
std::optional<std::vector<std::int64_t>> readCounts(const Json& object, const char* key) {
    const auto list = object.find(key);
    if (list == object.end() || !list->is_array())
        return std::nullopt;
    std::vector<std::int64_t> counts;
    for (const Json& item : *list) {
        if (!item.is_number_unsigned() ||
            item.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()})
            return std::nullopt;
        counts.push_back(item.get<std::int64_t>());
    }
    return counts;
}

/// Bytes of a tensor; nothing if a size or a stride would overflow.
std::optional<std::uint64_t> byteSize(const std::vector<std::int64_t>& shape, at::ScalarType dtype) {
    std::int64_t strideSpan = static_cast<std::int64_t>(c10::elementSize(dtype));
    bool isEmpty = false;
    for (const std::int64_t size : shape) {
        isEmpty = isEmpty || size == 0;
        if (__builtin_mul_overflow(strideSpan, std::max<std::int64_t>(size, 1), &strideSpan))
            return std::nullopt;
    }
    return isEmpty ? 0 : static_cast<std::uint64_t>(strideSpan);
}

Result<at::ScalarType> readDtype(const Json& object, const std::string& name, const std::string& where) {
    const auto dtype = object.find("dtype");
    if (dtype == object.end() || !dtype->is_string())
        return inputError(where, "gives no dtype for tensor " + inQuotes(name) + kAgain);
    const auto& text = dtype->get_ref<const std::string&>();
    const auto* known = std::ranges::find(kDtypes, text, &DtypeName::name);
    if (known != kDtypes.end())
        return known->dtype;
    std::string names;
    for (const DtypeName& each : kDtypes)
        names += (names.empty() ? "" : ", ") + std::string(each.name);
    return inputError(where, "stores tensor " + inQuotes(name) + " as " + text +
                                 ", which is not supported (" + names +
                                 " are); convert the model to one of these");
}

Result<TensorEntry> readEntry(const Json& object, const std::string& name, const std::string& where) {
    if (!object.is_object())
        return inputError(where, "describes tensor " + inQuotes(name) + " by something other than an object" +
                                     kAgain);
    TensorEntry entry;
    LATHE_ASSIGN(entry.dtype, readDtype(object, name, where));
    const auto shape = readCounts(object, "shape");
    const auto range = readCounts(object, "data_offsets");
    if (!shape || !range || range->size() != 2 || (*range)[0] > (*range)[1])
        return inputError(where, "gives tensor " + inQuotes(name) + " a malformed " +
                                     (shape ? "data_offsets" : "shape") + kAgain);
    entry.shape = *shape;
    entry.begin = static_cast<std::uint64_t>((*range)[0]);
    entry.end = static_cast<std::uint64_t>((*range)[1]);
    const auto size = byteSize(entry.shape, entry.dtype);
    if (!size)
        return inputError(where, "gives tensor " + inQuotes(name) + " a shape too large to address" + kAgain);
    if (*size != entry.end - entry.begin)
        return inputError(where, "gives tensor " + inQuotes(name) + " " +
                                     std::to_string(entry.end - entry.begin) + " bytes, its shape needs " +
                                     std::to_string(*size) + kAgain);
    return entry;
}

/// The tensors must tile the data section: no overlap, no hole, ending where the file ends.
Status checkLayout(const std::map<std::string, TensorEntry>& entries, std::uint64_t dataSize,
                   std::uint64_t dataOffset, const std::string& where) {
    using Item = std::pair<const std::string, TensorEntry>;
    std::vector<const Item*> sorted;
    for (const Item& item : entries)
        sorted.push_back(&item);
    std::ranges::sort(sorted, {},
                      [](const Item* item) { return std::pair(item->second.begin, item->second.end); });
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
        return inputError(where, "is truncated: its tensors need " + std::to_string(dataOffset + position) +
                                     " bytes, the file has " + std::to_string(dataOffset + dataSize) +
                                     "; get it again");
    if (position < dataSize)
        return inputError(where, "has " + std::to_string(dataOffset + dataSize) +
                                     " bytes, its tensors end at " + std::to_string(dataOffset + position) +
                                     kAgain);
    return ok();
}

} // namespace

Result<TensorFile> TensorFile::open(const fs::path& path) {
    const std::string where = path.string();
    LATHE_ASSIGN(const auto bytes, mapWholeFile(path));
    const auto mapping = std::make_shared<Mapping>(bytes);
    LATHE_ASSIGN(const std::string_view text, headerText(bytes, where));
    LATHE_ASSIGN(const Json header, parseHeader(text, where));
    mapping->dataOffset = kLengthSize + text.size();

    TensorFile file;
    file.m_path = path;
    file.m_mapping = mapping;
    for (const auto& [name, object] : header.items()) {
        if (name == kMetadataKey) {
            LATHE_ASSIGN(file.m_metadata, readMetadata(object, where));
        } else {
            LATHE_ASSIGN(TensorEntry entry, readEntry(object, name, where));
            file.m_entries.emplace(name, std::move(entry));
        }
    }
    LATHE_TRY(checkLayout(file.m_entries, bytes.size() - mapping->dataOffset, mapping->dataOffset, where));
    return file;
}

Result<at::Tensor> TensorFile::tensor(const std::string& name) const {
    const auto found = m_entries.find(name);
    if (found == m_entries.end())
        return inputError(m_path.string(), "has no tensor " + inQuotes(name));
    const TensorEntry& entry = found->second;
    const auto bytes = m_mapping->bytes.subspan(m_mapping->dataOffset + entry.begin, entry.end - entry.begin);
    if (entry.dtype == at::ScalarType::Bool &&
        std::ranges::any_of(bytes, [](std::byte b) { return b > std::byte{1}; }))
        return inputError(m_path.string(),
                          "stores other values than 0 and 1 in the BOOL tensor " + inQuotes(name) + kAgain);
    const auto options = at::TensorOptions().dtype(entry.dtype);
    // Old writers did not pad the header. Misaligned data cannot be used in place.
    const auto alignment = c10::elementSize(entry.dtype);
    if (bytes.empty() || reinterpret_cast<std::uintptr_t>(bytes.data()) % alignment != 0) {
        at::Tensor copy = at::empty(entry.shape, options);
        if (!bytes.empty())
            std::memcpy(copy.mutable_data_ptr(), bytes.data(), bytes.size());
        return copy;
    }
    return at::from_blob(
        const_cast<std::byte*>(bytes.data()), entry.shape, [keep = m_mapping](void*) {}, options);
}

namespace {

struct Planned {
    std::size_t rank; // index in kDtypes
    const NamedTensor* item;
};

Result<std::vector<Planned>> planOrder(const std::vector<NamedTensor>& tensors, const std::string& where) {
    std::vector<Planned> plan;
    std::set<std::string_view> names;
    for (const NamedTensor& item : tensors) {
        if (item.first == kMetadataKey || !item.second.defined())
            return inputError(where, "cannot store a tensor named " + inQuotes(item.first));
        if (!names.insert(item.first).second)
            return inputError(where, "cannot store two tensors named " + inQuotes(item.first));
        const auto* known = std::ranges::find(kDtypes, item.second.scalar_type(), &DtypeName::dtype);
        if (known == kDtypes.end())
            return inputError(where, "cannot store tensor " + inQuotes(item.first) + " of type " +
                                         c10::toString(item.second.scalar_type()));
        plan.push_back({static_cast<std::size_t>(known - kDtypes.begin()), &item});
    }
    std::ranges::sort(plan, {}, [](const Planned& p) { return std::tie(p.rank, p.item->first); });
    return plan;
}

/// Length and JSON, padded with spaces so that the data is aligned.
Result<std::string> buildHeader(const std::vector<Planned>& plan,
                                const std::map<std::string, std::string>& metadata,
                                const std::string& where) {
    nlohmann::ordered_json header;
    auto allMetadata = metadata;
    allMetadata.emplace("format", "pt"); // some versions of transformers refuse files without it
    header[kMetadataKey] = allMetadata;
    std::uint64_t position = 0;
    for (const Planned& planned : plan) {
        const at::Tensor& tensor = planned.item->second;
        const std::uint64_t end = position + tensor.nbytes();
        header[planned.item->first] = {{"dtype", kDtypes[planned.rank].name},
                                       {"shape", tensor.sizes().vec()},
                                       {"data_offsets", {position, end}}};
        position = end;
    }
    try {
        std::string text = header.dump();
        text.resize((text.size() + kLengthSize - 1) / kLengthSize * kLengthSize, ' ');
        const std::uint64_t length = text.size();
        return std::string(reinterpret_cast<const char*>(&length), kLengthSize) + text;
    } catch (const Json::exception&) {
        return inputError(where, "cannot store a tensor name or metadata that is not UTF-8");
    }
}

} // namespace

Status writeTensorFile(const fs::path& path, const std::vector<NamedTensor>& tensors,
                       const std::map<std::string, std::string>& metadata) {
    LATHE_ASSIGN(const auto plan, planOrder(tensors, path.string()));
    LATHE_ASSIGN(const std::string header, buildHeader(plan, metadata, path.string()));
    at::Tensor current; // one tensor at a time is copied to the host, never the whole model
    std::size_t index = 0;
    return writeFileAtomically(path, [&]() -> Result<std::optional<std::string_view>> {
        const std::size_t part = index++;
        if (part == 0)
            return std::optional<std::string_view>(header);
        if (part > plan.size())
            return std::optional<std::string_view>();
        const auto& [name, tensor] = *plan[part - 1].item;
        try {
            current = tensor.detach().to(at::kCPU).contiguous();
        } catch (const std::exception& e) {
            return Error{Error::Kind::Memory, path.string(),
                         "cannot bring tensor " + inQuotes(name) + " to the host: " + e.what()};
        }
        return std::optional(
            std::string_view(static_cast<const char*>(current.const_data_ptr()), current.nbytes()));
    });
}

} // namespace lathe
