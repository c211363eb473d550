#include "core/train/base_precision.h"

#include "core/model/load_model.h"
#include "core/model/transformer.h"

namespace lathe {

Result<at::ScalarType> weightPrecision(const ParamValues& recipe) {
    return wantsMixed(recipe) ? Result<at::ScalarType>(at::kBFloat16)
                              : scalarTypeFrom(recipe.text("precision"));
}

bool wantsMixed(const ParamValues& recipe) { return recipe.text("precision") == "mixed"; }

Status setPrecision(LanguageModel& model, const ParamValues& recipe) {
    if (!wantsMixed(recipe))
        return ok();
    auto* transformer = dynamic_cast<TransformerModel*>(&model);
    const std::string obstacle =
        transformer == nullptr ? "the model has an encoder and a decoder" : transformer->mixedObstacle();
    if (!obstacle.empty())
        return inputError("precision", "cannot be mixed here: " + obstacle + "; choose float32 or bfloat16");
    transformer->setMixed(true);
    return ok();
}

} // namespace lathe
