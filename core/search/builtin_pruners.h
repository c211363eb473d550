#pragma once

#include "core/search/pruner.h"

#include <memory>

namespace lathe {

/// Every trial runs to its end.
[[nodiscard]] std::unique_ptr<Pruner> makeNoPruner();
[[nodiscard]] std::unique_ptr<Pruner> makeMedianPruner();
[[nodiscard]] std::unique_ptr<Pruner> makePercentilePruner();
/// Asynchronous successive halving (ASHA).
[[nodiscard]] std::unique_ptr<Pruner> makeHalvingPruner();
[[nodiscard]] std::unique_ptr<Pruner> makeHyperbandPruner();
/// Alone, or in front of another pruner.
[[nodiscard]] std::unique_ptr<Pruner> makePatientPruner();
[[nodiscard]] std::unique_ptr<Pruner> makeWilcoxonPruner();
[[nodiscard]] std::unique_ptr<Pruner> makeThresholdPruner();
[[nodiscard]] std::unique_ptr<Pruner> makeDivergencePruner();

} // namespace lathe
