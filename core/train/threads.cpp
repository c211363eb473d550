#include "core/train/threads.h"

#include "core/base/cores.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <atomic>
#include <cstdlib>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace lathe {

void useThreads(std::int64_t count) {
    // Shares of a softmax far from its top are such numbers, and each costs the processor a hundred cycles.
    // Threads inherit it from the one that starts them, so it has to be said before the first parallel loop.
    at::globalContext().setFlushDenormal(true);
    at::get_num_threads(); // a thread's first loop would give it the number that any thread was given last
    at::set_num_threads(static_cast<int>(count > 0 ? count : availableCores()));
}

MoreThreads::MoreThreads(std::int64_t count) : m_before(at::get_num_threads()) {
    if (count > m_before)
        at::set_num_threads(static_cast<int>(count));
}

MoreThreads::~MoreThreads() {
    if (at::get_num_threads() != m_before)
        at::set_num_threads(m_before);
}

namespace {

std::atomic<int> memoryKeepers = 0; // in the process, as what is freed is the process's

} // namespace

KeptMemory::KeptMemory() {
    ++memoryKeepers;
#ifdef __GLIBC__
    constexpr int kKept = 512 << 20;
    constexpr int kAtOnce = 16 << 20;     // taken from the system
    constexpr int kMappedFrom = 32 << 20; // what is larger is mapped by itself, and does return at once
    mallopt(M_TRIM_THRESHOLD, kKept);
    mallopt(M_MMAP_THRESHOLD, kMappedFrom);
    mallopt(M_TOP_PAD, kAtOnce);
#endif
}

KeptMemory::~KeptMemory() {
    if (--memoryKeepers > 0)
        return;
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

} // namespace lathe
