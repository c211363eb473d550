#include "core/model/tensor_file.h"

#include "core/base/files.h"
#include "core/model/file_bytes.h"
#include "core/model/quoted.h"
#include "core/model/safetensors_header.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

namespace lathe {

namespace fs = std::filesystem;

Result<TensorFile> TensorFile::open(const fs::path& path) {
    LATHE_ASSIGN(auto bytes, FileBytes::map(path, "a safetensors file", kSafetensorsLengthSize));
    return open(std::move(bytes));
}

Result<TensorFile> TensorFile::open(std::shared_ptr<const FileBytes> bytes) {
    LATHE_ASSIGN(auto header, readSafetensorsHeader(bytes->all(), bytes->name()));
    TensorFile file;
    file.m_bytes = std::move(bytes);
    file.m_entries = std::move(header.entries);
    file.m_metadata = std::move(header.metadata);
    file.m_dataOffset = header.dataOffset;
    return file;
}

Result<at::Tensor> TensorFile::tensor(const std::string& name) const {
    const auto found = m_entries.find(name);
    if (found == m_entries.end())
        return inputError(m_bytes->name(), "has no tensor " + inQuotes(name));
    const TensorEntry& entry = found->second;
    return tensorAt(m_bytes, {entry.dtype, entry.shape, {}, m_dataOffset + entry.begin}, name);
}

namespace {

struct Planned {
    std::size_t rank; // index in kSafetensorsDtypes
    const NamedTensor* item;
};

Result<std::vector<Planned>> planOrder(const std::vector<NamedTensor>& tensors, const std::string& where) {
    std::vector<Planned> plan;
    std::set<std::string_view> names;
    for (const NamedTensor& item : tensors) {
        if (item.first == kSafetensorsMetadataKey || !item.second.defined())
            return inputError(where, "cannot store a tensor named " + inQuotes(item.first));
        if (!names.insert(item.first).second)
            return inputError(where, "cannot store two tensors named " + inQuotes(item.first));
        const auto* known =
            std::ranges::find(kSafetensorsDtypes, item.second.scalar_type(), &DtypeName::dtype);
        if (known == kSafetensorsDtypes.end())
            return inputError(where, "cannot store tensor " + inQuotes(item.first) + " of type " +
                                         c10::toString(item.second.scalar_type()));
        plan.push_back({static_cast<std::size_t>(known - kSafetensorsDtypes.begin()), &item});
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
    header[std::string(kSafetensorsMetadataKey)] = allMetadata;
    std::uint64_t position = 0;
    for (const Planned& planned : plan) {
        const at::Tensor& tensor = planned.item->second;
        const std::uint64_t end = position + tensor.nbytes();
        header[planned.item->first] = {{"dtype", kSafetensorsDtypes[planned.rank].name},
                                       {"shape", tensor.sizes().vec()},
                                       {"data_offsets", {position, end}}};
        position = end;
    }
    try {
        std::string text = header.dump();
        text.resize((text.size() + kSafetensorsLengthSize - 1) / kSafetensorsLengthSize *
                        kSafetensorsLengthSize,
                    ' ');
        const std::uint64_t length = text.size();
        return std::string(reinterpret_cast<const char*>(&length), kSafetensorsLengthSize) + text;
    } catch (const nlohmann::json::exception&) {
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
