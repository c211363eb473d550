#include "app/cli/command_line.h"
#include "app/workbench.h"

#include <array>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsWatched = true; // by what starts before the program, and reports at its end
#else
constexpr bool kIsWatched = false;
#endif

/// OpenMP reads its variables when its library is loaded, which is before main(): threads that spin while
/// they wait would take the window's core, and threads that sleep at once cost a small model most of its
/// speed (W1 on two cores: 16,600 tokens/s in place of 43,000). So they spin for a fraction of a
/// millisecond first; the program starts itself once more with that set.
void startAgainWithPatientThreads(int /*count*/, char** argv, char** environment) {
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

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
/// Before the libraries start: the tensor library takes 0.15 s to register its operators, once more in vain.
[[gnu::section(".preinit_array"),
  gnu::used]] void (*const beforeLibraries)(int, char**, char**) = startAgainWithPatientThreads;
#endif

/// The command line's objects are gone by now. What is left is the tensor library taking its operators out of
/// its tables again, one by one: 0.1 s for nobody.
int leave(int code) {
    if (kIsWatched)
        return code;
    std::cout.flush();
    std::cerr.flush();
    std::fflush(nullptr);
    std::_Exit(code);
}

} // namespace

int main(int argc, char** argv) {
    startAgainWithPatientThreads(argc, argv, environ);
    if (lathe::isForWindow(argc, argv))
        return lathe::runWorkbench(argc, argv);
    return leave(lathe::runCommandLine(argc, argv));
}
