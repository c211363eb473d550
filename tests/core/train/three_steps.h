#pragma once

#include "core/adapter/adapter_method.h"
#include "core/model/language_model.h"
#include "core/params/param_schema.h"

#include <string>
#include <vector>

namespace lathe::test {

/// The method's values, as `changes` has them, else small, so that they fit the tiny models.
[[nodiscard]] ParamValues smallValues(const AdapterMethod& method, const ParamValues& changes);

/// Losses of three steps and the parameters they leave.
struct Trained {
    std::vector<double> losses;
    std::vector<at::Tensor> parameters;
};

/// Three steps of the method over random tokens below 95.
[[nodiscard]] Trained train(LanguageModel& model, const std::string& method, const ParamValues& changes);

/// Whether preflight() tells of this field something with this part.
[[nodiscard]] bool isProblem(const ParamValues& recipe, const std::string& key, const std::string& part);

} // namespace lathe::test
