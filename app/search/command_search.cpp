#include "app/search/command_search.h"

#include "app/search/child_process.h"
#include "app/search/command_output.h"
#include "core/search/ranking.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <poll.h>

namespace lathe {

namespace {

constexpr int kLookEachMs = 20; // for a stop, and for a command that has ended with its pipes still open
constexpr std::chrono::seconds kPatience{5};

struct Running {
    std::int64_t number = 0;
    ChildProcess process;
    CommandOutput output;

    void read() {
        output.add(process.takeOutput());
        output.addErrors(process.takeErrors());
    }
};

/// One call of runCommands().
class Runner {
public:
    Runner(SearchStudy& study, const CommandSearch& how) : m_study(study), m_how(how) {
        for (const ObservedTrial& trial : study.search().trials())
            if (isPending(trial.state))
                m_waiting.push_back(trial.number);
    }

    Result<CommandOutcome> run() {
        while (true) {
            m_outcome.wasStopped = m_outcome.wasStopped || m_how.shouldStop();
            if (m_outcome.wasStopped)
                break;
            LATHE_TRY(fillSlots());
            if (m_running.empty())
                return m_outcome;
            wait();
            LATHE_TRY(settleEnded());
        }
        LATHE_TRY(settleEnded()); // what ended by itself counts
        stopRunning();
        return m_outcome;
    }

private:
    Status fillSlots() {
        while (m_running.size() < m_how.slots) {
            const bool isNew = m_waiting.empty();
            if (isNew && !askForOne())
                return ok();
            const std::int64_t number = m_waiting.front();
            m_waiting.pop_front();
            if (isNew)
                LATHE_TRY(
                    save()); // before it begins: after a crash it is run again and no other in its place
            LATHE_TRY(start(number));
        }
        return ok();
    }

    /// False: there are no more.
    bool askForOne() {
        if (!m_outcome.problem.empty() || m_study.search().left() == 0)
            return false;
        const auto asked = m_study.search().ask(1);
        if (asked.has_value())
            m_waiting.push_back(asked->front().number);
        else
            m_outcome.problem = asked.error().text();
        return asked.has_value();
    }

    Status start(std::int64_t number) {
        const ParamValues point = m_study.wholePoint(number);
        LATHE_ASSIGN(ChildProcess process,
                     ChildProcess::start(m_how.command.filled(point), trialEnvironment(number, point)));
        m_running.push_back({number, std::move(process), {}});
        return ok();
    }

    void wait() {
        std::vector<pollfd> pipes;
        for (const Running& one : m_running)
            for (const int pipe : {one.process.outputPipe(), one.process.errorPipe()})
                pipes.push_back({pipe, POLLIN, 0}); // a negative one is passed over
        (void)::poll(pipes.data(), pipes.size(), kLookEachMs);
    }

    Status settleEnded() {
        for (std::size_t i = 0; i < m_running.size();) {
            const bool hasEnded = m_running[i].process.hasEnded(); // first: what it wrote is all there then
            m_running[i].read();
            if (!hasEnded) {
                ++i;
                continue;
            }
            LATHE_TRY(settle(m_running[i]));
            m_running.erase(m_running.begin() + static_cast<std::ptrdiff_t>(i));
        }
        return ok();
    }

    Status settle(Running& ended) {
        const TrialReport report = ended.output.report(ended.process.finish());
        if (const Status told = m_study.search().tell(ended.number, report); !told.has_value()) {
            TrialReport failed;
            failed.isFailed = true;
            failed.reason = told.error().message;
            LATHE_TRY(m_study.search().tell(ended.number, failed));
        }
        LATHE_TRY(save());
        m_how.trialEnded(ended.number);
        return ok();
    }

    void stopRunning() {
        for (const Running& one : m_running)
            one.process.askToStop();
        const auto end = std::chrono::steady_clock::now() + kPatience;
        const auto isOver = [](const Running& one) { return one.process.hasEnded(); };
        while (!std::ranges::all_of(m_running, isOver) && std::chrono::steady_clock::now() < end) {
            wait();
            for (Running& one : m_running)
                one.read(); // a full pipe would keep it from ending
        }
        m_running.clear(); // kills what is left of each group
    }

    [[nodiscard]] Status save() const { return m_how.file.empty() ? ok() : m_study.save(m_how.file); }

    SearchStudy& m_study;
    const CommandSearch& m_how;
    std::deque<std::int64_t> m_waiting; // pending, and not running yet
    std::vector<Running> m_running;
    CommandOutcome m_outcome;
};

} // namespace

Result<CommandOutcome> runCommands(SearchStudy& study, const CommandSearch& how) {
    return Runner(study, how).run();
}

} // namespace lathe
