#include "app/builtin_parts.h"

#include "core/train/make_task.h"

namespace lathe {

BuiltinParts makeBuiltinParts() {
    BuiltinParts parts;
    addBuiltinSamplers(parts.samplers);
    addBuiltinPruners(parts.pruners);
    addBuiltinTasks(parts.tasks);
    parts.recipeSchema = recipeSchema();
    parts.makeTrainingTask = [desk = makePackDesk()] { return makeTrainingTask({tokenCacheFolder()}, desk); };
    return parts;
}

} // namespace lathe
