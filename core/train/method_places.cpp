#include "core/train/method_places.h"

#include "core/adapter/adapter_method.h"
#include "core/adapter/targets.h"
#include "core/train/make_task.h"

namespace lathe {

std::vector<MethodPlaces> methodPlaces(const ModelSummary& model) {
    std::vector<MethodPlaces> all;
    ParamValues values = withDefaults(recipeSchema(), {});
    // Sizes too large for a layer or for the positions are the recipe's fault, not the place's.
    for (const char* size : {"rank", "virtual_tokens"})
        values.set(size, std::int64_t{1});
    values.remove("max_length");
    ModelSummary forLabels = model; // a task may give the model another head
    forLabels.head = HeadKind::SequenceClassification;
    for (const PartInfo& info : adapterMethods().list()) {
        const auto method = adapterMethods().make(info.id);
        LATHE_EXPECT(method.has_value());
        MethodPlaces places{info.id, info.label, {}};
        if (findSpec(method.value()->options(), "target_modules") == nullptr) {
            if (method.value()->check(model, values).empty() ||
                method.value()->check(forLabels, values).empty())
                all.push_back(std::move(places));
            continue;
        }
        for (const std::string& module : moduleNames(model)) {
            values.set("target_modules", module);
            if (method.value()->check(model, values).empty())
                places.modules.push_back(module);
        }
        if (!places.modules.empty())
            all.push_back(std::move(places));
    }
    return all;
}

} // namespace lathe
