#pragma once

#include "core/base/result.h"

#include <ATen/core/Tensor.h>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lathe {

/// The bytes of a weight file, memory-mapped copy-on-write: what is read is loaded by the page, what is
/// written stays in memory and never reaches the file. Shared, because tensors that are views of it outlive
/// the reader.
class FileBytes {
public:
    using Shared = std::shared_ptr<const FileBytes>;

    /// Links are followed. Input error: no such file, not a regular one, fewer than `least` bytes, a
    /// placeholder of Git LFS. `kind` names what is expected: "a safetensors file".
    [[nodiscard]] static Result<Shared> map(const std::filesystem::path& path, const std::string& kind,
                                            std::size_t least);
    /// Bytes that are in memory already; `name` stands for the file in errors.
    [[nodiscard]] static Shared of(std::span<const std::byte> content, std::string name);

    FileBytes(const FileBytes&) = delete;
    FileBytes& operator=(const FileBytes&) = delete;
    ~FileBytes();

    [[nodiscard]] std::span<const std::byte> all() const { return m_bytes; }
    /// The path, for errors.
    [[nodiscard]] const std::string& name() const { return m_name; }
    /// Input error if the file was cut since it was mapped: reading behind its end would end the program.
    [[nodiscard]] Status checkStillWhole() const;

private:
    FileBytes() = default;

    std::span<const std::byte> m_bytes;
    std::unique_ptr<std::byte[]> m_owned; // instead of a mapping
    int m_file = -1;                      // kept open for checkStillWhole()
    std::string m_name;
};

/// What a tensor needs to be found in a file. Strides are in elements; empty means row-major.
struct TensorPlace {
    at::ScalarType dtype = at::ScalarType::Float;
    std::vector<std::int64_t> shape;
    std::vector<std::int64_t> strides;
    std::uint64_t offset = 0; ///< of the first element, in bytes from the start of the file
};

/// A view of the file's bytes that keeps them alive and may be written to without touching the file; a copy
/// where the place is not aligned for the dtype. Input error if the file was cut, or if a bool is neither 0
/// nor 1. Contract: the place lies inside the file.
[[nodiscard]] Result<at::Tensor> tensorAt(const FileBytes::Shared& bytes, const TensorPlace& place,
                                          const std::string& name);

/// Bytes of a row-major tensor; nothing if they, or a stride, are more than 63 bits hold.
[[nodiscard]] std::optional<std::uint64_t> tensorBytes(std::span<const std::int64_t> shape,
                                                       at::ScalarType dtype);

} // namespace lathe
