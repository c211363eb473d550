#pragma once

#include "core/params/param_schema.h"

namespace lathe {

/// Options that several methods share: one key, one meaning, one field of the form.

/// "rank" of a low-rank product.
[[nodiscard]] ParamSpec rankOption();
/// "alpha": the product is scaled by alpha / rank.
[[nodiscard]] ParamSpec alphaOption();
/// "dropout" of the adapter's inputs.
[[nodiscard]] ParamSpec dropoutOption();
/// "bottleneck_size" of series and parallel adapters.
[[nodiscard]] ParamSpec bottleneckOption();
/// "virtual_tokens" of prefixes and prompts.
[[nodiscard]] ParamSpec virtualTokensOption();

} // namespace lathe
