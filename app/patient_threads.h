#pragma once

#include <array>
#include <climits>
#include <string_view>
#include <unistd.h>
#include <vector>

#ifdef __has_feature // Clang's
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define LATHE_IS_SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LATHE_IS_SANITIZED
#endif

namespace lathe {

/// OpenMP reads its variables when its library is loaded, which is before main(): threads that spin while
/// they wait would take the window's core, and threads that sleep at once cost a small model most of its
/// speed (W1 on two cores: 16,600 tokens/s in place of 43,000). So they spin for a fraction of a
/// millisecond first; the program starts itself once more with that set. Returns where it is set, or cannot
/// be.
inline void startAgainWithPatientThreads(char** argv, char** environment) {
    std::vector<char*> entries;
    bool hasSpinCount = false;
    for (char** entry = environment; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        if (text.starts_with("OMP_WAIT_POLICY="))
            return;
        hasSpinCount = hasSpinCount || text.starts_with("GOMP_SPINCOUNT=");
        entries.push_back(*entry);
    }
    std::array policy = std::to_array("OMP_WAIT_POLICY=PASSIVE");
    std::array spinCount = std::to_array("GOMP_SPINCOUNT=20000");
    entries.push_back(policy.data());
    if (!hasSpinCount)
        entries.push_back(spinCount.data());
    entries.push_back(nullptr);
    std::array<char, PATH_MAX> program = {}; // its own name in process lists
    if (readlink("/proc/self/exe", program.data(), program.size() - 1) > 0)
        execve(program.data(), argv,
               entries.data()); // returns only where it fails; then it is slower, not wrong
}

} // namespace lathe
