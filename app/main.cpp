#include "app/cli/command_line.h"
#include "app/workbench.h"

#include <cstdlib>
#include <filesystem>
#include <unistd.h>

namespace {

/// OpenMP reads its variables when its library is loaded, which is before main(): threads that spin while
/// they wait would take the window's core, and threads that sleep at once cost a small model most of its
/// speed (W1 on two cores: 16,600 tokens/s in place of 43,000). So they spin for a fraction of a
/// millisecond first; the program starts itself once more with that set.
void startAgainWithPatientThreads(char** argv) {
    if (std::getenv("OMP_WAIT_POLICY") != nullptr)
        return;
    setenv("OMP_WAIT_POLICY", "PASSIVE", 1);
    setenv("GOMP_SPINCOUNT", "20000", 0);
    std::error_code problem;
    const auto program =
        std::filesystem::read_symlink("/proc/self/exe", problem); // its own name in process lists
    execv(program.c_str(), argv); // returns only where it fails; then it is slower, not wrong
}

} // namespace

int main(int argc, char** argv) {
    startAgainWithPatientThreads(argv);
    if (lathe::isForWindow(argc, argv))
        return lathe::runWorkbench(argc, argv);
    return lathe::runCommandLine(argc, argv);
}
