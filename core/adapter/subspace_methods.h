#pragma once

#include "core/adapter/adapter_method.h"

namespace lathe {

/// A simplex of LoRA adapters, and one of bottlenecks. "prefix_subspace" is made in adapter_method.h.
[[nodiscard]] std::unique_ptr<AdapterMethod> makeLoraSubspaceMethod();
[[nodiscard]] std::unique_ptr<AdapterMethod> makeBottleneckSubspaceMethod();

} // namespace lathe
