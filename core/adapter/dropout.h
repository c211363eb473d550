#pragma once

#include "core/kernels/dropout_bits.h"

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
/// `first`: the number of its first element, ≥ 0.
[[nodiscard]] at::Tensor dropoutMask(at::IntArrayRef shape, double p, const DropoutClock& clock,
                                     std::uint32_t site, at::Device device, std::int64_t first = 0);

/// The same mask out of LibTorch's operators, for devices that neither our loop nor our kernel reaches:
/// nothing of it is made on the host, which would have to copy it over.
[[nodiscard]] at::Tensor dropoutMaskByOperators(at::IntArrayRef shape, double p, const DropoutClock& clock,
                                                std::uint32_t site, at::Device device,
                                                std::int64_t first = 0);

/// The same mask of [rows, width] on the CPU, a bit an element.
[[nodiscard]] DropoutBits dropoutBits(std::int64_t rows, std::int64_t width, double p,
                                      const DropoutClock& clock, std::uint32_t site, std::int64_t first = 0);

/// While it lives, the rows that adapters get on this thread stand behind so many others of their batch: a
/// thread that computes a part of a batch draws what the whole would have drawn there. Of the thread and not
/// of the adapter, whose sites serve all parts at the same time. They do not nest.
class RowsBefore {
public:
    explicit RowsBefore(std::int64_t count);
    RowsBefore(const RowsBefore&) = delete;
    RowsBefore& operator=(const RowsBefore&) = delete;
    ~RowsBefore();
};

/// dropoutMask() of rows of a batch, behind those of RowsBefore. shape: [..., width].
[[nodiscard]] at::Tensor rowDropoutMask(at::IntArrayRef shape, double p, const DropoutClock& clock,
                                        std::uint32_t site, at::Device device);
/// dropoutBits(), likewise.
[[nodiscard]] DropoutBits rowDropoutBits(std::int64_t rows, std::int64_t width, double p,
                                         const DropoutClock& clock, std::uint32_t site);

} // namespace lathe
