#pragma once

#include "core/base/result.h"

#include <c10/core/ScalarType.h>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lathe {

/// A Python object as a pickle of tensors may hold it. Small: texts stay in the file's bytes, containers in
/// an Unpickled, of which this is only a handle, so that objects named again take no memory and cannot nest
/// the reader.
struct PickleValue {
    enum class Kind : std::uint8_t {
        Nothing,
        Flag,
        Whole,
        Large, ///< an integer of more than 64 bits: its bytes
        Real,  ///< without its value, which nobody needs
        Text,
        Raw,
        Tuple,
        List,
        Dict,
        Global,
        Storage,
        Tensor
    };
    Kind kind = Kind::Nothing;
    std::uint32_t count = 0; ///< bytes of a text, items of a tuple
    std::uint64_t number =
        0; ///< the integer itself, the place of a text, the index of what is kept elsewhere
};

/// A storage that a pickle refers to; its bytes are elsewhere in the file.
struct PickledStorage {
    std::string_view key;
    at::ScalarType dtype = at::ScalarType::Byte; ///< Byte for an untyped one
    std::uint64_t count = 0;                     ///< elements
    bool isTyped = true;
    [[nodiscard]] std::uint64_t elementSize() const { return c10::elementSize(dtype); }
};

/// A tensor made of a storage: checked to lie inside it.
struct PickledView {
    std::size_t storage = 0; ///< index in Unpickled::storages
    at::ScalarType dtype = at::ScalarType::Float;
    std::uint64_t offset = 0; ///< elements
    PickleValue shape;        ///< tuples of whole numbers, of the same length
    PickleValue strides;
};

/// What a pickle holds. Valid as long as the bytes it was read from.
struct Unpickled {
    std::span<const std::byte> bytes;
    PickleValue root;
    std::size_t size = 0;         ///< bytes up to and with the STOP instruction
    std::uint64_t memoryLeft = 0; ///< bytes that may still be taken
    std::deque<PickleValue> pool; ///< the items of all tuples
    std::deque<std::vector<PickleValue>> lists;
    std::deque<std::vector<std::pair<PickleValue, PickleValue>>> dicts;
    std::deque<PickledStorage> storages;
    std::deque<PickledView> tensors;

    /// Contract: a text, raw bytes or a large integer.
    [[nodiscard]] std::string_view text(const PickleValue& value) const;
    /// Contract: a tuple, and `index` below its count.
    [[nodiscard]] const PickleValue& item(const PickleValue& tuple, std::size_t index) const;
    [[nodiscard]] std::vector<std::int64_t> wholes(const PickleValue& tuple) const;
};

/// Runs a pickle (PEP 307, 3154 and 574; protocols 2 to 5) as far as files of tensors need it: plain values,
/// dictionaries, and the few functions of torch that put tensors together, which are done here and not
/// called. Nothing else is ever run: any other name is an Input error that tells it. Bytes behind the pickle
/// are left alone. `fileSize` bounds the memory, together with a fixed allowance, and the size of a tensor.
[[nodiscard]] Result<Unpickled> unpickle(std::span<const std::byte> bytes, const std::string& where,
                                         std::uint64_t fileSize);

} // namespace lathe
