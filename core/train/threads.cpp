#include "core/train/threads.h"

#include <ATen/Parallel.h>
#include <algorithm>
#include <sched.h>

namespace lathe {

namespace {

int availableCores() {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    return sched_getaffinity(0, sizeof(cores), &cores) == 0 ? CPU_COUNT(&cores) : 1;
}

} // namespace

void useThreads(std::int64_t count) {
    at::set_num_threads(static_cast<int>(count > 0 ? count : std::max(1, availableCores())));
}

} // namespace lathe
