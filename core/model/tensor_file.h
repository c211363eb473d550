#pragma once

#include "core/base/result.h"

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace lathe {

class FileBytes;

/// What a weight file says of a tensor, and its place in a safetensors file.
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
    /// The same of bytes that are at hand already.
    [[nodiscard]] static Result<TensorFile> open(std::shared_ptr<const FileBytes> bytes);

    [[nodiscard]] const std::map<std::string, TensorEntry>& entries() const { return m_entries; }
    [[nodiscard]] const std::map<std::string, std::string>& metadata() const { return m_metadata; }
    /// A view of the mapped bytes in the stored dtype; it keeps the mapping alive. It may be written to: that
    /// stays in memory and never reaches the file, but is seen by other views of the same tensor. (A copy
    /// where an old writer left the data unaligned.) Input error if there is no tensor of that name or the
    /// file was cut since.
    [[nodiscard]] Result<at::Tensor> tensor(const std::string& name) const;

private:
    std::shared_ptr<const FileBytes> m_bytes; // shared: tensors outlive the file object
    std::size_t m_dataOffset = 0;
    std::map<std::string, TensorEntry> m_entries;
    std::map<std::string, std::string> m_metadata;
};

using NamedTensor = std::pair<std::string, at::Tensor>;

/// A tensor that is about to be written.
struct PlannedTensor {
    std::string name;
    at::ScalarType dtype = at::ScalarType::Float;
    std::vector<std::int64_t> shape;
};

/// The tensor of a name: asked for when its turn comes, let go of when it is written.
using TensorSource = std::function<Result<at::Tensor>(const std::string& name)>;

/// Writes atomically (temporary file, sync, rename), tensors sorted by dtype size then name, data 8-byte
/// aligned, metadata {"format": "pt"} added. Tensors may be on any device and need not be contiguous. The
/// same tensors give the same bytes.
[[nodiscard]] Status writeTensorFile(const std::filesystem::path& path,
                                     const std::vector<NamedTensor>& tensors,
                                     const std::map<std::string, std::string>& metadata = {});
/// The same without holding more than one tensor at a time: each is asked for once, in the order of the file.
/// An error of `source` is passed on, the old file stays. Contract: dtype and shape are as planned.
[[nodiscard]] Status writeTensorFile(const std::filesystem::path& path, std::vector<PlannedTensor> plan,
                                     const TensorSource& source,
                                     const std::map<std::string, std::string>& metadata = {});

} // namespace lathe
