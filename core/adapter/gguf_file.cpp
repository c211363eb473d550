#include "core/adapter/gguf_file.h"

#include "core/base/files.h"
#include "core/model/file_bytes.h"
#include "core/model/quoted.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string_view>
#include <type_traits>

namespace lathe {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kMagic{"GGUF"};
constexpr std::uint32_t kVersion = 3;
constexpr std::size_t kLongestName = 63; // GGML_MAX_NAME less its NUL
constexpr std::uint32_t kMostDimensions = 4;
constexpr std::size_t kSmallestFile = 24;
constexpr const char* kAlignmentKey = "general.alignment";

// gguf_metadata_value_type
enum class ValueType : std::uint32_t { U32 = 4, F32 = 6, Bool = 7, String = 8, Array = 9 };
constexpr std::array<std::size_t, 13> kValueSizes{1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8}; // 0: not fixed

// ggml_type
struct TensorType {
    std::uint32_t code;
    at::ScalarType dtype;
};
constexpr std::array kTensorTypes{TensorType{0, at::ScalarType::Float}, TensorType{1, at::ScalarType::Half},
                                  TensorType{30, at::ScalarType::BFloat16}};

std::uint64_t aligned(std::uint64_t size, std::uint64_t alignment) {
    return (size + alignment - 1) / alignment * alignment;
}

class Writer {
public:
    template <typename T>
    void number(T value) {
        static_assert(std::is_trivially_copyable_v<T>);
        m_bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    void text(std::string_view value) {
        number<std::uint64_t>(value.size());
        m_bytes += value;
    }
    void value(std::uint32_t x) { typed(ValueType::U32, x); }
    void value(float x) { typed(ValueType::F32, x); }
    void value(bool x) { typed(ValueType::Bool, static_cast<std::uint8_t>(x)); }
    void value(const std::string& x) {
        number(ValueType::String);
        text(x);
    }
    void raw(std::string_view bytes) { m_bytes += bytes; }
    void pad() { m_bytes.resize(aligned(m_bytes.size(), kGgufAlignment), '\0'); }
    [[nodiscard]] const std::string& bytes() const { return m_bytes; }

private:
    template <typename T>
    void typed(ValueType type, T x) {
        number(type);
        number(x);
    }
    std::string m_bytes;
};

Result<std::uint32_t> typeCode(const NamedTensor& tensor, const std::string& where) {
    const auto* known = std::ranges::find(kTensorTypes, tensor.second.scalar_type(), &TensorType::dtype);
    if (tensor.first.size() > kLongestName)
        return inputError(where, "cannot hold the tensor name " + inQuotes(tensor.first) +
                                     ", which has more than " + std::to_string(kLongestName) + " bytes");
    if (known == kTensorTypes.end() || tensor.second.dim() > kMostDimensions)
        return inputError(where, "cannot hold the tensor " + inQuotes(tensor.first) + " of type " +
                                     c10::toString(tensor.second.scalar_type()) + " with " +
                                     std::to_string(tensor.second.dim()) + " dimensions");
    return known->code;
}

/// Reads numbers and texts, and remembers whether the file was long enough.
class Reader {
public:
    explicit Reader(std::string_view bytes) : m_bytes(bytes) {}

    template <typename T>
    T number() {
        T value{};
        const std::string_view raw = take(sizeof value);
        if (!m_isCut)
            std::memcpy(&value, raw.data(), sizeof value);
        return value;
    }
    std::string text() { return std::string(take(number<std::uint64_t>())); }
    std::string_view take(std::uint64_t size) {
        if (size > m_bytes.size() - m_position) {
            m_isCut = true;
            return {};
        }
        const std::string_view part = m_bytes.substr(m_position, size);
        m_position += size;
        return part;
    }
    /// A value, or nothing for a type that is passed over.
    std::optional<GgufValue> value() {
        const auto type = number<std::uint32_t>();
        switch (static_cast<ValueType>(type)) {
        case ValueType::U32:
            return number<std::uint32_t>();
        case ValueType::F32:
            return number<float>();
        case ValueType::Bool:
            return number<std::uint8_t>() != 0;
        case ValueType::String:
            return text();
        case ValueType::Array:
            skipArray();
            return std::nullopt;
        }
        skip(type);
        return std::nullopt;
    }
    [[nodiscard]] bool isCut() const { return m_isCut; }
    [[nodiscard]] std::uint64_t position() const { return m_position; }

private:
    void skip(std::uint32_t type) {
        if (type >= kValueSizes.size() || kValueSizes[type] == 0)
            m_isCut = true; // nobody knows how long it is
        else
            take(kValueSizes[type]);
    }
    void skipArray() {
        const auto type = number<std::uint32_t>();
        const auto count = number<std::uint64_t>();
        const bool isText = static_cast<ValueType>(type) == ValueType::String;
        for (std::uint64_t i = 0; i < count && !m_isCut; ++i)
            isText ? static_cast<void>(take(number<std::uint64_t>())) : skip(type);
    }

