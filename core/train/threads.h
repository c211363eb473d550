#pragma once

#include "core/model/cuda.h" // whoever sets the threads opens the libraries, too

#include <cstdint>

namespace lathe {

/// Sets the tensor library's threads for the calling thread; 0 takes one for each core this process may use.
/// From then on numbers below fp32's normal range (1.2e-38) count as 0 in it and in the threads it starts.
void useThreads(std::int64_t count);

} // namespace lathe
