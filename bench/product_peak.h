#pragma once

#include "bench/measuring.h"

#include <ATen/ops/linear.h>
#include <ATen/ops/randn.h>

namespace lathe::bench {

/// The fastest matrix products of LibTorch between the steps of a run: how fast a machine computes changes
/// within minutes, and a step's share of what it can do means nothing beside products of another minute.
class ProductPeak {
public:
    explicit ProductPeak(at::ScalarType dtype) : m_dtype(dtype) {}

    /// Takes about half a second.
    void sample() {
        constexpr int kRepeats = 4;
        double best = 0;
        for (const std::int64_t size : {1024, 1536, 2048}) {
            const at::Tensor x = at::randn({size, size}).to(m_dtype), w = at::randn({size, size}).to(m_dtype);
            for (int repeat = 0; repeat < kRepeats; ++repeat) {
                const auto begin = std::chrono::steady_clock::now();
                const at::Tensor y = at::linear(x, w);
                const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
                best = std::max(best, 2e-9 * std::pow(static_cast<double>(size), 3) / took.count());
            }
        }
        m_samples.push_back(best);
    }
    /// Of all samples the one in the middle, in GFLOP/s. Contract: there is one.
    [[nodiscard]] double gflopPerSecond() const { return median(m_samples); }

private:
    at::ScalarType m_dtype;
    std::vector<double> m_samples;
};

} // namespace lathe::bench
