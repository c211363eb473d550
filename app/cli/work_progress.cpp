#include "app/cli/work_progress.h"

#include "app/cli/terminal.h"

#include <cstdio>
#include <unistd.h>

namespace lathe {

WorkProgress::WorkProgress(bool isWanted) : m_isWanted(isWanted && isatty(STDERR_FILENO) != 0) {}

WorkProgress::~WorkProgress() {
    if (m_isDrawn)
        std::fputs("\r\033[K", stderr);
}

void WorkProgress::show(const std::string& phase, std::uint64_t done, std::uint64_t total) {
    if (!m_isWanted)
        return;
    const std::string share =
        total == 0 ? "…" : " " + percent(static_cast<double>(done) / static_cast<double>(total));
    std::fprintf(stderr, "\r\033[K%s%s", phase.c_str(), share.c_str());
    std::fflush(stderr);
    m_isDrawn = true;
}

} // namespace lathe
