#pragma once

#include "core/base/result.h"
#include "core/model/file_bytes.h"
#include "core/model/tensor_file.h"

#include <cstdint>
#include <map>
#include <string>

namespace lathe {

/// A model of llama2.c (github.com/karpathy/llama2.c) in one file, versions 0 (the stories files), 1 and 2
/// (8-bit), memory-mapped. It shows itself as a LLaMA of Hugging Face: config.json, tensor names, and the
/// rows of the query and key projections in the order for rotating halves, where llama2.c rotates
/// neighbouring pairs.
class Llama2cModel {
public:
    /// A config.json for parseModelSummary().
    [[nodiscard]] std::string configJson() const;
    /// All are float32; of the values, `begin` and `end` are those in the file, for an 8-bit tensor without
    /// its scales.
    [[nodiscard]] const std::map<std::string, TensorEntry>& entries() const { return m_entries; }
    /// A view of the file as TensorFile::tensor() gives it; a copy for query and key projections, and for the
    /// 8-bit tensors of version 2, which are turned into numbers here. Input error if there is no tensor of
    /// that name.
    [[nodiscard]] Result<at::Tensor> tensor(const std::string& name) const;
    [[nodiscard]] std::uint32_t version() const { return m_version; }

private:
    friend class Llama2cReader;
    friend Result<Llama2cModel> openLlama2c(FileBytes::Shared);

    struct Shape {
        std::int64_t width = 0;
        std::int64_t hidden = 0;
        std::int64_t layers = 0;
        std::int64_t heads = 0;
        std::int64_t keyValueHeads = 0;
        std::int64_t vocabulary = 0;
        std::int64_t positions = 0;
    };

    FileBytes::Shared m_bytes;
    std::uint32_t m_version = 0;
    Shape m_shape;
    bool m_isTied = false;
    std::int64_t m_groupSize = 0; // elements that share a scale in version 2
    std::map<std::string, TensorEntry> m_entries;
};

/// Reads and checks the header: Input error naming the file if it is missing, of an unknown version, has
/// sizes that cannot be, or is not exactly as long as they say.
[[nodiscard]] Result<Llama2cModel> openLlama2c(const std::filesystem::path& file);
/// The same of bytes that are at hand already.
[[nodiscard]] Result<Llama2cModel> openLlama2c(FileBytes::Shared bytes);

} // namespace lathe
