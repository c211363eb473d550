#pragma once

#include <cstdint>

namespace lathe {

/// Sets the tensor library's threads for the calling thread; 0 takes one for each core this process may use.
void useThreads(std::int64_t count);

/// Opens libtorch_cuda where it lies beside libtorch_cpu, so that CUDA devices are found. Once a process,
/// before the first tensor. Returns why there is no CUDA, or nothing.
const char* loadCudaLibraries();

} // namespace lathe