    std::string_view m_bytes;
    std::uint64_t m_position = 0;
    bool m_isCut = false;
};

/// One line of the list of tensors.
struct TensorInfo {
    std::string name;
    std::vector<std::int64_t> shape; // row-major
    std::uint32_t type = 0;
    std::uint64_t offset = 0;
};

Result<TensorInfo> readInfo(Reader& reader, const std::string& where) {
    TensorInfo info;
    info.name = reader.text();
    const auto dimensions = reader.number<std::uint32_t>();
    if (dimensions > kMostDimensions)
        return inputError(where, "tensor " + inQuotes(info.name) + " has " + std::to_string(dimensions) +
                                     " dimensions; ggml knows at most four");
    for (std::uint32_t i = 0; i < dimensions; ++i)
        info.shape.insert(info.shape.begin(), static_cast<std::int64_t>(reader.number<std::uint64_t>()));
    info.type = reader.number<std::uint32_t>();
    info.offset = reader.number<std::uint64_t>();
    return info;
}

Result<NamedTensor> readTensor(const TensorInfo& info, const FileBytes::Shared& bytes, std::uint64_t data) {
    const auto* known = std::ranges::find(kTensorTypes, info.type, &TensorType::code);
    if (known == kTensorTypes.end())
        return inputError(bytes->name(), "tensor " + inQuotes(info.name) + " has the ggml type " +
                                             std::to_string(info.type) + "; only F32, F16 and BF16 are read");
    const bool isNegative = std::ranges::any_of(info.shape, [](std::int64_t size) { return size < 0; });
    const auto size = isNegative ? std::nullopt : tensorBytes(info.shape, known->dtype);
    const std::uint64_t space = bytes->all().size() - data;
    if (!size || info.offset > space || *size > space - info.offset)
        return inputError(bytes->name(), "tensor " + inQuotes(info.name) + " lies outside of the file");
    LATHE_ASSIGN(at::Tensor tensor,
                 tensorAt(bytes, {known->dtype, info.shape, {}, data + info.offset}, info.name));
    return NamedTensor{info.name, std::move(tensor)};
}

} // namespace

const GgufValue* GgufFile::find(const std::string& key) const {
    const auto found = std::ranges::find(values, key, &std::pair<std::string, GgufValue>::first);
    return found == values.end() ? nullptr : &found->second;
}

Status writeGguf(const fs::path& path, const GgufFile& content) {
    Writer writer;
    writer.raw(kMagic);
    writer.number(kVersion);
    writer.number<std::uint64_t>(content.tensors.size());
    writer.number<std::uint64_t>(content.values.size());
    for (const auto& [key, value] : content.values) {
        writer.text(key);
        std::visit([&writer](const auto& each) { writer.value(each); }, value);
    }
    std::uint64_t offset = 0;
    for (const NamedTensor& each : content.tensors) {
        LATHE_ASSIGN(const std::uint32_t type, typeCode(each, path.string()));
        const at::IntArrayRef shape = each.second.sizes();
        writer.text(each.first);
        writer.number(static_cast<std::uint32_t>(shape.size()));
        for (auto size = shape.rbegin(); size != shape.rend(); ++size)
            writer.number(static_cast<std::uint64_t>(*size));
        writer.number(type);
        writer.number(offset);
        offset += aligned(each.second.nbytes(), kGgufAlignment);
    }
    writer.pad();
    std::size_t part = 0;
    std::string padded;
    return writeFileAtomically(path, [&]() -> Result<std::optional<std::string_view>> {
        const std::size_t number = part++;
        if (number == 0)
            return std::optional<std::string_view>(writer.bytes());
        if (number > content.tensors.size())
            return std::optional<std::string_view>();
        const at::Tensor plain = content.tensors[number - 1].second.detach().to(at::kCPU).contiguous();
        padded.assign(static_cast<const char*>(plain.const_data_ptr()), plain.nbytes());
        padded.resize(aligned(padded.size(), kGgufAlignment), '\0');
        return std::optional<std::string_view>(padded);
    });
}

Result<GgufFile> readGguf(const fs::path& path) {
    LATHE_ASSIGN(const FileBytes::Shared bytes, FileBytes::map(path, "a GGUF file", kSmallestFile));
    const std::string& where = bytes->name();
    Reader reader({reinterpret_cast<const char*>(bytes->all().data()), bytes->all().size()});
    if (reader.take(kMagic.size()) != kMagic)
        return inputError(where, "is no GGUF file");
    if (const auto version = reader.number<std::uint32_t>(); version != kVersion)
        return inputError(where, "is a GGUF file of version " + std::to_string(version) +
                                     "; only version 3 is read");
    const auto tensors = reader.number<std::uint64_t>();
    const auto values = reader.number<std::uint64_t>();
    GgufFile file;
    for (std::uint64_t i = 0; i < values && !reader.isCut(); ++i) {
        std::string key = reader.text();
        if (auto value = reader.value())
            file.values.emplace_back(std::move(key), std::move(*value));
    }
    std::vector<TensorInfo> infos;
    for (std::uint64_t i = 0; i < tensors && !reader.isCut(); ++i) {
        LATHE_ASSIGN(infos.emplace_back(), readInfo(reader, where));
    }
    const auto* said = file.find(kAlignmentKey);
    const auto* alignment = said == nullptr ? nullptr : std::get_if<std::uint32_t>(said);
    const std::uint64_t step = alignment == nullptr ? kGgufAlignment : *alignment;
    if (reader.isCut() || step == 0 || aligned(reader.position(), step) > bytes->all().size())
        return inputError(where, "is cut or damaged; copy it again");
    for (const TensorInfo& info : infos) {
        LATHE_ASSIGN(file.tensors.emplace_back(), readTensor(info, bytes, aligned(reader.position(), step)));
    }
    return file;
}

} // namespace lathe
