#include "core/model/torch_writer.h"

#include "core/base/files.h"
#include "core/model/quoted.h"

#include <array>
#include <cstring>
#include <string>

namespace lathe {

namespace {

constexpr const char* kRoot = "archive/";
constexpr std::size_t kAlignment = 64;     // of a storage in the file, as torch.save() does
constexpr std::uint16_t kPadding = 0x4246; // "FB", the extra field torch.save() pads with
constexpr std::uint16_t kNamesAreUtf8 = 1U << 11U;
constexpr std::uint16_t kFirstDay = 1U << 5U | 1U; // 1980-01-01, so that the bytes do not depend on the time
constexpr std::size_t kMost = 0xffffffff;

/// CRC-32 of ISO 3309, the one of zip archives.
std::uint32_t crc32(std::string_view bytes) {
    static const std::array<std::uint32_t, 256> table = [] {
        std::array<std::uint32_t, 256> all{};
        for (std::uint32_t i = 0; i < all.size(); ++i) {
            std::uint32_t value = i;
            for (int bit = 0; bit < 8; ++bit)
                value = value >> 1U ^ ((value & 1U) != 0 ? 0xedb88320U : 0U);
            all[i] = value;
        }
        return all;
    }();
    std::uint32_t value = 0xffffffffU;
    for (const char c : bytes)
        value = value >> 8U ^ table[(value ^ static_cast<unsigned char>(c)) & 0xffU];
    return ~value;
}

template <typename T>
void append(std::string& bytes, T value) {
    for (std::size_t i = 0; i < sizeof value; ++i)
        bytes += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xffU);
}

/// The archive as it grows.
class ZipWriter {
public:
    void add(const std::string& name, std::string_view content) {
        const std::string path = kRoot + name;
        const auto offset = static_cast<std::uint32_t>(m_bytes.size());
        constexpr std::size_t kHeader = 30;
        constexpr std::size_t kField = 4;
        const std::size_t begin = m_bytes.size() + kHeader + path.size() + kField;
        const std::size_t padding = (kAlignment - begin % kAlignment) % kAlignment;
        const std::string facts = factsOf(path, content);

        append(m_bytes, std::uint32_t{0x04034b50});
        m_bytes += facts;
        append(m_bytes, static_cast<std::uint16_t>(kField + padding));
        m_bytes += path;
        append(m_bytes, kPadding);
        append(m_bytes, static_cast<std::uint16_t>(padding));
        m_bytes.append(padding, 'Z');
        m_bytes += content;

        append(m_directory, std::uint32_t{0x02014b50});
        append(m_directory, std::uint16_t{0}); // made by
        m_directory += facts;
        m_directory.append(2 + 2 + 2 + 2 + 4, '\0'); // no extra field, comment, disk number, attributes
        append(m_directory, offset);
        m_directory += path;
        ++m_count;
    }

    [[nodiscard]] std::string finished() && {
        const auto offset = static_cast<std::uint32_t>(m_bytes.size());
        m_bytes += m_directory;
        append(m_bytes, std::uint32_t{0x06054b50});
        append(m_bytes, std::uint32_t{0}); // this disk, and that of the directory
        append(m_bytes, m_count);
        append(m_bytes, m_count);
        append(m_bytes, static_cast<std::uint32_t>(m_directory.size()));
        append(m_bytes, offset);
        append(m_bytes, std::uint16_t{0}); // no comment
        return std::move(m_bytes);
    }

    [[nodiscard]] std::size_t size() const { return m_bytes.size() + m_directory.size(); }

private:
    /// What the local header and the directory both say, up to the length of the name.
    static std::string factsOf(const std::string& path, std::string_view content) {
        std::string facts;
        append(facts, std::uint16_t{0}); // version needed
        append(facts, kNamesAreUtf8);
        append(facts, std::uint16_t{0}); // stored
        append(facts, std::uint16_t{0}); // midnight
        append(facts, kFirstDay);
        append(facts, crc32(content));
        append(facts, static_cast<std::uint32_t>(content.size()));
        append(facts, static_cast<std::uint32_t>(content.size()));
        append(facts, static_cast<std::uint16_t>(path.size()));
        return facts;
    }

