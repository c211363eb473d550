#include "app/terminal_study.h"

#include "app/project_folder.h"
#include "app/shared_cores.h"
#include "core/base/files.h"
#include "core/engine/thread_executor.h"
#include "core/session/earlier_trials.h"
#include "core/train/make_task.h"

#include <atomic>
#include <chrono>

namespace lathe {

namespace fs = std::filesystem;

namespace {

/// How soon Ctrl+C and a full disk are noticed.
constexpr std::chrono::milliseconds kPollInterval{50};

std::optional<std::int64_t> countParameters(const ParamValues& recipe) {
    const auto cost = forecast(recipe);
    return cost.has_value() ? std::optional(cost->trainableParameters) : std::nullopt;
}

} // namespace

struct TerminalStudy::Content {
    Content(fs::path folder, const BuiltinParts& builtin) : project(std::move(folder)), parts(builtin) {}

    StudyServices servicesFor(StudyId id);
    Status finishTrial(TrialId trial, const TrialResult& result);
    void follow(StudyRunner& runner, Inbox& inbox, const std::atomic<bool>& isOver,
                const StudyListener& listener);

    const fs::path project;
    const BuiltinParts& parts;
    EventHub hub;
    std::unique_ptr<StoreThread> store;
    std::unique_ptr<ThreadExecutor> executor; // after the store: its trials may still write
};

TerminalStudy::TerminalStudy(std::unique_ptr<Content> content) : m_content(std::move(content)) {}
TerminalStudy::~TerminalStudy() = default;

Result<std::unique_ptr<TerminalStudy>> TerminalStudy::open(const fs::path& project, const BuiltinParts& parts,
                                                           std::size_t slots) {
    LATHE_TRY(ensureWritableFolder(project));
    auto content = std::make_unique<Content>(fs::absolute(project).lexically_normal(), parts);
    LATHE_ASSIGN(content->store, StoreThread::start(databaseIn(content->project), content->hub));
    content->executor =
        std::make_unique<ThreadExecutor>(slots, sharingCores(parts.makeTrainingTask, slots), content->hub);
    return std::unique_ptr<TerminalStudy>(new TerminalStudy(std::move(content)));
}

Result<StudyId> TerminalStudy::create(const StudySpec& spec) {
    return m_content->store->call<StudyId>([spec](StudyWriter& writer) { return writer.createStudy(spec); })
        .get();
}

StoreThread& TerminalStudy::store() { return *m_content->store; }

Status TerminalStudy::Content::finishTrial(TrialId trial, const TrialResult& result) {
    std::vector<Artifact> artifacts;
    if (!result.adapterFolder.empty()) { // not of a trial that was refused before it began
        LATHE_ASSIGN(artifacts, listArtifacts(trialFolderIn(project, trial)));
    }
    return store
        ->call<std::monostate>(
            [trial, result, artifacts = std::move(artifacts)](StudyWriter& writer) -> Status {
                LATHE_TRY(writer.finishTrial(trial, result.steps, result.seconds, result.adapterFolder));
                return writer.setArtifacts(trial, artifacts);
            })
        .get();
}

StudyServices TerminalStudy::Content::servicesFor(StudyId id) {
    const auto createTrial = [this, id](const PlannedTrial& planned) {
        const NewTrial trial{id, planned.number, planned.values, planned.seed, planned.origin};
        return store->call<TrialId>([trial](StudyWriter& writer) { return writer.createTrial(trial); }).get();
    };
    return {hub,
            *executor,
            createTrial,
            [this](TrialId trial, const TrialResult& result) { return finishTrial(trial, result); },
            [this](TrialId trial) { return trialFolderIn(project, trial); },
            [this, id](std::string_view state) { return saveSamplerState(*store, id, state); },
            lighterRecipe,
            [this](TrialId trial, const ParamValues& values) {
                return restartTrial(*store, trialFolderIn(project, trial), trial, values);
            },
            [this, id](const StudyBudget& budget) { return saveBudget(*store, id, budget); },
            [this, id](std::span<const TrialId> order) { return saveQueue(*store, id, order); },
            countParameters};
}

void TerminalStudy::Content::follow(StudyRunner& runner, Inbox& inbox, const std::atomic<bool>& isOver,
                                    const StudyListener& listener) {
    std::string problem;
    bool isStopping = false;
    for (bool isLastRound = false; !isLastRound;) {
        isLastRound = isOver.load();
        if (!isLastRound)
            inbox.waitFor(kPollInterval);
        for (const Event& event : inbox.drain())
            listener.onEvent(event);
        if (!isStopping && listener.shouldStop()) {
            isStopping = true;
            runner.stop();
        }
        if (const std::string now = store->problem(); now.empty() != problem.empty()) {
            problem = now;
            problem.empty() ? runner.resume() : runner.pause();
            listener.onStoreProblem(problem);
        }
    }
}

Result<StudyOutcome> TerminalStudy::run(StudyId id, const StudyListener& listener) {
    Content& content = *m_content;
    LATHE_ASSIGN(const StudyReader reader, StudyReader::open(databaseIn(content.project)));
    LATHE_ASSIGN(const StudyRecord study, reader.study(id));
    LATHE_ASSIGN(const auto trials, reader.trials(id));
    LATHE_ASSIGN(auto sampler, content.parts.samplers.make(study.spec.samplerId));
    LATHE_ASSIGN(auto pruner, makePruner(content.parts.pruners, study.spec));
    LATHE_ASSIGN(TrialCurves curves, readCurves(reader, id, study.spec));
    const auto inbox = content.hub.open();
    StudyOutcome outcome;
    std::atomic<bool> isOver = false; // outlives the runner, whose thread sets it
    StudyRunner runner(id, study.spec, std::move(sampler), std::move(pruner), content.servicesFor(id),
                       earlierTrials(trials, study.spec, std::move(curves)), study.samplerState);
    runner.start([&](const StudyOutcome& reached) {
        outcome = reached;
        isOver = true;
    });
    content.follow(runner, *inbox, isOver, listener);
    runner.wait();
    LATHE_TRY(content.store->flush());
    return outcome;
}

Result<StudyId> findUnfinished(const StudyReader& reader, const std::string& wanted,
                               const Registry<Pruner>& pruners) {
    LATHE_ASSIGN(const auto studies, reader.studies());
    for (const StudyRecord& study : studies) {
        const bool isNamed = std::to_string(study.id.value) == wanted;
        if (!isNamed && wanted != "latest")
            continue;
        LATHE_ASSIGN(const auto trials, reader.trials(study.id));
        LATHE_ASSIGN(TrialCurves curves, readCurves(reader, study.id, study.spec));
        if (isUnfinished(study.spec, trials, std::move(curves), pruners))
            return study.id;
        if (isNamed)
            return inputError("study " + wanted, "is finished; there is nothing to resume");
    }
    if (wanted == "latest")
        return inputError("--resume", "finds no unfinished study in this project");
    return inputError("study " + wanted, "is not in this project; see lathe list");
}

Result<StudyId> findStudy(const StudyReader& reader, const std::string& wanted) {
    LATHE_ASSIGN(const auto studies, reader.studies());
    for (const StudyRecord& study : studies)
        if (wanted == "latest" ? study.spec.trialCount > 1 && !study.confirms.isValid()
                               : std::to_string(study.id.value) == wanted)
            return study.id;
    return inputError("study " + wanted, "is not in this project; see lathe list");
}

} // namespace lathe
