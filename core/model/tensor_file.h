#pragma once

#include "core/base/result.h"

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace lathe {

/// A tensor's place in a safetensors file.
struct TensorEntry {
    at::ScalarType dtype = at::ScalarType::Float;
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0; ///< bytes from the start of the data section
    std::uint64_t end = 0;
};

/// A safetensors file (huggingface.co/docs/safetensors), memory-mapped. Opening reads and checks the header
/// only. Input error naming the file: missing, truncated (says both sizes), malformed header, overlapping or
/// out-of-range tensors, a dtype that is not known (names tensor and dtype).
class TensorFile {
public:
    [[nodiscard]] static Result<TensorFile> open(const std::filesystem::path& path);

    [[nodiscard]] const std::map<std::string, TensorEntry>& entries() const { return m_entries; }
    [[nodiscard]] const std::map<std::string, std::string>& metadata() const { return m_metadata; }
    /// A read-only view of the mapped bytes in the stored dtype; it keeps the mapping alive. Input error if
    /// there is no tensor of that name.
    [[nodiscard]] Result<at::Tensor> tensor(const std::string& name) const;

private:
    struct Mapping;
    std::filesystem::path m_path;
    std::shared_ptr<const Mapping> m_mapping; // shared: tensors outlive the file object
    std::map<std::string, TensorEntry> m_entries;
    std::map<std::string, std::string> m_metadata;
};

using NamedTensor = std::pair<std::string, at::Tensor>;

/// Writes atomically (temporary file, sync, rename), tensors sorted by dtype size then name, data 8-byte
/// aligned, metadata {"format": "pt"} added. Tensors may be on any device and need not be contiguous. The
/// same tensors give the same bytes.
[[nodiscard]] Status writeTensorFile(const std::filesystem::path& path,
                                     const std::vector<NamedTensor>& tensors,
                                     const std::map<std::string, std::string>& metadata = {});

} // namespace lathe
