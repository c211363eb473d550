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

void ProgressLine::handle(const MetricPoint& point) {
    m_trials[point.trial.value].latest[point.name] = point.value;
}

void ProgressLine::begin(std::int64_t trial) {
    std::erase_if(m_trials, [](const auto& entry) { return entry.second.isOver; });
    const auto found = m_trials.find(trial); // begins anew after it had not enough memory
    const std::int64_t ordinal = found == m_trials.end() ? ++m_trialsBegun : found->second.ordinal;
    m_trials[trial] = {ordinal, false, {}, {}, -1};
}

void ProgressLine::handle(const TrialChange& change) {
    if (change.state == TrialState::Preparing)
        begin(change.trial.value);
    if (isFinal(change.state))
        m_trials[change.trial.value].isOver = true;
    if (isFinal(change.state) && m_trialCount > 1)
        print("trial " + std::to_string(change.trial.value) + ": " + std::string(toString(change.state)) +
              (change.note.empty() ? "" : " (" + firstWords(change.note) + ")"));
}

void ProgressLine::handle(const TrialProgress& progress) {
    Trial& trial = m_trials[progress.trial.value];
    trial.progress = progress;
    const std::int64_t tenths = progress.total > 0 ? 10 * progress.done / progress.total : 0;
    if (m_isTerminal) {
        redraw();
    } else if (tenths > trial.tenthsPrinted) {
        trial.tenthsPrinted = tenths;
        print(text(trial, 2 * kUsualWidth));
    }
}

void ProgressLine::handle(const LogLine& line) {
    if (line.level != LogLine::Level::Info)
        print((line.level == LogLine::Level::Error ? "error: " : "warning: ") + line.text);
}

void ProgressLine::handle(const TrialRewind& rewind) {
    if (rewind.step > 0) // else the trial has only been waiting
        print("going on from the checkpoint at step " + std::to_string(rewind.step));
}

const ProgressLine::Trial& ProgressLine::shown() const {
    static const Trial kNone;
    const Trial* first = &kNone;
    for (const auto& [id, trial] : m_trials) {
        const bool isBetter = first == &kNone || (first->isOver && !trial.isOver) ||
                              (first->isOver == trial.isOver && trial.ordinal < first->ordinal);
        if (isBetter)
            first = &trial;
    }
    return *first;
}

std::string ProgressLine::text(const Trial& trial, int width) const {
    const TrialProgress& progress = trial.progress;
    std::string line;
    if (m_trialCount > 1)
        line = "trial " + std::to_string(trial.ordinal) + "/" + std::to_string(m_trialCount) + " ";
    line += bar(progress.done, progress.total) + " " + std::to_string(progress.done) + "/" +
            std::to_string(progress.total);
    if (!progress.phase.empty() && progress.phase != kUsualPhase)
        line += " " + progress.phase;
    else if (progress.secondsLeft >= 0)
        line += " " + duration(progress.secondsLeft) + " left";
    // The most wanted first: a narrow terminal cuts the end.
    const auto add = [&](const char* label, const char* metric, auto format) {
        if (const auto value = trial.latest.find(metric); value != trial.latest.end())
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
    const Trial& trial = shown();
    const bool isComplete = trial.progress.done == trial.progress.total;
    if (m_isDrawn && !isComplete && now - m_drawnAt < kRedrawInterval)
        return;
    // Carriage return, text, erase to the end of the line (ECMA-48).
    std::fprintf(stderr, "\r%s\x1b[K", text(trial, terminalWidth() - 1).c_str());
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
    std::fprintf(stderr, "\r%s\x1b[K\n", text(shown(), terminalWidth() - 1).c_str());
    std::fflush(stderr);
    m_isDrawn = false;
}

} // namespace lathe
