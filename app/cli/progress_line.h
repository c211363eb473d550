#pragma once

#include "core/base/event.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

namespace lathe {

/// How far a study is, for a person: on a terminal one line that is redrawn, elsewhere a line at about every
/// tenth of a trial. Of several trials at a time the terminal shows the one that began first. Writes to
/// standard error.
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

    struct Trial {
        std::int64_t ordinal = 0; ///< from 1, in the order they began
        bool isOver = false;
        TrialProgress progress;
        std::map<std::string, double> latest; ///< by metric
        std::int64_t tenthsPrinted = -1;
    };

    void begin(std::int64_t trial);
    [[nodiscard]] const Trial& shown() const;
    [[nodiscard]] std::string text(const Trial& trial, int width) const;
    void redraw();

    std::int64_t m_trialCount;
    bool m_isTerminal;
    std::int64_t m_trialsBegun = 0;
    std::map<std::int64_t, Trial> m_trials; ///< by id: those that run, and the last that are over
    bool m_isDrawn = false;
    std::chrono::steady_clock::time_point m_drawnAt;
};

} // namespace lathe
