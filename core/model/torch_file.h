#pragma once

#include "core/base/result.h"
#include "core/model/file_bytes.h"
#include "core/model/tensor_file.h"

#include <map>
#include <string>

namespace lathe {

/// A file of torch.save() with a state_dict: pytorch_model.bin. Both forms are read: a zip archive (since
/// PyTorch 1.6) and the plain sequence of pickles before it. Opening reads the directory and the pickle only,
/// runs nothing (see unpickle()), and checks that each tensor lies inside its storage, and each storage
/// inside the file.
class TorchFile {
public:
    /// Input error naming the file: missing, truncated, neither form, a name that a file of tensors does not
    /// need, no dictionary of tensors, a tensor or storage outside of the file, big-endian data.
    [[nodiscard]] static Result<TorchFile> open(const std::filesystem::path& path);
    /// The same of bytes that are at hand already.
    [[nodiscard]] static Result<TorchFile> open(FileBytes::Shared bytes);

    /// `begin` and `end` count from the start of the file.
    [[nodiscard]] const std::map<std::string, TensorEntry>& entries() const { return m_entries; }
    /// A view as TensorFile::tensor() gives it, with the strides the tensor was saved with.
    [[nodiscard]] Result<at::Tensor> tensor(const std::string& name) const;

private:
    friend class TorchFileReader;

    FileBytes::Shared m_bytes;
    std::map<std::string, TensorEntry> m_entries;
    std::map<std::string, std::vector<std::int64_t>> m_strides; // of tensors that are not row-major
};

} // namespace lathe
