#pragma once

#include "core/params/param_schema.h"

#include <span>
#include <string>

namespace lathe {

/// What was given as "KEY=VALUE", once for each option of a sampler or a pruner. Input error that names
/// `flag`, and what is wrong: the form, the key (with the nearest known one), the value, or `part` has no
/// options.
[[nodiscard]] Result<ParamValues> partOptions(const std::string& flag, const std::string& part,
                                              std::span<const ParamSpec> schema,
                                              std::span<const std::string> texts);

} // namespace lathe
