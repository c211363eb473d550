#pragma once

#include "core/params/study_spec.h"

#include <string>
#include <string_view>
#include <vector>

/// Private to core/store: searched quantities as Optuna writes them (optuna.distributions, MIT licence).
namespace lathe::optuna {

/// One row of trial_params: every value is a number there, a choice its index.
struct Param {
    double value = 0;
    std::string distribution; ///< JSON
};

/// The trial's value and its domain. Choices are of the type that `value` has, if all of them read as it.
/// What Optuna cannot say becomes the next wider distribution: the open end of a range, the order of choices,
/// the step of a logarithmic whole number. Input error, beginning with the key: free text, a value that is
/// not in its domain, or a whole number that a double cannot hold.
[[nodiscard]] Result<Param> toParam(const SearchDimension& dimension, const ParamValue& value);

/// A distribution out of a file, in our terms.
struct Distribution {
    Domain domain;
    std::vector<ParamValue> choices; ///< of a categorical one, in its order; empty otherwise
};

/// Input error beginning with the name: not JSON, a distribution we do not know, or one we cannot express,
/// such as a choice that is null or a list.
[[nodiscard]] Result<Distribution> distributionFrom(const std::string& name, std::string_view json);

/// Makes `known` cover `other` too: Optuna lets the range change from trial to trial. Input error beginning
/// with the name if the two differ in more than their ranges.
[[nodiscard]] Status widen(const std::string& name, Distribution& known, const Distribution& other);

/// The value as a sampler of ours answers it: choices as text. Input error beginning with the name.
[[nodiscard]] Result<ParamValue> valueFrom(const std::string& name, const Distribution& distribution,
                                           double value);

} // namespace lathe::optuna
