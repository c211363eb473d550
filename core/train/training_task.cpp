#include "core/model/cuda.h"
#include "core/train/make_task.h"
#include "core/train/training_run.h"

#include <c10/util/Exception.h>

namespace lathe {

namespace {

class TrainingTask final : public TrialTask {
public:
    TrainingTask(TokenCacheSettings tokenCache, std::shared_ptr<PackDesk> desk)
        : m_tokenCache(std::move(tokenCache)), m_desk(std::move(desk)) {}

    Result<TrialResult> run(const ParamValues& values, TrialContext& context) override {
        loadCudaLibraries();
        const ParamValues recipe = withDefaults(recipeSchema(), values);
        LATHE_TRY(check(recipeSchema(), recipe));
        auto result = ran(recipe, context);
        releaseUnusedCudaMemory(); // for the next trial, whatever its sizes, and for other programs
        return result;
    }

private:
    Result<TrialResult> ran(const ParamValues& recipe, TrialContext& context) const {
        try {
            TrainingRun run(recipe, context, m_tokenCache, m_desk.get());
            return run.run();
        } catch (const c10::Error& problem) {
            if (!isCudaMemoryProblem(problem.what_without_backtrace()))
                throw; // to whoever runs tasks
            return Error{Error::Kind::Memory, "the GPU", cudaMemoryMessage(problem.what_without_backtrace())};
        }
    }

    TokenCacheSettings m_tokenCache;
    std::shared_ptr<PackDesk> m_desk; // shared: with the tasks of other trials
};

} // namespace

std::shared_ptr<PackDesk> makePackDesk() { return std::make_shared<PackDesk>(); }

std::unique_ptr<TrialTask> makeTrainingTask(TokenCacheSettings tokenCache, std::shared_ptr<PackDesk> desk) {
    return std::make_unique<TrainingTask>(std::move(tokenCache), std::move(desk));
}

} // namespace lathe
