#include "core/train/threads.h"

#include "core/base/cores.h"

#include <ATen/Parallel.h>

namespace lathe {

void useThreads(std::int64_t count) {
    at::set_num_threads(static_cast<int>(count > 0 ? count : availableCores()));
}

} // namespace lathe
