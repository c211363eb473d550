#include "app/cli/progress_line.h"

#include "app/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace lathe {

namespace {

constexpr std::chrono::milliseconds kRedrawInterval{100};
constexpr int kBarWidth = 16;
constexpr const char* kUsualPhase = "training"; // not worth a word
constexpr int kUsualWidth = 80;

int terminalWidth() {
    winsize size{};
    const bool isKnown = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return isKnown ? size.ws_col : kUsualWidth;
}

std::string bar(std::int64_t done, std::int64_t total) {
    const auto filled = static_cast<std::size_t>(total > 0 ? std::min(done, total) * kBarWidth / total : 0);
    return "[" + std::string(filled, '#') + std::string(kBarWidth - filled, '.') + "]";
}

/// Cut to fit: a line that wraps cannot be redrawn. ASCII only, so bytes are columns.
std::string cut(std::string text, int width) {
    text.resize(std::min(text.size(), static_cast<std::size_t>(std::max(width, 1))));
    return text;
}

std::string firstWords(const std::string& text) { return text.substr(0, text.find('\n')); }

} // namespace

ProgressLine::ProgressLine(std::int64_t trialCount)
    : m_trialCount(trialCount), m_isTerminal(isatty(STDERR_FILENO) != 0) {}

void ProgressLine::show(const Event& event) {
    std::visit([this](const auto& kind) { handle(kind); }, event);
}

void ProgressLine::handle(const MetricPoint& point) { m_latest[point.name] = point.value; }

void ProgressLine::handle(const TrialChange& change) {
    if (change.state == TrialState::Preparing) {
        ++m_trialsBegun;
        m_latest.clear();
        m_progress = {};
        m_tenthsPrinted = -1;
    }
    if (isFinal(change.state) && m_trialCount > 1)
        print("trial " + std::to_string(change.trial.value) + ": " + std::string(toString(change.state)) +
              (change.note.empty() ? "" : " (" + firstWords(change.note) + ")"));
}

void ProgressLine::handle(const TrialProgress& progress) {
    m_progress = progress;
    const std::int64_t tenths = progress.total > 0 ? 10 * progress.done / progress.total : 0;
    if (m_isTerminal) {
        redraw();
    } else if (tenths > m_tenthsPrinted) {
        m_tenthsPrinted = tenths;
        print(text(2 * kUsualWidth));
    }
}

void ProgressLine::handle(const LogLine& line) {
    if (line.level != LogLine::Level::Info)
        print((line.level == LogLine::Level::Error ? "error: " : "warning: ") + line.text);
}

void ProgressLine::handle(const TrialRewind& rewind) {
    print("going on from the checkpoint at step " + std::to_string(rewind.step));
}

std::string ProgressLine::text(int width) const {
    std::string line;
    if (m_trialCount > 1)
        line = "trial " + std::to_string(m_trialsBegun) + "/" + std::to_string(m_trialCount) + " ";
    line += bar(m_progress.done, m_progress.total) + " " + std::to_string(m_progress.done) + "/" +
            std::to_string(m_progress.total);
    if (!m_progress.phase.empty() && m_progress.phase != kUsualPhase)
        line += " " + m_progress.phase;
    else if (m_progress.secondsLeft >= 0)
        line += " " + duration(m_progress.secondsLeft) + " left";
    // The most wanted first: a narrow terminal cuts the end.
    const auto add = [&](const char* label, const char* metric, auto format) {
        if (const auto value = m_latest.find(metric); value != m_latest.end())
            line += std::string("  ") + label + " " + format(value->second);
    };
    add("loss", "loss", shortNumber);
    add("eval", "eval_loss", shortNumber);
    add("accuracy", "eval_accuracy", percent);
    add("tokens/s", "tokens_per_second", [](double value) { return std::to_string(std::llround(value)); });
    return cut(std::move(line), width);
}

void ProgressLine::redraw() {
    const auto now = std::chrono::steady_clock::now();
    const bool isComplete = m_progress.done == m_progress.total;
    if (m_isDrawn && !isComplete && now - m_drawnAt < kRedrawInterval)
        return;
    // Carriage return, text, erase to the end of the line (ECMA-48).
    std::fprintf(stderr, "\r%s\x1b[K", text(terminalWidth() - 1).c_str());
    std::fflush(stderr);
    m_isDrawn = true;
    m_drawnAt = now;
}

void ProgressLine::print(const std::string& line) {
    std::fprintf(stderr, "%s%s\n", m_isDrawn ? "\r\x1b[K" : "", line.c_str());
    std::fflush(stderr);
    m_isDrawn = false;
}

void ProgressLine::finish() {
    if (!m_isDrawn)
        return;
    std::fprintf(stderr, "\r%s\x1b[K\n", text(terminalWidth() - 1).c_str());
    std::fflush(stderr);
    m_isDrawn = false;
}

} // namespace lathe
