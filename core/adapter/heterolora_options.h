#pragma once

#include "core/params/param_schema.h"

namespace lathe {

/// HeteroLoRA's options.
[[nodiscard]] ParamSchema heteroOptions();

/// Values of "allocation", in the order of AllocationMode.
[[nodiscard]] const std::vector<std::string>& allocationNames();

/// The kinds a value of "shortcuts" stands for.
[[nodiscard]] std::vector<std::string> shortcutKinds(const std::string& choice);

} // namespace lathe
