#include "core/adapter/rotation_options.h"

#include "core/base/random.h"

#include <ATen/ops/eye.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>
#include <numeric>

namespace lathe {

ParamSpec blockDropoutOption() {
    return {"block_dropout",
            "adapter",
            "Block dropout",
            "",
            "Share of blocks that stand still in a training step; helps when data is scarce.",
            RealDomain{0, 0.9, false, false},
            0.0,
            {},
            true,
            true};
}

at::Tensor withStillBlocks(const at::Tensor& blocks, double p, const DropoutClock& clock,
                           std::uint32_t site) {
    const auto count = static_cast<std::size_t>(blocks.size(0));
    const auto still = static_cast<std::size_t>(p * static_cast<double>(count));
    if (!clock.isTraining || still == 0 || count == 1)
        return blocks;
    std::vector<std::int64_t> order(count);
    std::iota(order.begin(), order.end(), 0);
    Rng rng(mixSeed(mixSeed(clock.seed, static_cast<std::uint64_t>(clock.step)), site));
    rng.shuffle(std::span(order));
    std::vector<std::int64_t> isStill(count, 0);
    for (std::size_t i = 0; i < still; ++i)
        isStill[static_cast<std::size_t>(order[i])] = 1;
    const at::Tensor mask = at::tensor(isStill, at::kLong).to(at::kBool).view({-1, 1, 1}).to(blocks.device());
    return at::where(mask, at::eye(blocks.size(-1), blocks.options()), blocks);
}

Result<std::vector<Site>> rotationSites(const PeftFolder& folder, const ModelSummary& model) {
    LATHE_ASSIGN(std::vector<Site> sites, peftTargetSites(folder.config(), model, folder.configPath()));
    for (const Site& site : sites)
        if (site.kind == SiteKind::Embedding)
            return inputError(folder.configPath(), "target_modules names the token table " + site.name +
                                                       ", whose rotation is not supported");
    return sites;
}

} // namespace lathe
