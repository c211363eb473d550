#include "core/adapter/adapter_method.h"

namespace lathe {

const Registry<AdapterMethod>& adapterMethods() {
    static const Registry<AdapterMethod> registry = [] {
        Registry<AdapterMethod> all;
        all.add({"lora", "LoRA", "Adds a trained low-rank product beside frozen projections"},
                makeLoraMethod);
        all.add({"full", "Full fine-tuning", "Trains every weight of the model"}, makeFullMethod);
        return all;
    }();
    return registry;
}

} // namespace lathe
