#include "core/model/torch_file.h"

#include "core/model/pickle_reader.h"
#include "core/model/quoted.h"
#include "core/model/zip_archive.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <optional>
#include <string_view>

namespace lathe {

namespace {

using Bytes = std::span<const std::byte>;
using Kind = PickleValue::Kind;

constexpr std::string_view kZipStart = "PK\x03\x04";
constexpr std::string_view kPickleStart = "\x80\x02";
// 0x1950a86a20f9469cfc6c, which torch.save() put in front, as a pickle holds it.
constexpr std::string_view kLegacyMagic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
constexpr std::uint64_t kLegacyProtocol = 1001;
constexpr std::size_t kLeast = 16; // bytes; anything shorter cannot hold even an empty dictionary
constexpr const char* kAgain = "; the file is damaged, get it again";

std::string_view textOf(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

/// Where a storage's bytes are in the file.
struct Extent {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};
using FindStorage = std::function<Result<Extent>(std::string_view key)>;

bool isRowMajor(const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& strides) {
    std::int64_t expected = 1;
    for (std::size_t i = shape.size(); i-- > 0;) {
        if (shape[i] != 1 && strides[i] != expected)
            return false;
        expected *= std::max<std::int64_t>(shape[i], 1);
    }
    return true;
}

/// Elements from the first to behind the last.
std::uint64_t reach(const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& strides) {
    std::int64_t last = 0;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (shape[i] == 0)
            return 0;
        last += (shape[i] - 1) * strides[i];
    }
    return static_cast<std::uint64_t>(last) + 1;
}

} // namespace

/// Turns the objects of a pickle into places in the file.
class TorchFileReader {
public:
    explicit TorchFileReader(FileBytes::Shared bytes) { m_file.m_bytes = std::move(bytes); }

    Result<TorchFile> read() {
        const std::string_view text = textOf(m_file.m_bytes->all());
        if (text.starts_with(kZipStart)) {
            LATHE_TRY(readZip());
        } else if (text.starts_with(kPickleStart)) {
            LATHE_TRY(readLegacy());
        } else {
            return inputError(where(),
                              "is not a file of torch.save(): it is neither a zip archive nor a pickle; get "
                              "it again, or take the model's safetensors file");
        }
        return std::move(m_file);
    }

private:
    [[nodiscard]] const std::string& where() const { return m_file.m_bytes->name(); }
    [[nodiscard]] std::uint64_t fileSize() const { return m_file.m_bytes->all().size(); }

    Status readZip() {
        LATHE_ASSIGN(const ZipArchive archive, ZipArchive::open(m_file.m_bytes));
        LATHE_ASSIGN(const std::string top, topFolder(archive));
        const auto* order = archive.find(top + "byteorder");
        if (order != nullptr && textOf(archive.content(*order)) != "little")
            return inputError(where(), "holds numbers in the byte order " +
                                           inQuotes(textOf(archive.content(*order))) +
                                           ", only \"little\" is supported; save it on another machine");
        const auto pickle = archive.content(*archive.find(top + "data.pkl"));
        LATHE_ASSIGN(const Unpickled objects, unpickle(pickle, where(), fileSize()));
        return addTensors(objects, [&](std::string_view key) -> Result<Extent> {
            const std::string name = top + "data/" + std::string(key);
            const auto* entry = archive.find(name);
            if (entry == nullptr)
                return inputError(where(), "lacks the entry " + inQuotes(name) +
                                               " with the numbers of a tensor" + kAgain);
            return Extent{entry->offset, entry->size};
        });
    }

    /// "archive/": the folder whose data.pkl this is.
    Result<std::string> topFolder(const ZipArchive& archive) {
        std::optional<std::string> top;
        for (const ZipArchive::Entry& entry : archive.entries()) {
            const std::size_t slash = entry.name.find('/');
            if (slash == entry.name.npos || entry.name.substr(slash + 1) != "data.pkl")
                continue;
            if (top)
                return inputError(where(), "has two entries data.pkl: " + inQuotes(*top + "data.pkl") +
                                               " and " + inQuotes(entry.name) + kAgain);
            top = entry.name.substr(0, slash + 1);
        }
        if (!top)
            return inputError(where(),
                              "is a zip archive without data.pkl, so not a file of torch.save(); get the "
                              "model's safetensors file");
        return *top;
    }

    /// Magic number, protocol version, facts about the machine, the object, the list of storages; then for
    /// each of them its number of elements and its bytes.
    Status readLegacy() {
        Bytes rest = m_file.m_bytes->all();
        LATHE_TRY(checkLegacyStart(rest));
        LATHE_ASSIGN(const Unpickled objects, nextPickle(rest));
        LATHE_ASSIGN(const Unpickled keys, nextPickle(rest));
        LATHE_ASSIGN(const auto extents, legacyStorages(objects, keys, rest));
        return addTensors(objects, [&](std::string_view key) -> Result<Extent> {
            const auto found = extents.find(key);
            if (found == extents.end())
                return inputError(where(), "lacks the storage " + inQuotes(key) + kAgain);
            return found->second;
        });
    }

