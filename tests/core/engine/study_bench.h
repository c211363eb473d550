#pragma once

#include "core/engine/study_runner.h"
#include "core/search/builtin_pruners.h"
#include "core/search/builtin_search.h"
#include "tests/core/engine/scripted_task.h"

#include <algorithm>
#include <map>

namespace lathe::test {

/// A sampler that does what a test says.
class ScriptedSampler final : public Sampler {
public:
    using Script = std::function<Result<ParamValues>(const StudyView&, std::string& state)>;
    explicit ScriptedSampler(Script script) : m_script(std::move(script)) {}
    Result<ParamValues> ask(const StudyView& study, Rng&) override { return m_script(study, m_state); }
    bool knowsSeveralObjectives() const override { return true; }
    std::string state() const override { return m_state; }
    Status restore(std::string_view state) override {
        if (state == "broken")
            return inputError({}, "the state is broken");
        m_state = state;
        return ok();
    }

private:
    Script m_script;
    std::string m_state;
};

/// What a runner needs of its surroundings, kept in memory. Its functions run on the controller thread; read
/// it when the study is over.
class StudyBench {
public:
    explicit StudyBench(ScriptedTask::Script script) : m_script(std::move(script)) {}

    EventHub hub;
    std::shared_ptr<Inbox> inbox = hub.open();
    std::vector<EarlierTrial> rows; ///< every trial ever created, with its state as of the last diary()
    std::vector<std::string> samplerStates;
    std::vector<StudyBudget> budgets;
    std::vector<std::vector<TrialId>> queues;
    std::map<TrialId, TrialId> origins; ///< of the trials that have one
    std::string brokenService;          ///< "create", "finish", "save", "restart", "budget" or "queue"
    std::function<std::optional<ParamValues>(const ParamValues&)> lighterRecipe;
    std::function<std::optional<std::int64_t>(const ParamValues&)> countParameters;

    StudyServices services(Executor& executor) {
        return {hub,
                executor,
                [this](const PlannedTrial& trial) { return create(trial); },
                [this](TrialId id, const TrialResult& result) { return finish(id, result); },
                [](TrialId) { return std::filesystem::path(); },
                [this](std::string_view state) {
                    samplerStates.emplace_back(state);
                    return service("save");
                },
                lighterRecipe,
                [this](TrialId id, const ParamValues& values) { return restart(id, values); },
                [this](const StudyBudget& budget) {
                    budgets.push_back(budget);
                    return service("budget");
                },
                [this](std::span<const TrialId> order) {
                    queues.emplace_back(order.begin(), order.end());
                    return service("queue");
                },
                countParameters};
    }

    std::unique_ptr<Executor> inlineExecutor() {
        return std::make_unique<InlineExecutor>(scripted(m_script), hub);
    }
    std::unique_ptr<Executor> threads(std::size_t slots) {
        return std::make_unique<ThreadExecutor>(slots, scripted(m_script), hub);
    }

    /// Runs a whole study on the inline executor.
    StudyOutcome run(const StudySpec& spec, std::vector<EarlierTrial> earlier = {},
                     std::unique_ptr<Sampler> sampler = makeRandomSampler(), std::string state = {}) {
        const auto executor = inlineExecutor();
        return run(*executor, spec, std::move(earlier), std::move(sampler), std::move(state));
    }
    StudyOutcome run(Executor& executor, const StudySpec& spec, std::vector<EarlierTrial> earlier = {},
                     std::unique_ptr<Sampler> sampler = makeRandomSampler(), std::string state = {}) {
        StudyOutcome outcome;
        StudyRunner runner(StudyId{1}, spec, std::move(sampler), prunerOf(spec), services(executor),
                           std::move(earlier), std::move(state));
        runner.start([&outcome](const StudyOutcome& given) { outcome = given; });
        runner.wait();
        return outcome;
    }

    static std::unique_ptr<Pruner> prunerOf(const StudySpec& spec) {
        Registry<Pruner> pruners;
        addBuiltinPruners(pruners);
        return std::move(makePruner(pruners, spec)).value();
    }

