#pragma once

#include <ATen/core/Tensor.h>
#include <cstdint>

namespace lathe {

/// What the dropout sites of one adapter share: which masks are due.
struct DropoutClock {
    std::uint64_t seed = 0;
    std::int64_t step = 0;
    bool isTraining = false;
};

/// A mask of 0 and 1 / (1 - p) in fp32, a pure function of (seed, step, site, element): the same trial gets
/// the same masks whatever else runs, and a resumed one those of an uninterrupted one. p is kept to 1/65536.
[[nodiscard]] at::Tensor dropoutMask(at::IntArrayRef shape, double p, const DropoutClock& clock,
                                     std::uint32_t site, at::Device device);

/// The same mask out of LibTorch's operators, for devices that neither our loop nor our kernel reaches:
/// nothing of it is made on the host, which would have to copy it over.
[[nodiscard]] at::Tensor dropoutMaskByOperators(at::IntArrayRef shape, double p, const DropoutClock& clock,
                                                std::uint32_t site, at::Device device);

} // namespace lathe
