#pragma once

#include <c10/core/ScalarType.h>
#include <cstddef>
#include <optional>
#include <string_view>

namespace lathe {

/// A name of a Python module that a pickle of tensors may use.
struct PickleGlobal {
    enum class Role {
        RebuildTensor,        ///< (storage, offset, size, stride, …)
        RebuildUntypedTensor, ///< (storage, offset, size, stride, requires_grad, hooks, dtype, …)
        RebuildParameter,     ///< (tensor, requires_grad, hooks)
        OrderedDict,
        Size,
        Storage,
        UntypedStorage,
        Dtype
    };
    std::string_view module;
    std::string_view name;
    Role role;
    at::ScalarType dtype = at::ScalarType::Undefined; ///< of Storage and Dtype
};

/// The whole list: what is not in it is refused.
[[nodiscard]] std::optional<std::size_t> findPickleGlobal(std::string_view module, std::string_view name);
/// Contract: `index` is one that findPickleGlobal() gave.
[[nodiscard]] const PickleGlobal& pickleGlobal(std::size_t index);

} // namespace lathe
