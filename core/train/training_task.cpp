#include "core/train/make_task.h"
#include "core/train/threads.h"
#include "core/train/training_run.h"

namespace lathe {

namespace {

class TrainingTask final : public TrialTask {
public:
    Result<TrialResult> run(const ParamValues& values, TrialContext& context) override {
        loadCudaLibraries();
        const ParamValues recipe = withDefaults(recipeSchema(), values);
        LATHE_TRY(check(recipeSchema(), recipe));
        TrainingRun run(recipe, context);
        return run.run();
    }
};

} // namespace

std::unique_ptr<TrialTask> makeTrainingTask() { return std::make_unique<TrainingTask>(); }

} // namespace lathe
