#include "core/base/cores.h"

#include <algorithm>
#include <sched.h>

namespace lathe {

int availableCores() {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    return sched_getaffinity(0, sizeof(cores), &cores) == 0 ? std::max(1, CPU_COUNT(&cores)) : 1;
}

} // namespace lathe
