#include "widgets/pages/recipe_notes.h"

#include <QCoreApplication>

namespace lathe {

namespace {

class RecipeNotes {
    Q_DECLARE_TR_FUNCTIONS(RecipeNotes)
public:
    static QString shortcuts() {
        return tr(
            "With shortcuts the adapter can be used in Lathe alone: it can be exported neither for PEFT "
            "nor as GGUF, and not be merged, because no other program has a place for them.");
    }
    static QString prefixes() {
        return tr(
            "Exported for PEFT is the middle of the simplex, as an ordinary prefix. A prefix can neither "
            "be merged nor written as GGUF.");
    }
    static QString loras(std::int64_t rank) {
        return tr("Exported (for PEFT, merged, as GGUF) is the middle of the simplex: plain LoRA of rank %1, "
                  "all vertices together.")
            .arg(rank);
    }
    static QString bottlenecks(std::int64_t size) {
        return tr("Exported is the middle of the simplex: bottlenecks of size %1, all vertices together, in "
                  "the "
                  "format of LLM-Adapters. They can neither be merged nor written as GGUF.")
            .arg(size);
    }
};

std::string textOf(const ParamValues& recipe, const char* key) {
    const ParamValue* value = recipe.find(key);
    return value == nullptr ? std::string() : toText(*value);
}

std::int64_t sizeOf(const ParamValues& recipe, const char* key) {
    return recipe.integer("vertices") * recipe.integer(key);
}

/// The key it is about, and the sentence; empty: there is nothing to say.
std::pair<const char*, QString> noteOn(const ParamValues& recipe) {
    const std::string method = textOf(recipe, "method");
    const std::string shortcuts = textOf(recipe, "shortcuts");
    if (method == "heterolora" && !shortcuts.empty() && shortcuts != "none")
        return {"shortcuts", RecipeNotes::shortcuts()};
    if (!method.ends_with("_subspace") || !recipe.contains("vertices") || recipe.integer("vertices") < 2)
        return {};
    if (method == "lora_subspace")
        return {"vertices", RecipeNotes::loras(sizeOf(recipe, "rank"))};
    if (method == "bottleneck_subspace")
        return {"vertices", RecipeNotes::bottlenecks(sizeOf(recipe, "bottleneck_size"))};
    return {"vertices", RecipeNotes::prefixes()};
}

} // namespace

std::vector<Problem> exportNotes(const ParamValues& recipe) {
    const auto [key, sentence] = noteOn(recipe);
    if (sentence.isEmpty())
        return {};
    return {{key, sentence.toStdString()}};
}

} // namespace lathe
