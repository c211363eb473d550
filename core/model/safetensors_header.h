#pragma once

#include "core/model/tensor_file.h"

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace lathe {

struct DtypeName {
    std::string_view name;
    at::ScalarType dtype;
};

/// In the order in which the reference implementation writes them: widest first, so that all data is aligned.
inline constexpr std::array kSafetensorsDtypes{
    DtypeName{"I64", at::ScalarType::Long},      DtypeName{"F64", at::ScalarType::Double},
    DtypeName{"F32", at::ScalarType::Float},     DtypeName{"I32", at::ScalarType::Int},
    DtypeName{"BF16", at::ScalarType::BFloat16}, DtypeName{"F16", at::ScalarType::Half},
    DtypeName{"I16", at::ScalarType::Short},     DtypeName{"I8", at::ScalarType::Char},
    DtypeName{"U8", at::ScalarType::Byte},       DtypeName{"BOOL", at::ScalarType::Bool}};

inline constexpr std::size_t kSafetensorsLengthSize = 8; // the header's length in front of it, u64
inline constexpr std::string_view kSafetensorsMetadataKey = "__metadata__";

/// What stands in front of a safetensors file's data.
struct SafetensorsHeader {
    std::map<std::string, TensorEntry> entries;
    std::map<std::string, std::string> metadata;
    std::size_t dataOffset = 0; ///< bytes from the start of the file to the data
};

/// Reads and checks the header of a whole file: the tensors must tile the data section and end where the file
/// ends. Takes memory in proportion to the number of tensors, not to the text. Errors as TensorFile::open().
[[nodiscard]] Result<SafetensorsHeader> readSafetensorsHeader(std::span<const std::byte> file,
                                                              const std::string& where);

} // namespace lathe
