#pragma once

#include "core/base/event.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

namespace lathe {

/// How far a study is, for a person: on a terminal one line that is redrawn, elsewhere a line at about every
/// tenth of a trial. Writes to standard error.
class ProgressLine {
public:
    explicit ProgressLine(std::int64_t trialCount);
    ~ProgressLine() { finish(); }
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void show(const Event& event);
    /// Prints a line of its own above the redrawn one.
    void print(const std::string& line);
    /// Leaves the last state on the screen.
    void finish();

private:
    void handle(const MetricPoint& point);
    void handle(const TrialChange& change);
    void handle(const TrialProgress& progress);
    void handle(const LogLine& line);
    void handle(const SampleText&) {}
    void handle(const TrialRewind& rewind);

    [[nodiscard]] std::string text(int width) const;
    void redraw();

    std::int64_t m_trialCount;
    bool m_isTerminal;
    std::int64_t m_trialsBegun = 0;
    TrialProgress m_progress;
    std::map<std::string, double> m_latest; ///< of the trial that runs, by metric
    std::int64_t m_tenthsPrinted = -1;
    bool m_isDrawn = false;
    std::chrono::steady_clock::time_point m_drawnAt;
};

} // namespace lathe
