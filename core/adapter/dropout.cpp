#include "core/adapter/dropout.h"

#include "core/base/random.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <cmath>

namespace lathe {

at::Tensor dropoutMask(at::IntArrayRef shape, double p, const DropoutClock& clock, std::uint32_t site,
                       at::Device device) {
    constexpr std::int64_t kPerCall = 8; // 16 bits an element
    at::Tensor mask = at::empty(shape, at::kFloat);
    float* data = mask.data_ptr<float>();
    const std::int64_t count = mask.numel();
    const auto threshold = static_cast<std::uint32_t>(std::lround(p * 65536.0));
    const auto kept = static_cast<float>(1.0 / (1.0 - p));
    const std::uint64_t high = static_cast<std::uint64_t>(clock.step) << 32U | site;
    at::parallel_for(0, (count + kPerCall - 1) / kPerCall, 512, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t block = begin; block < end; ++block) {
            const auto words = philox(clock.seed, static_cast<std::uint64_t>(block), high);
            for (std::int64_t i = 0; i < kPerCall && block * kPerCall + i < count; ++i) {
                const std::uint32_t bits =
                    words[static_cast<std::size_t>(i / 2)] >> (16U * static_cast<std::uint32_t>(i % 2)) &
                    0xffffU;
                data[block * kPerCall + i] = bits < threshold ? 0.0F : kept;
            }
        }
    });
    return mask.to(device);
}

} // namespace lathe
