#include "app/cli/event_json.h"

#include <nlohmann/json.hpp>

namespace lathe {

namespace {

using Json = nlohmann::ordered_json;

struct LineMaker {
    Json operator()(const MetricPoint& point) const {
        return {{"event", "point"},   {"trial", point.trial.value}, {"metric", point.name},
                {"step", point.step}, {"value", point.value},       {"seconds", point.seconds}};
    }
    Json operator()(const TrialChange& change) const {
        return {{"event", "state"},
                {"trial", change.trial.value},
                {"state", toString(change.state)},
                {"note", change.note}};
    }
    Json operator()(const TrialProgress& progress) const {
        Json line{{"event", "progress"},
                  {"trial", progress.trial.value},
                  {"phase", progress.phase},
                  {"done", progress.done},
                  {"total", progress.total}};
        line["seconds_left"] = progress.secondsLeft >= 0 ? Json(progress.secondsLeft) : Json(nullptr);
        return line;
    }
    Json operator()(const SampleText& sample) const {
        return {{"event", "sample"},       {"trial", sample.trial.value}, {"step", sample.step},
                {"prompt", sample.prompt}, {"text", sample.text},         {"expected", sample.expected}};
    }
    Json operator()(const LogLine& line) const {
        constexpr const char* kLevels[] = {"info", "warning", "error"};
        return {{"event", "log"},
                {"trial", line.trial.value},
                {"level", kLevels[static_cast<int>(line.level)]},
                {"text", line.text}};
    }
    Json operator()(const TrialRewind& rewind) const {
        return {{"event", "rewind"}, {"trial", rewind.trial.value}, {"step", rewind.step}};
    }
};

} // namespace

Json toJsonLine(const Event& event) { return std::visit(LineMaker{}, event); }

} // namespace lathe
