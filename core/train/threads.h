#pragma once

#include "core/model/cuda.h" // whoever sets the threads opens the libraries, too

#include <cstdint>

namespace lathe {

/// Sets the tensor library's threads for the calling thread; 0 takes one for each core this process may use.
void useThreads(std::int64_t count);

} // namespace lathe
