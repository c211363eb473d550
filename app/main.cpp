#include "app/cli/command_line.h"
#include "app/patient_threads.h"
#include "app/workbench.h"

#include <cstdio>
#include <cstdlib>
#include <iostream>

// Of the libraries that count which lines run; null in a program that is not built for it. GCC's, Clang's,
// and Clang's in GCC's place.
extern "C" {
[[gnu::weak]] extern void __gcov_init(void*);    // NOLINT(bugprone-reserved-identifier)
[[gnu::weak]] extern int __llvm_profile_runtime; // NOLINT(bugprone-reserved-identifier)
[[gnu::weak]] extern void llvm_gcov_init(void*, void*);
}

namespace {

/// By what starts before the program, and reports at its end.
bool isWatched() {
#ifdef LATHE_IS_SANITIZED
    return true;
#else
    return &__gcov_init != nullptr || &__llvm_profile_runtime != nullptr || &llvm_gcov_init != nullptr;
#endif
}

#if defined(__GLIBC__) && !defined(LATHE_IS_SANITIZED)
void startAgainBefore(int /*count*/, char** argv, char** environment) {
    lathe::startAgainWithPatientThreads(argv, environment);
}

/// Before the libraries start: the tensor library takes 0.15 s to register its operators, once more in vain.
[[gnu::section(".preinit_array"), gnu::used]] void (*const beforeLibraries)(int, char**,
                                                                            char**) = startAgainBefore;
#endif

/// The command line's objects are gone by now. What is left is the tensor library taking its operators out of
/// its tables again, one by one: 0.1 s for nobody.
int leave(int code) {
    if (isWatched())
        return code;
    std::cout.flush();
    std::cerr.flush();
    std::fflush(nullptr);
    std::_Exit(code);
}

} // namespace

int main(int argc, char** argv) {
    lathe::startAgainWithPatientThreads(argv, environ);
    if (lathe::isForWindow(argc, argv))
        return lathe::runWorkbench(argc, argv);
    return leave(lathe::runCommandLine(argc, argv));
}
