#include "core/model/tensor_file.h"

#include "core/base/contract.h"
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

std::size_t rankOf(at::ScalarType dtype) {
    const auto* known = std::ranges::find(kSafetensorsDtypes, dtype, &DtypeName::dtype);
    return static_cast<std::size_t>(known - kSafetensorsDtypes.begin());
}

Status sortAndCheck(std::vector<PlannedTensor>& plan, const std::string& where) {
    std::set<std::string_view> names;
    for (const PlannedTensor& item : plan) {
        if (item.name == kSafetensorsMetadataKey)
            return inputError(where, "cannot store a tensor named " + inQuotes(item.name));
        if (!names.insert(item.name).second)
            return inputError(where, "cannot store two tensors named " + inQuotes(item.name));
        if (rankOf(item.dtype) == kSafetensorsDtypes.size())
            return inputError(where, "cannot store tensor " + inQuotes(item.name) + " of type " +
                                         c10::toString(item.dtype));
    }
    std::ranges::sort(plan, {},
                      [](const PlannedTensor& item) { return std::pair(rankOf(item.dtype), item.name); });
    return ok();
}

/// Length and JSON, padded with spaces so that the data is aligned.
Result<std::string> buildHeader(const std::vector<PlannedTensor>& plan,
                                const std::map<std::string, std::string>& metadata,
                                const std::string& where) {
    nlohmann::ordered_json header;
    auto allMetadata = metadata;
    allMetadata.emplace("format", "pt"); // some versions of transformers refuse files without it
    header[std::string(kSafetensorsMetadataKey)] = allMetadata;
    std::uint64_t position = 0;
    for (const PlannedTensor& item : plan) {
        const auto bytes = tensorBytes(item.shape, item.dtype);
        LATHE_EXPECT(bytes.has_value());
        const std::uint64_t end = position + *bytes;
        header[item.name] = {{"dtype", kSafetensorsDtypes[rankOf(item.dtype)].name},
                             {"shape", item.shape},
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
    std::vector<PlannedTensor> plan;
    std::map<std::string, at::Tensor> byName;
    for (const auto& [name, tensor] : tensors) {
        if (!tensor.defined())
            return inputError(path.string(), "cannot store a tensor named " + inQuotes(name));
        plan.push_back({name, tensor.scalar_type(), tensor.sizes().vec()});
        byName.emplace(name, tensor);
    }
    return writeTensorFile(
        path, std::move(plan),
        [&byName](const std::string& name) -> Result<at::Tensor> { return byName.at(name); }, metadata);
}

Status writeTensorFile(const fs::path& path, std::vector<PlannedTensor> plan, const TensorSource& source,
                       const std::map<std::string, std::string>& metadata) {
    LATHE_TRY(sortAndCheck(plan, path.string()));
    LATHE_ASSIGN(const std::string header, buildHeader(plan, metadata, path.string()));
    at::Tensor current; // one tensor at a time is copied to the host, never the whole model
    std::size_t index = 0;
    return writeFileAtomically(path, [&]() -> Result<std::optional<std::string_view>> {
        const std::size_t part = index++;
        if (part == 0)
            return std::optional<std::string_view>(header);
        if (part > plan.size())
            return std::optional<std::string_view>();
        const PlannedTensor& item = plan[part - 1];
        current = at::Tensor();
        LATHE_ASSIGN(const at::Tensor tensor, source(item.name));
        LATHE_EXPECT(tensor.scalar_type() == item.dtype && tensor.sizes() == at::IntArrayRef(item.shape));
        try {
            current = tensor.detach().to(at::kCPU).contiguous();
        } catch (const std::exception& e) {
            return Error{Error::Kind::Memory, path.string(),
                         "cannot bring tensor " + inQuotes(item.name) + " to the host: " + e.what()};
        }
        return std::optional(
            std::string_view(static_cast<const char*>(current.const_data_ptr()), current.nbytes()));
    });
}

} // namespace lathe
