#include "core/adapter/dropout.h"

#include "core/base/random.h"
#include "core/kernels/cuda_kernel.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/bitwise_right_shift.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <c10/core/DeviceGuard.h>
#include <cmath>
#include <vector>

namespace lathe {

namespace {

constexpr std::int64_t kPerCall = 8; // elements of one call of Philox, 16 bits each

std::int64_t callsFor(std::int64_t count) { return (count + kPerCall - 1) / kPerCall; }

std::int64_t thresholdOf(double p) { return std::lround(p * 65536.0); }

float keptOf(double p) { return static_cast<float>(1.0 / (1.0 - p)); }

at::Tensor maskByLoop(at::IntArrayRef shape, double p, const DropoutClock& clock, std::uint32_t site) {
    at::Tensor mask = at::empty(shape, at::kFloat);
    float* data = mask.data_ptr<float>();
    const std::int64_t count = mask.numel();
    const auto threshold = static_cast<std::uint32_t>(thresholdOf(p));
    const float kept = keptOf(p);
    const std::uint64_t high = static_cast<std::uint64_t>(clock.step) << 32U | site;
    at::parallel_for(0, callsFor(count), 512, [&](std::int64_t begin, std::int64_t end) {
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
    return mask;
}

/// philox() of core/base/random.h, a call a thread.
constexpr const char* kSource = R"(
extern "C" __global__ void dropoutMask(float* mask, long long count, unsigned k0, unsigned k1, unsigned site,
                                       unsigned step, unsigned threshold, float kept) {
    const long long call = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (call * 8 >= count)
        return;
    unsigned c[4] = {(unsigned)call, (unsigned)(call >> 32), site, step};
    for (int round = 0; round < 10; ++round) {
        const unsigned long long p0 = 0xD2511F53ull * c[0], p1 = 0xCD9E8D57ull * c[2];
        c[0] = (unsigned)(p1 >> 32) ^ c[1] ^ k0;
        c[1] = (unsigned)p1;
        c[2] = (unsigned)(p0 >> 32) ^ c[3] ^ k1;
        c[3] = (unsigned)p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    #pragma unroll
    for (int i = 0; i < 8; ++i)
        if (call * 8 + i < count)
            mask[call * 8 + i] = ((c[i / 2] >> (16 * (i % 2))) & 0xffffu) < threshold ? 0.0f : kept;
}
)";

/// Undefined where the kernel cannot be had.
at::Tensor maskByKernel(at::IntArrayRef shape, double p, const DropoutClock& clock, std::uint32_t site,
                        at::Device device) {
    static const std::unique_ptr<const CudaKernel> kernel = CudaKernel::compile(kSource, "dropoutMask");
    if (kernel == nullptr)
        return {};
    const c10::DeviceGuard current(device);
    at::Tensor mask = at::empty(shape, at::TensorOptions(at::kFloat).device(device));
    kernel->launch(callsFor(mask.numel()), mask.data_ptr<float>(), static_cast<long long>(mask.numel()),
                   static_cast<std::uint32_t>(clock.seed), static_cast<std::uint32_t>(clock.seed >> 32U),
                   site, static_cast<std::uint32_t>(clock.step), static_cast<std::uint32_t>(thresholdOf(p)),
                   keptOf(p));
    return mask;
}

/// The multipliers of Philox's even words and the keys of its rounds, [11, 2, 1] int64.
at::Tensor philoxNumbers(std::uint64_t key, at::Device device) {
    std::vector<std::int64_t> numbers{0xD2511F53, 0xCD9E8D57};
    auto k0 = static_cast<std::uint32_t>(key);
    auto k1 = static_cast<std::uint32_t>(key >> 32U);
    for (int round = 0; round < 10; ++round) {
        numbers.insert(numbers.end(), {k0, k1});
        k0 += 0x9E3779B9U;
        k1 += 0xBB67AE85U;
    }
    return at::tensor(numbers, at::kLong).view({-1, 2, 1}).to(device, at::kLong, /*non_blocking=*/true);
}

/// philox() of core/base/random.h for the counters from 0 on. Returns [calls, 4], 32 bits in each int64.
/// Products of two 32-bit numbers wrap in int64 as in uint64, and what the shift drags in is masked out.
at::Tensor philoxWords(const DropoutClock& clock, std::int64_t calls, std::uint32_t site, at::Device device) {
    constexpr std::int64_t kLow = 0xffffffff;
    const auto options = at::TensorOptions(at::kLong).device(device);
    const std::vector<at::Tensor> numbers = philoxNumbers(clock.seed, device).unbind(0);
    // Words 0 and 2, which are multiplied, and words 1 and 3; [2, calls] each.
    at::Tensor even =
        at::stack({at::arange(calls, options), at::full({calls}, static_cast<std::int64_t>(site), options)});
    at::Tensor odd =
        at::stack({at::full({calls}, 0, options), at::full({calls}, clock.step & kLow, options)});
    for (std::size_t round = 1; round < numbers.size(); ++round) {
        const at::Tensor products = (even * numbers.front()).flip(0);
        even = at::bitwise_right_shift(products, 32).bitwise_xor_(odd).bitwise_xor_(numbers[round]);
        even.bitwise_and_(kLow);
        odd = products.bitwise_and(kLow);
    }
    return at::stack({even, odd}, 1).view({4, calls}).t();
}

} // namespace

at::Tensor dropoutMaskByOperators(at::IntArrayRef shape, double p, const DropoutClock& clock,
                                  std::uint32_t site, at::Device device) {
    const at::NoGradGuard noGrad;
    const std::int64_t count = c10::multiply_integers(shape);
    const at::Tensor words = philoxWords(clock, callsFor(count), site, device);
    const at::Tensor halves =
        at::stack({words.bitwise_and(0xffff), at::bitwise_right_shift(words, 16)}, 2).view({-1});
    return halves.narrow(0, 0, count).ge(thresholdOf(p)).to(at::kFloat).mul_(keptOf(p)).view(shape);
}

at::Tensor dropoutMask(at::IntArrayRef shape, double p, const DropoutClock& clock, std::uint32_t site,
                       at::Device device) {
    if (device.is_cpu())
        return maskByLoop(shape, p, clock, site);
    if (device.is_cuda())
        if (at::Tensor mask = maskByKernel(shape, p, clock, site, device); mask.defined())
            return mask;
    return dropoutMaskByOperators(shape, p, clock, site, device);
}

} // namespace lathe
