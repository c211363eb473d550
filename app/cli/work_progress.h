#pragma once

#include <cstdint>
#include <string>

namespace lathe {

/// How far a long work is: one line on standard error that is redrawn, for people at a terminal.
class WorkProgress {
public:
    explicit WorkProgress(bool isWanted);
    WorkProgress(const WorkProgress&) = delete;
    WorkProgress& operator=(const WorkProgress&) = delete;
    ~WorkProgress(); ///< takes the line away

    /// total 0: not known.
    void show(const std::string& phase, std::uint64_t done, std::uint64_t total);

private:
    bool m_isWanted;
    bool m_isDrawn = false;
};

} // namespace lathe
