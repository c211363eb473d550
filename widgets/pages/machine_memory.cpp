#include "widgets/pages/machine_memory.h"

#include <QByteArray>
#include <QFile>

namespace lathe {

std::optional<double> availableMemory() {
    // proc(5): "MemAvailable: 123456 kB", what could be used without swapping.
    QFile file(QStringLiteral("/proc/meminfo"));
    if (!file.open(QIODevice::ReadOnly))
        return std::nullopt;
    for (const QByteArray& line : file.readAll().split('\n')) {
        if (!line.startsWith("MemAvailable:"))
            continue;
        bool isNumber = false;
        const double kibibytes = line.mid(13).trimmed().split(' ').front().toDouble(&isNumber);
        return isNumber ? std::optional(1024 * kibibytes) : std::nullopt;
    }
    return std::nullopt;
}

} // namespace lathe
