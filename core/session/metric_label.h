#pragma once

#include <QString>

#include <string_view>

namespace lathe {

/// What people call a metric, in the user's language: "Evaluation loss" for "eval_loss". A metric it does not
/// know keeps its own name.
[[nodiscard]] QString metricLabel(std::string_view name);

} // namespace lathe
