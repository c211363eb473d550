#include "core/engine/run_trial.h"

#include "core/base/files.h"

#include <exception>
#include <new>

namespace lathe {

namespace {

Error taskError(Error::Kind kind, std::string message) { return {kind, {}, std::move(message)}; }

/// LibTorch reports a lack of memory as a c10::Error, known by its words alone to a layer without tensors;
/// its what() goes on with a stack trace from the second line.
Error errorFrom(const std::exception& thrown) {
    const std::string_view text = thrown.what();
    const std::string line(text.substr(0, text.find('\n')));
    const bool isMemory = line.find("out of memory") != std::string::npos ||
                          line.find("can't allocate memory") != std::string::npos;
    return taskError(isMemory ? Error::Kind::Memory : Error::Kind::Internal, line);
}

void setTrial(Event& event, TrialId id) {
    std::visit([id](auto& content) { content.trial = id; }, event);
}

/// Wires a trial's context to the hub. Lives on the slot's thread for the length of one trial.
class Reporter {
public:
    Reporter(const TrialHost& host, const TrialOrder& order) : m_host(host), m_order(order) {}

    Verdict report(std::string_view metric, std::int64_t step, double value, double seconds) {
        if (!m_isAnnounced)
            publish(TrialChange{m_order.id, TrialState::Running, {}});
        m_host.hub.publish(MetricPoint{m_order.id, std::string(metric), step, value, seconds});
        return m_order.shouldPrune ? m_order.shouldPrune(metric, step, value) : Verdict::Continue;
    }

    void publish(Event event) {
        setTrial(event, m_order.id);
        if (const auto* change = std::get_if<TrialChange>(&event))
            m_isAnnounced = m_isAnnounced || change->state == TrialState::Running;
        if (const auto* point = std::get_if<MetricPoint>(&event); point != nullptr && m_order.onRetold)
            m_order.onRetold(point->name, point->step, point->value);
        m_host.hub.publish(event);
    }

private:
    const TrialHost& m_host;
    const TrialOrder& m_order;
    bool m_isAnnounced = false; // Running has been published
};

Result<TrialResult> runTask(const TrialHost& host, const TrialOrder& order, TrialContext& context) {
    try {
        const std::unique_ptr<TrialTask> task = host.factory();
        LATHE_EXPECT(task != nullptr);
        return task->run(order.values, context);
    } catch (const std::bad_alloc&) {
        return taskError(Error::Kind::Memory,
                         "There was not enough memory; choose a smaller batch or a shorter length");
    } catch (const std::exception& thrown) {
        return errorFrom(thrown);
    } catch (...) {
        return taskError(Error::Kind::Internal, "The trial ended with an exception of unknown type");
    }
}

} // namespace

Result<TrialResult> runTrial(const TrialHost& host, const TrialOrder& order, const TrialControl& control) {
    if (control.stop.stop_requested())
        return taskError(Error::Kind::Cancelled, "Stopped before it began");
    Reporter reporter(host, order);
    reporter.publish(TrialChange{order.id, TrialState::Preparing, {}});
    if (!order.folder.empty())
        LATHE_TRY(ensureWritableFolder(order.folder));
    TrialContext context;
    context.id = order.id;
    context.seed = order.seed;
    context.folder = order.folder;
    context.shouldResume = order.shouldResume;
    context.isRepeatable = order.isRepeatable;
    context.stop = control.stop.get_token();
    context.pause = PauseToken(control.pause);
    context.slotsToFill = order.slotsToFill;
    context.report = [&reporter](std::string_view metric, std::int64_t step, double value, double seconds) {
        return reporter.report(metric, step, value, seconds);
    };
    context.publish = [&reporter](Event event) { reporter.publish(std::move(event)); };
    return runTask(host, order, context);
}

} // namespace lathe
