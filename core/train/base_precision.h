#pragma once

#include "core/base/result.h"
#include "core/model/language_model.h"
#include "core/params/param_value.h"

namespace lathe {

/// The dtype of the base's weights that the recipe's `precision` asks for. Input error as scalarTypeFrom().
[[nodiscard]] Result<at::ScalarType> weightPrecision(const ParamValues& recipe);
/// Whether it asks for `mixed`, TransformerModel::setMixed().
[[nodiscard]] bool wantsMixed(const ParamValues& recipe);
/// Computes as the recipe's `precision` asks, once the adapter is attached. Input error if the model cannot.
[[nodiscard]] Status setPrecision(LanguageModel& model, const ParamValues& recipe);

} // namespace lathe
