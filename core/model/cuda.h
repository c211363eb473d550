#pragma once

#include <string>

namespace lathe {

/// Opens libtorch_cuda where it lies beside libtorch_cpu, so that CUDA devices are found. The first call of a
/// process does the work; it has to come before anything asks LibTorch for CUDA, which remembers the answer
/// for good. From then on float32 means float32 on the GPU as well: no TF32. Returns why there is no CUDA, or
/// nothing.
const char* loadCudaLibraries();

/// Gives the GPUs' memory that LibTorch keeps for later back to whoever wants it. What tensors hold stays.
void releaseUnusedCudaMemory();

/// Whether what LibTorch threw says that a GPU has no memory left: for a tensor, or for CUDA's libraries.
[[nodiscard]] bool isCudaMemoryProblem(const std::string& thrown);

/// What LibTorch says of a GPU without memory, as one sentence: what was asked for, what there is, what
/// helps.
[[nodiscard]] std::string cudaMemoryMessage(const std::string& thrown);

} // namespace lathe
