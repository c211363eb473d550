#pragma once

#include "core/params/study_spec.h"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace lathe {

/// The parameters of any program, as a JSON object tells them.
struct BlackBoxSpace {
    SearchSpace dimensions; ///< in the order of the object
    /// The choices of the categorical ones with the type they were given, parallel to ChoiceDomain::values,
    /// which holds them as texts.
    std::map<std::string, std::vector<ParamValue>, std::less<>> choices;
};

/// {"x": {"type": "float", "low": -5, "high": 10, "log": false, "step": 0.5},
///  "k": {"type": "int", "low": 1, "high": 6, "step": 1, "log": false},
///  "c": {"type": "categorical", "choices": ["a", 2, true], "ordered": false},
///  "b": {"type": "bool"}}
/// Only type, low, high and choices are needed. A float and an int may have "at_least" and "at_most",
/// expressions of other parameters that narrow the range point by point. Each may have a condition: "if":
/// {"c": ["a", 2]} (a list, or one value) is met while c has one of the values; several keys must all be.
/// Input error naming the parameter, what is wrong and what to do.
[[nodiscard]] Result<BlackBoxSpace> blackBoxSpaceFromJson(const nlohmann::ordered_json& json);

/// {"x": 0.5, "k": 3, …} in the order of the space, without the parameters that have no value in `point`.
[[nodiscard]] nlohmann::ordered_json pointToJson(const BlackBoxSpace& space, const ParamValues& point);
/// The inverse. Input error for a parameter that is not of the space and for a value outside of its domain.
[[nodiscard]] Result<ParamValues> pointFromJson(const BlackBoxSpace& space,
                                                const nlohmann::ordered_json& json);

} // namespace lathe
