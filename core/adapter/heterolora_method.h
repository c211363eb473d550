#pragma once

#include "core/adapter/adapter_method.h"

namespace lathe {

[[nodiscard]] std::unique_ptr<AdapterMethod> makeHeteroLoraMethod();

} // namespace lathe
