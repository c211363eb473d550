#pragma once

#include "core/adapter/dropout.h"
#include "core/adapter/peft_folder.h"
#include "core/params/param_schema.h"

namespace lathe {

/// What OFT and BOFT share.

/// "block_dropout": share of blocks that stand still in a training step.
[[nodiscard]] ParamSpec blockDropoutOption();
/// blocks: [K, S, S]. While training, the share p of them (rounded down) replaced by the identity; which, a
/// pure function of seed, step and site. One block alone never stands still.
[[nodiscard]] at::Tensor withStillBlocks(const at::Tensor& blocks, double p, const DropoutClock& clock,
                                         std::uint32_t site);
/// The projections that a folder's configuration names. Input error as peftTargetSites(), or a token table,
/// which neither method is defined for here.
[[nodiscard]] Result<std::vector<Site>> rotationSites(const PeftFolder& folder, const ModelSummary& model);

} // namespace lathe
