#include "core/train/make_task.h"
#include "core/train/model_flops.h"
#include "core/train/profile_training.h"
#include "core/train/step_profile.h"
#include "core/train/torch_guard.h"
#include "core/train/training_run.h"

#include <ATen/Parallel.h>
#include <algorithm>
#include <random>
#include <system_error>

/// A run that is measured, not kept.

namespace lathe {

namespace fs = std::filesystem;

namespace {

/// A folder for what a run writes on its way, gone with this object.
class ShortLivedFolder {
public:
    ShortLivedFolder() {
        std::random_device random;
        std::error_code problem;
        for (int tries = 0; tries < 16 && m_path.empty(); ++tries)
            if (const fs::path path =
                    fs::temp_directory_path(problem) / ("lathe-profile-" + std::to_string(random()));
                fs::create_directory(path, problem))
                m_path = path;
    }
    ShortLivedFolder(const ShortLivedFolder&) = delete;
    ShortLivedFolder& operator=(const ShortLivedFolder&) = delete;
    ~ShortLivedFolder() {
        std::error_code problem; // what is left is the system's to clear
        if (!m_path.empty())
            fs::remove_all(m_path, problem);
    }
    [[nodiscard]] const fs::path& path() const { return m_path; } ///< empty: there is no room for it

private:
    fs::path m_path;
};

TrialContext contextOf(const ProfileRequest& request, const fs::path& folder) {
    TrialContext context;
    context.seed = request.seed;
    context.folder = folder;
    context.stop = request.stop;
    context.report = [](std::string_view, std::int64_t, double, double) { return Verdict::Continue; };
    context.publish = [tell = request.onProgress](const Event& event) {
        if (const auto* progress = std::get_if<TrialProgress>(&event); progress != nullptr && tell)
            tell(progress->phase, progress->done, progress->total);
    };
    return context;
}

Status checkRequest(const ProfileRequest& request, const ParamValues& recipe) {
    if (request.steps < 1 || request.steps > kMostProfileSteps)
        return inputError("steps", std::to_string(request.steps) + " is not between 1 and " +
                                       std::to_string(kMostProfileSteps));
    LATHE_TRY(check(recipeSchema(), recipe));
    for (const Problem& problem : preflight(recipe))
        return inputError(problem.key, problem.message);
    return ok();
}

/// Numbers of trained matrices: of the base, and beside it.
void countTrained(const LanguageModel& model, const Adapter& adapter, StepWork& work) {
    std::vector<at::Tensor> base;
    for (const auto& [name, weight] : model.weights())
        base.push_back(weight);
    const BaseWeights weights(base);
    for (const auto& [name, parameter] : adapter.parameters())
        if (parameter.dim() == 2)
            (weights.has(parameter) ? work.ownTrained : work.added) += static_cast<double>(parameter.numel());
}

} // namespace

Result<StepProfile> TrainingRun::profile(std::int64_t steps) {
    LATHE_TRY(prepare());
    const std::int64_t warmup = std::min(kProfileWarmup, m_schedule.total - 1);
    const std::int64_t last = std::min(m_schedule.total, warmup + steps);
    StepProfiler profiler = profilerOf(*m_model, *m_adapter);
    StepWork work;
    countTrained(*m_model, *m_adapter, work);
    StepProfile sums;
    while (m_position.step < last) {
        if (m_context.stop.stop_requested())
            return Error{Error::Kind::Cancelled, {}, "stopped"};
        std::vector<Batch> batches;
        Status done = ok();
        const auto step = [&] { done = oneStep(batches); };
        if (m_position.step < warmup) {
            step();
        } else {
            profiler.record(step);
            const StepWork part = workOf(batches, m_model->summary());
            work.tokens = part.tokens;
            work.headRows = part.headRows;
            work.pairs = part.pairs;
            sums.tokens += work.tokens;
            sums.flops += stepFlops(work, m_model->summary());
        }
        LATHE_TRY(done);
        m_context.publish(TrialProgress{m_context.id, "measuring", m_position.step, last, -1});
    }
    StepProfile profile = profiler.profile();
    profile.tokens = sums.tokens / static_cast<double>(profile.steps);
    profile.flops = sums.flops / static_cast<double>(profile.steps);
    profile.threads = at::get_num_threads();
    profile.device = m_model->device().str();
    return profile;
}

Result<StepProfile> profileTraining(const ProfileRequest& request) {
    const ParamValues recipe = withDefaults(recipeSchema(), request.recipe);
    LATHE_TRY(checkRequest(request, recipe));
    const ShortLivedFolder folder;
    if (folder.path().empty())
        return Error{Error::Kind::Io, fs::temp_directory_path().string(),
                     "cannot be written; free some room there, or set TMPDIR"};
    TrialContext context = contextOf(request, folder.path());
    return guarded("the profile", [&]() -> Result<StepProfile> {
        TrainingRun run(recipe, context, request.tokenCache);
        return run.profile(request.steps);
    });
}

} // namespace lathe
