#include "core/model/pickle_globals.h"

#include "core/base/contract.h"

#include <algorithm>
#include <array>

namespace lathe {

namespace {

using Role = PickleGlobal::Role;
using at::ScalarType;

constexpr std::array kGlobals{
    PickleGlobal{"torch._utils", "_rebuild_tensor", Role::RebuildTensor},
    PickleGlobal{"torch._utils", "_rebuild_tensor_v2", Role::RebuildTensor},
    PickleGlobal{"torch._utils", "_rebuild_tensor_v3", Role::RebuildUntypedTensor},
    PickleGlobal{"torch._utils", "_rebuild_parameter", Role::RebuildParameter},
    PickleGlobal{"collections", "OrderedDict", Role::OrderedDict},
    PickleGlobal{"torch", "Size", Role::Size},
    PickleGlobal{"torch.storage", "UntypedStorage", Role::UntypedStorage},
    PickleGlobal{"torch", "UntypedStorage", Role::UntypedStorage},
    PickleGlobal{"torch.storage", "TypedStorage", Role::UntypedStorage},
    PickleGlobal{"torch", "DoubleStorage", Role::Storage, ScalarType::Double},
    PickleGlobal{"torch", "FloatStorage", Role::Storage, ScalarType::Float},
    PickleGlobal{"torch", "HalfStorage", Role::Storage, ScalarType::Half},
    PickleGlobal{"torch", "BFloat16Storage", Role::Storage, ScalarType::BFloat16},
    PickleGlobal{"torch", "LongStorage", Role::Storage, ScalarType::Long},
    PickleGlobal{"torch", "IntStorage", Role::Storage, ScalarType::Int},
    PickleGlobal{"torch", "ShortStorage", Role::Storage, ScalarType::Short},
    PickleGlobal{"torch", "CharStorage", Role::Storage, ScalarType::Char},
    PickleGlobal{"torch", "ByteStorage", Role::Storage, ScalarType::Byte},
    PickleGlobal{"torch", "BoolStorage", Role::Storage, ScalarType::Bool},
    PickleGlobal{"torch", "float64", Role::Dtype, ScalarType::Double},
    PickleGlobal{"torch", "float32", Role::Dtype, ScalarType::Float},
    PickleGlobal{"torch", "float16", Role::Dtype, ScalarType::Half},
    PickleGlobal{"torch", "bfloat16", Role::Dtype, ScalarType::BFloat16},
    PickleGlobal{"torch", "int64", Role::Dtype, ScalarType::Long},
    PickleGlobal{"torch", "int32", Role::Dtype, ScalarType::Int},
    PickleGlobal{"torch", "int16", Role::Dtype, ScalarType::Short},
    PickleGlobal{"torch", "int8", Role::Dtype, ScalarType::Char},
    PickleGlobal{"torch", "uint8", Role::Dtype, ScalarType::Byte},
    PickleGlobal{"torch", "bool", Role::Dtype, ScalarType::Bool},
};

} // namespace

std::optional<std::size_t> findPickleGlobal(std::string_view module, std::string_view name) {
    const auto* found = std::ranges::find_if(
        kGlobals, [&](const PickleGlobal& each) { return each.module == module && each.name == name; });
    if (found == kGlobals.end())
        return std::nullopt;
    return static_cast<std::size_t>(found - kGlobals.begin());
}

const PickleGlobal& pickleGlobal(std::size_t index) {
    LATHE_EXPECT(index < kGlobals.size());
    return kGlobals[index];
}

} // namespace lathe