    /// What happened so far, in order, a line each: "create 0", "queued 1", "loss@1 1", "finish 1", …
    const std::vector<std::string>& diary() {
        for (const Event& event : inbox->drain())
            std::visit([this](const auto& content) { write(content); }, event);
        return m_diary;
    }
    [[nodiscard]] std::vector<std::string> diaryOf(std::int64_t trial) {
        std::vector<std::string> lines;
        const std::string ending = " " + std::to_string(trial);
        for (const std::string& line : diary())
            if (line.ends_with(ending))
                lines.push_back(line.substr(0, line.size() - ending.size()));
        return lines;
    }
    [[nodiscard]] bool hasHappened(const std::string& line) {
        const std::vector<std::string>& lines = diary();
        return std::ranges::find(lines, line) != lines.end();
    }
    /// Blocks until the line is in the diary. False if it never comes.
    [[nodiscard]] bool waitFor(const std::string& line) {
        while (!hasHappened(line))
            if (!inbox->waitFor(kPatience))
                return false;
        return true;
    }

private:
    Result<TrialId> create(const PlannedTrial& trial) {
        LATHE_TRY(service("create"));
        const std::lock_guard lock(m_mutex);
        const TrialId id{m_nextId++};
        rows.push_back({id, trial.number, trial.values, trial.seed, TrialState::Queued, std::nullopt});
        if (trial.origin.isValid())
            origins[id] = trial.origin;
        inbox->post(LogLine{id, LogLine::Level::Info, "create"});
        return id;
    }
    Status finish(TrialId id, const TrialResult& result) {
        LATHE_TRY(service("finish"));
        const std::lock_guard lock(m_mutex);
        m_results[id] = result;
        inbox->post(LogLine{id, LogLine::Level::Info, "finish"});
        return ok();
    }
    Status restart(TrialId id, const ParamValues& values) {
        LATHE_TRY(service("restart"));
        const std::lock_guard lock(m_mutex);
        for (EarlierTrial& row : rows)
            if (row.id == id)
                row.values = values;
        inbox->post(LogLine{id, LogLine::Level::Info, "restart"});
        return ok();
    }
    Status service(std::string_view name) const {
        if (brokenService == name)
            return Error{Error::Kind::Database, "study.db", "is full"};
        return ok();
    }

    void write(const TrialChange& change) {
        const std::lock_guard lock(m_mutex);
        for (EarlierTrial& row : rows)
            if (row.id == change.trial) {
                row.state = change.state;
                if (const auto result = m_results.find(row.id); result != m_results.end()) {
                    row.steps = result->second.steps;
                    if (const auto loss = result->second.metrics.find("loss");
                        loss != result->second.metrics.end())
                        row.objective = loss->second;
                }
            }
        line(toString(change.state), change.trial);
        if (!change.note.empty())
            line("note: " + change.note, change.trial);
    }
    void write(const MetricPoint& point) {
        const std::lock_guard lock(m_mutex);
        for (EarlierTrial& row : rows)
            if (row.id == point.trial && point.name == "loss") {
                std::erase_if(row.curve, [&](const CurvePoint& old) { return old.step >= point.step; });
                row.curve.push_back({point.step, point.value});
            }
        line(point.name + "@" + std::to_string(point.step), point.trial);
    }
    void write(const LogLine& log) {
        const bool isError = log.level == LogLine::Level::Error;
        line((isError                                ? "error: "
              : log.level == LogLine::Level::Warning ? "warning: "
                                                     : "") +
                 log.text,
             log.trial);
    }
    template <typename Other>
    void write(const Other&) {}
    void line(std::string_view text, TrialId trial) {
        m_diary.push_back(std::string(text) + " " + std::to_string(trial.value));
    }

    ScriptedTask::Script m_script;
    std::mutex m_mutex; // guards the next one, rows and m_results
    std::int64_t m_nextId = 1;
    std::map<TrialId, TrialResult> m_results;
    std::vector<std::string> m_diary; // the test's thread's
};

/// Searches x in [-1, 1] for the lowest "loss".
inline StudySpec searchOverX(std::int64_t trialCount) {
    StudySpec spec;
    spec.fixed = {{"steps", std::int64_t{2}}, {"x", 0.0}};
    spec.space = {{"x", RealDomain{-1, 1}, {}}};
    spec.trialCount = trialCount;
    spec.objective = {"loss", false};
    return spec;
}

inline Result<TrialResult> trainOrder(const ParamValues& values, TrialContext& context) {
    return trainBriefly(values, context, values.integer("steps"));
}

/// A sampler that answers these x one after the other.
inline std::unique_ptr<Sampler> answering(std::vector<double> xs) {
    return std::make_unique<ScriptedSampler>(
        [xs = std::move(xs)](const StudyView& study, std::string&) -> Result<ParamValues> {
            return ParamValues{{"x", xs.at(study.trials.size())}};
        });
}

} // namespace lathe::test
