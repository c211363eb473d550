#include "core/train/threads.h"

#include "core/base/cores.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>

namespace lathe {

void useThreads(std::int64_t count) {
    // Shares of a softmax far from its top are such numbers, and each costs the processor a hundred cycles.
    // Threads inherit it from the one that starts them, so it has to be said before the first parallel loop.
    at::globalContext().setFlushDenormal(true);
    at::set_num_threads(static_cast<int>(count > 0 ? count : availableCores()));
}

} // namespace lathe
