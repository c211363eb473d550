#pragma once

#include "core/base/work_time.h"

#include <optional>
#include <string>
#include <string_view>

namespace lathe {

/// Scopes that training marks for whoever profiles it (RECORD_USER_SCOPE).
inline constexpr const char* kDataScope = "lathe::data";
inline constexpr const char* kLossScope = "lathe::loss_and_head";
inline constexpr const char* kOptimizerScope = "lathe::optimizer";

/// What an operator, a node of the backward pass or a scope of this name is for, and so what it calls;
/// nothing where the name does not tell.
[[nodiscard]] std::optional<WorkKind> kindOf(std::string_view name);
/// Whether it multiplies matrices: its operands then tell the kind.
[[nodiscard]] bool isProduct(std::string_view name);
/// Whether the operands are batches of matrices, as in attention that is written out.
[[nodiscard]] bool isBatchedProduct(std::string_view name);
/// Whether it computes number by number, rather than move numbers about.
[[nodiscard]] bool isElementwise(std::string_view name);

/// The name as people know it: "torch::autograd::CppNode<lathe::(anonymous namespace)::RmsNorm>" is "RmsNorm
/// backward"; the engine's steps from node to node are one, "autograd engine".
[[nodiscard]] std::string operatorName(std::string_view name);

} // namespace lathe