    std::string m_bytes;
    std::string m_directory;
    std::uint16_t m_count = 0;
};

const char* storageOf(at::ScalarType dtype) {
    switch (dtype) {
    case at::kFloat:
        return "FloatStorage";
    case at::kDouble:
        return "DoubleStorage";
    case at::kHalf:
        return "HalfStorage";
    case at::kBFloat16:
        return "BFloat16Storage";
    case at::kLong:
        return "LongStorage";
    case at::kInt:
        return "IntStorage";
    default:
        return nullptr;
    }
}

/// Opcodes of protocol 2, as the pickletools module of Python documents them.
class Pickle {
public:
    Pickle() : m_bytes("\x80\x02}(") {} // protocol 2, an empty dictionary, and a mark before its items

    void tensor(const std::string& name, const at::Tensor& tensor, const std::string& key) {
        text(name);
        global("torch._utils", "_rebuild_tensor_v2");
        m_bytes += "((";
        text("storage");
        global("torch", storageOf(tensor.scalar_type()));
        text(key);
        text("cpu");
        integer(tensor.numel());
        m_bytes += "tQ"; // the persistent id is the tuple since the mark
        integer(0);      // offset in the storage
        tuple(tensor.sizes());
        tuple(tensor.strides());
        m_bytes += '\x89'; // requires no gradient
        global("collections", "OrderedDict");
        m_bytes += ")RtR"; // call it with nothing; then the function with the tuple since the mark
    }

    [[nodiscard]] std::string finished() && {
        m_bytes += "u."; // put the items into the dictionary
        return std::move(m_bytes);
    }

private:
    void text(const std::string& value) {
        m_bytes += 'X';
        append(m_bytes, static_cast<std::uint32_t>(value.size()));
        m_bytes += value;
    }
    void global(const std::string& module, const std::string& name) {
        m_bytes += 'c' + module + '\n' + name + '\n';
    }
    void integer(std::int64_t value) {
        if (value <= 0x7fffffff) {
            m_bytes += 'J';
            append(m_bytes, static_cast<std::int32_t>(value));
        } else {
            m_bytes += "\x8a\x08";
            append(m_bytes, value);
        }
    }
    void tuple(at::IntArrayRef values) {
        m_bytes += '(';
        for (const std::int64_t value : values)
            integer(value);
        m_bytes += 't';
    }

    std::string m_bytes;
};

} // namespace

Status writeTorchFile(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors) {
    Pickle pickle;
    std::vector<at::Tensor> storages;
    for (const auto& [name, tensor] : tensors) {
        if (storageOf(tensor.scalar_type()) == nullptr)
            return inputError(path.string(), "cannot hold tensor " + inQuotes(name) + " of dtype " +
                                                 at::toString(tensor.scalar_type()));
        const std::string key = std::to_string(storages.size());
        storages.push_back(tensor.detach().to(at::kCPU).contiguous());
        pickle.tensor(name, storages.back(), key);
    }
    ZipWriter archive;
    archive.add("data.pkl", std::move(pickle).finished());
    archive.add("byteorder", "little");
    for (std::size_t i = 0; i < storages.size(); ++i) {
        if (archive.size() + storages[i].nbytes() > kMost || i + 8 > 0xffff)
            return inputError(path.string(),
                              "would exceed 4 GiB or 65535 tensors; write safetensors instead");
        archive.add("data/" + std::to_string(i),
                    {static_cast<const char*>(storages[i].const_data_ptr()), storages[i].nbytes()});
    }
    archive.add("version", "3\n");
    return writeFileAtomically(path, std::move(archive).finished());
}

} // namespace lathe
