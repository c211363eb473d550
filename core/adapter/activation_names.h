#pragma once

#include <ATen/core/Tensor.h>
#include <span>
#include <string>

namespace lathe {

/// The parameterless activations that Hugging Face configurations name ("relu", "gelu_new", "swish", …).
[[nodiscard]] std::span<const std::string> activationNames();

/// f by its name. Null where there is none of that name.
using NamedActivation = at::Tensor (*)(const at::Tensor&);
[[nodiscard]] NamedActivation activationNamed(const std::string& name);

} // namespace lathe
