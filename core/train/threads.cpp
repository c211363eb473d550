#include "core/train/threads.h"

#include <ATen/Parallel.h>
#include <algorithm>
#include <array>
#include <dlfcn.h>
#include <sched.h>
#include <string>

namespace lathe {

namespace {

int availableCores() {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    return sched_getaffinity(0, sizeof(cores), &cores) == 0 ? CPU_COUNT(&cores) : 1;
}

const char* openCuda() {
    // libtorch_cuda's own search path finds NVIDIA's libraries, which lie in the folder beside torch's.
    for (const char* name : std::array{"libc10_cuda.so", "libtorch_cuda.so"})
        if (dlopen(name, RTLD_NOW | RTLD_GLOBAL) == nullptr)
            return "libtorch_cuda and NVIDIA's libraries are not installed; packaging/setup --cuda fetches "
                   "them";
    return "";
}

} // namespace

void useThreads(std::int64_t count) {
    at::set_num_threads(static_cast<int>(count > 0 ? count : std::max(1, availableCores())));
}

const char* loadCudaLibraries() {
    static const char* const problem = openCuda();
    return problem;
}

} // namespace lathe
