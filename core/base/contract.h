#pragma once

namespace lathe {

/// Prints the broken contract and ends the program. Never returns.
[[noreturn]] void contractBroken(const char* condition, const char* file, int line);

} // namespace lathe

/// States what only a bug can break. Stays on in release builds: a wrong number is worse than a stop.
#define LATHE_EXPECT(condition)                                                                              \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            ::lathe::contractBroken(#condition, __FILE__, __LINE__);                                         \
    } while (false)
