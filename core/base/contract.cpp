#include "core/base/contract.h"

#include <cstdio>
#include <cstdlib>

namespace lathe {

void contractBroken(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "lathe: internal error: %s does not hold (%s:%d). Please report this.\n", condition,
                 file, line);
    std::fflush(stderr);
    std::abort();
}

} // namespace lathe
