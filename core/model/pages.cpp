#include "core/model/pages.h"

#include <cstdint>
#include <sys/mman.h>
#include <unistd.h>

namespace lathe {

void letGoOfPages(std::span<const std::byte> part) {
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const auto first = (reinterpret_cast<std::uintptr_t>(part.data()) + page - 1) / page * page;
    const auto last = reinterpret_cast<std::uintptr_t>(part.data() + part.size()) / page * page;
    if (first < last) // whether it works or not is a matter of memory alone
        (void)::madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
}

} // namespace lathe
