#include "core/base/machine_memory.h"

#include <fstream>
#include <limits>
#include <string>

namespace lathe {

std::optional<double> availableMemory() {
    // proc(5): "MemAvailable: 123456 kB", what could be used without swapping.
    std::ifstream file("/proc/meminfo");
    for (std::string key; file >> key; file.ignore(std::numeric_limits<std::streamsize>::max(), '\n'))
        if (key == "MemAvailable:") {
            double kibibytes = 0;
            return file >> kibibytes ? std::optional(1024 * kibibytes) : std::nullopt;
        }
    return std::nullopt;
}

} // namespace lathe
