#pragma once

#include "core/model/tensor_file.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace lathe {

/// A value of a GGUF file's table. Other types than these are passed over when reading.
using GgufValue = std::variant<std::uint32_t, float, bool, std::string>;

/// What a GGUF file holds (github.com/ggml-org/ggml, docs/gguf.md), version 3.
struct GgufFile {
    std::vector<std::pair<std::string, GgufValue>> values;
    std::vector<NamedTensor> tensors;

    /// Null where there is none of that name.
    [[nodiscard]] const GgufValue* find(const std::string& key) const;
};

/// Data of every tensor begins at a multiple of this.
inline constexpr std::uint64_t kGgufAlignment = 32;

/// Writes atomically, values and tensors in the order given. Tensors: fp32, fp16 or bf16, at most four
/// dimensions, stored row-major, so that the last dimension is ggml's first. Input error naming a tensor
/// whose name has more than 63 bytes, which ggml cannot hold.
[[nodiscard]] Status writeGguf(const std::filesystem::path& path, const GgufFile& content);

/// Input error naming the file and what is wrong: no GGUF, another version, cut, a tensor outside of it or in
/// a type that is not read here (quantized ones).
[[nodiscard]] Result<GgufFile> readGguf(const std::filesystem::path& path);

} // namespace lathe