    /// Magic number, protocol version, machine; each is gone before the next is read.
    Status checkLegacyStart(Bytes& rest) {
        const auto isKnown = [](const Unpickled& magic) {
            return magic.root.kind == Kind::Large && magic.text(magic.root) == kLegacyMagic;
        };
        const auto isVersion = [](const Unpickled& version) {
            return version.root.kind == Kind::Whole && version.root.number == kLegacyProtocol;
        };
        bool isGood = true;
        for (const std::function<bool(const Unpickled&)>& check :
             {std::function<bool(const Unpickled&)>(isKnown),
              std::function<bool(const Unpickled&)>(isVersion)}) {
            LATHE_ASSIGN(const Unpickled objects, nextPickle(rest));
            isGood = isGood && check(objects);
        }
        if (!isGood)
            return inputError(
                where(), "is a pickle, but not one of torch.save(); save the model's state_dict with it");
        LATHE_TRY(nextPickle(rest));
        return ok();
    }

    Result<Unpickled> nextPickle(Bytes& rest) {
        LATHE_ASSIGN(Unpickled objects, unpickle(rest, where(), fileSize()));
        rest = rest.subspan(objects.size);
        return objects;
    }

    using Extents = std::map<std::string_view, Extent>;
    Result<Extents> legacyStorages(const Unpickled& objects, const Unpickled& keys, Bytes rest) {
        std::map<std::string_view, const PickledStorage*> known;
        for (const PickledStorage& storage : objects.storages)
            known.emplace(storage.key, &storage);
        if (keys.root.kind != Kind::List)
            return inputError(where(), std::string("does not list its storages") + kAgain);
        Extents extents;
        for (const PickleValue& key : keys.lists[keys.root.number]) {
            const auto found = key.kind == Kind::Text ? known.find(keys.text(key)) : known.end();
            if (found == known.end())
                return inputError(where(), std::string("lists a storage that no tensor uses") + kAgain);
            const PickledStorage& storage = *found->second;
            const std::uint64_t size = storage.count * storage.elementSize();
            std::uint64_t count = 0;
            if (rest.size() < sizeof count || rest.size() - sizeof count < size)
                return inputError(where(), "is truncated: storage " + inQuotes(storage.key) + " needs " +
                                               std::to_string(size) + " bytes, " +
                                               std::to_string(rest.size()) + " are left; get it again");
            std::memcpy(&count, rest.data(), sizeof count);
            if (count != storage.count)
                return inputError(where(), "holds " + std::to_string(count) + " elements for storage " +
                                               inQuotes(storage.key) + ", its tensors expect " +
                                               std::to_string(storage.count) + kAgain);
            extents.emplace(storage.key, Extent{fileSize() - rest.size() + sizeof count, size});
            rest = rest.subspan(sizeof count + size);
        }
        return extents;
    }

    Status addTensors(const Unpickled& objects, const FindStorage& find) {
        LATHE_ASSIGN(const auto names, pickledTensors(objects, where()));
        std::uint64_t memoryLeft = objects.memoryLeft;
        for (const auto& [name, index] : names) {
            const PickledView& view = objects.tensors[index];
            // A tensor of many dimensions may go under many names: its sizes must not fill the memory.
            const std::uint64_t cost = sizeof(TensorEntry) + std::uint64_t{32} * view.shape.count;
            if (cost > memoryLeft)
                return inputError(where(),
                                  "would take more memory than a file of its size may" + std::string(kAgain));
            memoryLeft -= cost;
            LATHE_TRY(addTensor(objects, view, name, find));
        }
        return ok();
    }

    Status addTensor(const Unpickled& objects, const PickledView& view, const std::string& name,
                     const FindStorage& find) {
        const PickledStorage& storage = objects.storages[view.storage];
        LATHE_ASSIGN(const Extent extent, find(storage.key));
        const std::uint64_t size = storage.count * storage.elementSize();
        if (size > extent.size)
            return inputError(where(), "holds " + std::to_string(extent.size) + " bytes for tensor " +
                                           inQuotes(name) + ", its storage of " +
                                           std::to_string(storage.count) + " elements needs " +
                                           std::to_string(size) + kAgain);
        TensorEntry entry;
        entry.dtype = view.dtype;
        entry.shape = objects.wholes(view.shape);
        std::vector<std::int64_t> strides = objects.wholes(view.strides);
        for (std::size_t i = 0; i < strides.size(); ++i)
            strides[i] = entry.shape[i] <= 1 ? 1 : strides[i]; // means nothing there and may be anything
        const std::uint64_t elementSize = c10::elementSize(view.dtype);
        entry.begin = extent.offset + view.offset * elementSize;
        entry.end = entry.begin + reach(entry.shape, strides) * elementSize;
        if (!isRowMajor(entry.shape, strides))
            m_file.m_strides.emplace(name, std::move(strides));
        m_file.m_entries.emplace(name, std::move(entry));
        return ok();
    }

    TorchFile m_file;
};

Result<TorchFile> TorchFile::open(const std::filesystem::path& path) {
    LATHE_ASSIGN(auto bytes, FileBytes::map(path, "a file of torch.save()", kLeast));
    return open(std::move(bytes));
}

Result<TorchFile> TorchFile::open(FileBytes::Shared bytes) {
    return TorchFileReader(std::move(bytes)).read();
}

Result<at::Tensor> TorchFile::tensor(const std::string& name) const {
    const auto found = m_entries.find(name);
    if (found == m_entries.end())
        return inputError(m_bytes->name(), "has no tensor " + inQuotes(name));
    const TensorEntry& entry = found->second;
    const auto strides = m_strides.find(name);
    return tensorAt(m_bytes,
                    {entry.dtype, entry.shape,
                     strides == m_strides.end() ? std::vector<std::int64_t>() : strides->second, entry.begin},
                    name);
}

} // namespace lathe
