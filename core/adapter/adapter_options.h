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
/// "bias": which biases of the base are trained along; "none", "adapted" or "all".
[[nodiscard]] ParamSpec biasOption();
/// "modules_to_save": names of modules of the base that are trained whole.
[[nodiscard]] ParamSpec modulesToSaveOption();

} // namespace lathe
