#pragma once

#include <memory>

namespace lathe {

/// A kernel of ours for NVIDIA's GPUs, written in CUDA C and compiled when it is first asked for, by the
/// compiler that LibTorch brings along (NVRTC): so the program is built without a CUDA tool kit, and one
/// binary serves machines with and without a GPU.
class CudaKernel {
public:
    /// `source`: with a function `extern "C" __global__ void name(…)`. Nothing where NVRTC or the driver is
    /// not there or does not take it. Takes some 100 ms.
    [[nodiscard]] static std::unique_ptr<const CudaKernel> compile(const char* source, const char* name);

    /// Runs it on the current device, in LibTorch's default stream, for at least so many threads. The
    /// arguments have the function's types and order; nothing checks that.
    template <typename... Arguments>
    void launch(long long threads, Arguments... arguments) const {
        void* pointers[] = {&arguments...};
        start(threads, pointers);
    }

private:
    struct Driver;
    CudaKernel(const Driver& driver, void* function) : m_driver(driver), m_function(function) {}
    void start(long long threads, void** arguments) const;

    const Driver& m_driver;
    void* m_function; // CUkernel: valid in the context of each device
};

} // namespace lathe
