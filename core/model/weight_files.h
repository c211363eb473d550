#pragma once

#include "core/base/result.h"
#include "core/model/tensor_file.h"
#include "core/model/torch_file.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace lathe {

/// The weights in a model's folder, in whichever files they are: model.safetensors, or several named by
/// model.safetensors.index.json, or the same of pytorch_model.bin; the first of these that is there. Where
/// there is none, files of a variant ("model.fp16.safetensors") are taken, the first by name. Opening reads
/// headers only.
class WeightFiles {
public:
    /// Input error naming the file: nothing there (says what was looked for), a damaged file, an index that
    /// names files outside the folder, a missing one, or a tensor that its file does not hold.
    [[nodiscard]] static Result<WeightFiles> open(const std::filesystem::path& folder);

    /// Dtype and shape of each tensor. (Offsets are those of its own file.)
    [[nodiscard]] const std::map<std::string, TensorEntry>& entries() const { return m_entries; }
    /// A view of the memory-mapped file in the stored dtype, which keeps the mapping alive and may be written
    /// to without changing the file; see TensorFile::tensor(). Input error if there is no tensor of that
    /// name.
    [[nodiscard]] Result<at::Tensor> tensor(const std::string& name) const;
    /// Of all tensors' elements; shared ones count once for each name.
    [[nodiscard]] std::uint64_t bytes() const;
    /// The files with tensors, in the order of the index.
    [[nodiscard]] const std::vector<std::filesystem::path>& files() const { return m_files; }

private:
    using Source = std::variant<TensorFile, TorchFile>;

    Status openSingle(const std::filesystem::path& path);
    Status openShards(const std::filesystem::path& folder, const std::filesystem::path& index);

    std::filesystem::path m_folder;
    std::vector<std::filesystem::path> m_files;
    std::vector<Source> m_sources; // one for each file
    std::map<std::string, TensorEntry> m_entries;
    std::map<std::string, std::uint32_t> m_sourceOf; // empty where there is one file
};

} // namespace lathe
