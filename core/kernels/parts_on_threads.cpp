#include "core/kernels/parts_on_threads.h"

#include <ATen/Parallel.h>

#ifndef _OPENMP
#error "Without OpenMP the parts would come one after the other."
#endif

namespace lathe {

void partsOnThreads(std::int64_t count, const std::function<void(std::int64_t)>& work) {
    at::parallel_for(0, count, 1, [&work](std::int64_t begin, std::int64_t end) {
        for (std::int64_t part = begin; part < end; ++part)
            work(part);
    });
}

} // namespace lathe
