#include "core/adapter/dropout.h"

#include "core/base/contract.h"
#include "core/kernels/cuda_kernel.h"
#include "core/kernels/philox_draws.h"
#include "core/kernels/vectors.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/bitwise_right_shift.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <algorithm>
#include <array>
#include <c10/core/DeviceGuard.h>
#include <cmath>
#include <vector>

namespace lathe {

namespace {

constexpr std::int64_t kPerCall = 8; // elements of one call of Philox, 16 bits each
constexpr std::int64_t kCallsAtOnce = kPhiloxCalls, kWords = kPhiloxWords;

std::int64_t callsFor(std::int64_t count) { return (count + kPerCall - 1) / kPerCall; }

std::int64_t thresholdOf(double p) { return std::lround(p * 65536.0); }

float keptOf(double p) { return static_cast<float>(1.0 / (1.0 - p)); }

/// Two elements of each word, the lower half first.
LATHE_WIDE void fillMask(const std::uint32_t* words, std::uint32_t threshold, float kept, float* mask) {
    for (std::int64_t i = 0; i < kCallsAtOnce * kWords; ++i) {
        mask[2 * i] = (words[i] & 0xffffU) < threshold ? 0.0F : kept;
        mask[2 * i + 1] = words[i] >> 16U < threshold ? 0.0F : kept;
    }
}

/// Of `count` elements, from those of this call on.
at::Tensor maskByLoop(std::int64_t count, double p, const DropoutClock& clock, std::uint32_t site,
                      std::int64_t firstCall) {
    constexpr std::int64_t kElements = kCallsAtOnce * kPerCall;
    at::Tensor mask = at::empty({count}, at::kFloat);
    float* data = mask.data_ptr<float>();
    const auto threshold = static_cast<std::uint32_t>(thresholdOf(p));
    const float kept = keptOf(p);
    const std::uint64_t high = static_cast<std::uint64_t>(clock.step) << 32U | site;
    at::parallel_for(0, (count + kElements - 1) / kElements, 64, [&](std::int64_t begin, std::int64_t end) {
        std::array<std::uint32_t, kCallsAtOnce * kWords> words;
        std::array<float, kElements> last;
        for (std::int64_t part = begin; part < end; ++part) {
            drawPhilox(clock.seed, firstCall + part * kCallsAtOnce, high, words.data());
            const std::int64_t left = count - part * kElements;
            fillMask(words.data(), threshold, kept, left < kElements ? last.data() : data + part * kElements);
            if (left < kElements)
                std::copy_n(last.begin(), left, data + part * kElements);
        }
    });
    return mask;
}

/// Of `count` elements, from those of this call on, a byte a call; with some more behind the last.
std::vector<std::uint8_t> bitsByLoop(std::int64_t count, double p, const DropoutClock& clock,
                                     std::uint32_t site, std::int64_t firstCall) {
    const std::int64_t blocks = (callsFor(count) + kCallsAtOnce - 1) / kCallsAtOnce;
    std::vector<std::uint8_t> bits(static_cast<std::size_t>(blocks * kCallsAtOnce));
    const auto threshold = static_cast<std::uint32_t>(thresholdOf(p));
    const std::uint64_t high = static_cast<std::uint64_t>(clock.step) << 32U | site;
    at::parallel_for(0, blocks, 64, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t block = begin; block < end; ++block) {
            drawKept(clock.seed, firstCall + block * kCallsAtOnce, high, threshold,
                     bits.data() + block * kCallsAtOnce);
        }
    });
    return bits;
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

/// philox() of core/base/random.h for so many counters from `first` on. Returns [calls, 4], 32 bits in each
/// int64. Products of two 32-bit numbers wrap in int64 as in uint64, and what the shift drags in is masked
/// out. Contract: the counters are below 2^32.
at::Tensor philoxWords(const DropoutClock& clock, std::int64_t first, std::int64_t calls, std::uint32_t site,
                       at::Device device) {
    constexpr std::int64_t kLow = 0xffffffff;
    const auto options = at::TensorOptions(at::kLong).device(device);
    const std::vector<at::Tensor> numbers = philoxNumbers(clock.seed, device).unbind(0);
    // Words 0 and 2, which are multiplied, and words 1 and 3; [2, calls] each.
    at::Tensor even = at::stack({at::arange(first, first + calls, options),
                                 at::full({calls}, static_cast<std::int64_t>(site), options)});
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

/// What RowsBefore says on this thread.
thread_local std::int64_t rowsBefore = 0;

} // namespace

at::Tensor dropoutMaskByOperators(at::IntArrayRef shape, double p, const DropoutClock& clock,
                                  std::uint32_t site, at::Device device, std::int64_t first) {
    const at::NoGradGuard noGrad;
    const std::int64_t count = c10::multiply_integers(shape);
    const std::int64_t inFront = first % kPerCall; // of the first call's elements
    const at::Tensor words = philoxWords(clock, first / kPerCall, callsFor(inFront + count), site, device);
    const at::Tensor halves =
        at::stack({words.bitwise_and(0xffff), at::bitwise_right_shift(words, 16)}, 2).view({-1});
    return halves.narrow(0, inFront, count).ge(thresholdOf(p)).to(at::kFloat).mul_(keptOf(p)).view(shape);
}

at::Tensor dropoutMask(at::IntArrayRef shape, double p, const DropoutClock& clock, std::uint32_t site,
                       at::Device device, std::int64_t first) {
    if (device.is_cpu()) {
        const std::int64_t count = c10::multiply_integers(shape);
        const std::int64_t inFront = first % kPerCall; // of the first call's elements
        const at::Tensor mask = maskByLoop(inFront + count, p, clock, site, first / kPerCall);
        return mask.narrow(0, inFront, count).view(shape);
    }
    if (device.is_cuda() && first == 0) // parts of a batch are the CPU's
        if (at::Tensor mask = maskByKernel(shape, p, clock, site, device); mask.defined())
            return mask;
    return dropoutMaskByOperators(shape, p, clock, site, device, first);
}

DropoutBits dropoutBits(std::int64_t rows, std::int64_t width, double p, const DropoutClock& clock,
                        std::uint32_t site, std::int64_t first) {
    const std::int64_t inFront = first % kPerCall; // of the first call's elements
    return {bitsByLoop(inFront + rows * width, p, clock, site, first / kPerCall), inFront, rows, width,
            static_cast<double>(keptOf(p))};
}

RowsBefore::RowsBefore(std::int64_t count) {
    LATHE_EXPECT(rowsBefore == 0 && count >= 0);
    rowsBefore = count;
}

RowsBefore::~RowsBefore() { rowsBefore = 0; }

at::Tensor rowDropoutMask(at::IntArrayRef shape, double p, const DropoutClock& clock, std::uint32_t site,
                          at::Device device) {
    return dropoutMask(shape, p, clock, site, device, rowsBefore * shape.back());
}

DropoutBits rowDropoutBits(std::int64_t rows, std::int64_t width, double p, const DropoutClock& clock,
                           std::uint32_t site) {
    return dropoutBits(rows, width, p, clock, site, rowsBefore * width);
}

} // namespace lathe
