#pragma once

#include "core/model/model_summary.h"

#include <string>
#include <vector>

namespace lathe {

/// Where one of the fine-tuning methods can attach in a model.
struct MethodPlaces {
    std::string method;               ///< "lora"
    std::string label;                ///< "LoRA"
    std::vector<std::string> modules; ///< in the order of the model; empty: it takes the model as a whole
};

/// Every method that can attach at all. Asks the methods themselves, so a new one needs no line here.
[[nodiscard]] std::vector<MethodPlaces> methodPlaces(const ModelSummary& model);

} // namespace lathe
