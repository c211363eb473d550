#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lathe::test {

/// An integer's bytes, as files hold it.
template <typename T>
std::string raw(T value) {
    return {reinterpret_cast<const char*>(&value), sizeof value};
}

/// One entry of zipOf(). What is not the truth is for archives that are to be refused.
struct ZipItem {
    std::string name;
    std::string data;
    std::uint16_t method = 0;
    std::uint16_t flags = 0;
    std::uint32_t unixMode = 0;
    std::optional<std::uint64_t> packedSize = {}; ///< in the directory
    std::optional<std::uint64_t> plainSize = {};  ///< in the directory
    std::optional<std::uint32_t> localSize = {};
    std::optional<std::uint64_t> localOffset = {};
    std::optional<std::string> localName = {};
};

/// A zip archive of these entries; `zip64` puts all sizes and offsets into the wide fields.
inline std::string zipOf(const std::vector<ZipItem>& items, bool zip64 = false) {
    const auto u16 = [](std::uint64_t v) { return raw(static_cast<std::uint16_t>(v)); };
    const auto u32 = [](std::uint64_t v) { return raw(static_cast<std::uint32_t>(v)); };
    std::string file;
    std::string directory;
    for (const ZipItem& item : items) {
        const std::uint64_t offset = item.localOffset.value_or(file.size());
        const std::string localName = item.localName.value_or(item.name);
        const std::uint64_t local = item.localSize.value_or(static_cast<std::uint32_t>(item.data.size()));
        file += u32(0x04034b50) + u16(20) + u16(item.flags) + u16(item.method) + u32(0) + u32(0) +
                u32(local) + u32(local) + u16(localName.size()) + u16(0) + localName + item.data;
        const std::uint64_t packed = item.packedSize.value_or(item.data.size());
        const std::uint64_t plain = item.plainSize.value_or(item.data.size());
        const std::string extra =
            zip64 ? u16(1) + u16(24) + raw(plain) + raw(packed) + raw(offset) : std::string();
        const auto narrow = [&](std::uint64_t v) { return u32(zip64 ? 0xffffffffU : v); };
        directory += u32(0x02014b50) + u16(item.unixMode != 0 ? 3U << 8U : 20U) + u16(20) + u16(item.flags) +
                     u16(item.method) + u32(0) + u32(0) + narrow(packed) + narrow(plain) +
                     u16(item.name.size()) + u16(extra.size()) + u16(0) + u16(0) + u16(0) +
                     u32(std::uint64_t{item.unixMode} << 16U) + narrow(offset) + item.name + extra;
    }
    const std::uint64_t start = file.size();
    file += directory;
    if (zip64) {
        const std::uint64_t end = file.size();
        file += u32(0x06064b50) + raw(std::uint64_t{44}) + u16(45) + u16(45) + u32(0) + u32(0) +
                raw(std::uint64_t{items.size()}) + raw(std::uint64_t{items.size()}) +
                raw(std::uint64_t{directory.size()}) + raw(start) + u32(0x07064b50) + u32(0) + raw(end) +
                u32(1);
    }
    return file + u32(0x06054b50) + u16(0) + u16(0) + u16(zip64 ? 0xffff : items.size()) +
           u16(zip64 ? 0xffff : items.size()) + u32(zip64 ? 0xffffffffU : directory.size()) +
           u32(zip64 ? 0xffffffffU : start) + u16(0);
}

/// Pieces of pickles, protocol 2.
namespace pickle {

inline std::string text(std::string_view value) {
    return "X" + raw(static_cast<std::uint32_t>(value.size())) + std::string(value);
}
inline std::string whole(std::int64_t value) { return std::string("\x8a\x08") + raw(value); }
inline std::string global(const std::string& module, const std::string& name) {
    return "c" + module + "\n" + name + "\n";
}
inline std::string tuple(const std::vector<std::string>& items) {
    std::string all = "(";
    for (const std::string& item : items)
        all += item;
    return all + "t";
}
inline std::string wholes(const std::vector<std::int64_t>& values) {
    std::vector<std::string> items;
    for (const std::int64_t value : values)
        items.push_back(whole(value));
    return tuple(items);
}
inline std::string storage(const std::string& type, const std::string& key, std::int64_t count,
                           const std::string& tag = "storage") {
    return tuple({text(tag), global("torch", type), text(key), text("cpu"), whole(count)}) + "Q";
}
/// A float tensor of storage `key`.
inline std::string tensor(const std::string& key, std::int64_t count, std::int64_t offset,
                          const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& strides) {
    return global("torch._utils", "_rebuild_tensor_v2") +
           tuple({storage("FloatStorage", key, count), whole(offset), wholes(shape), wholes(strides), "\x89",
                  global("collections", "OrderedDict") + ")R"}) +
           "R";
}
/// A whole pickle: a dictionary of names and what they stand for.
inline std::string dict(const std::vector<std::pair<std::string, std::string>>& items) {
    std::string all = "\x80\x02}(";
    for (const auto& [name, value] : items)
        all += text(name) + value;
    return all + "u.";
}

} // namespace pickle

/// pytorch_model.bin: a pickle and its storages.
inline std::string torchZip(const std::string& pickleBytes,
                            const std::vector<std::pair<std::string, std::string>>& storages) {
    std::vector<ZipItem> items{{"archive/data.pkl", pickleBytes}, {"archive/byteorder", "little"}};
    for (const auto& [key, data] : storages)
        items.push_back({"archive/data/" + key, data});
    items.push_back({"archive/version", "3\n"});
    return zipOf(items);
}

/// A safetensors file of a given header and data, with the header's length in front.
inline std::string safetensorsOf(std::string_view header, std::string_view data) {
    return raw(std::uint64_t{header.size()}) + std::string(header) + std::string(data);
}

} // namespace lathe::test
