#include "core/adapter/adapter_method.h"
#include "core/model/load_model.h"
#include "core/text/tokenizer.h"
#include "core/train/make_task.h"
#include "core/train/memory_forecast.h"
#include "core/train/recipe.h"

#include <algorithm>

namespace lathe {

namespace {

void note(std::vector<Problem>& problems, const std::string& key, const Error& error) {
    problems.push_back({key, error.text()});
}

/// An error that names its field itself.
void note(std::vector<Problem>& problems, const Error& error) {
    problems.push_back({error.where, error.message});
}

void checkData(const ParamValues& recipe, const RecipeView& view, std::vector<Problem>& problems) {
    const auto task = recipeTasks().make(view.taskId);
    for (const char* key : {"train_file", "eval_file"}) {
        if (recipe.text(key).empty())
            continue;
        const auto table = readTable(recipe.text(key));
        if (!table.has_value())
            note(problems, key, table.error());
        else if (const Status columns = task.value()->checkRows(table.value(), view.reading);
                 !columns.has_value())
            problems.push_back({key, columns.error().where.empty()
                                         ? recipe.text(key) + ": " + columns.error().message
                                         : columns.error().text()});
    }
}

} // namespace

std::vector<Problem> preflight(const ParamValues& values) {
    const ParamValues recipe = withDefaults(recipeSchema(), values);
    std::vector<Problem> problems = validate(recipeSchema(), recipe);
    if (!problems.empty())
        return problems;
    const RecipeView view(recipe);
    const auto summary =
        view.startsUntrained ? readModelSummary(view.modelFolder) : checkModelFolder(view.modelFolder);
    if (!summary.has_value()) {
        note(problems, "model", summary.error());
    } else {
        const auto method = adapterMethods().make(view.method);
        const auto sized = withMatchedSize(recipe, summary.value());
        if (!sized.has_value())
            note(problems, sized.error());
        const auto wrong = method.value()->check(summary.value(), sized.value_or(recipe));
        problems.insert(problems.end(), wrong.begin(), wrong.end());
        if (summary->head != HeadKind::CausalLm || summary->decoderStartId)
            problems.push_back({"model", view.modelFolder + ": is a " + summary->architecture +
                                             " model that does not continue texts, which training needs so "
                                             "far; choose a causal language model"});
        if (summary->maxPositions > 0 && recipe.integer("max_length") > summary->maxPositions)
            problems.push_back({"max_length", "max_length " + std::to_string(recipe.integer("max_length")) +
                                                  " exceeds the model's " +
                                                  std::to_string(summary->maxPositions) +
                                                  " positions; choose at most that"});
        if (const auto tokenizer = Tokenizer::load(view.modelFolder); !tokenizer.has_value())
            note(problems, "model", tokenizer.error());
    }
    if (const auto device = deviceFrom(recipe.text("device")); !device.has_value())
        note(problems, "device", device.error());
    checkData(recipe, view, problems);
    return problems;
}

Result<RecipeForecast> forecast(const ParamValues& values) {
    ParamValues recipe = withDefaults(recipeSchema(), values);
    for (const Problem& problem : validate(recipeSchema(), recipe))
        if (problem.key != "train_file" && problem.key != "eval_file") // data do not change the memory
            return inputError(problem.key, problem.message);
    LATHE_ASSIGN(const ModelSummary model, readModelSummary(recipe.text("model")));
    LATHE_ASSIGN(const auto method, adapterMethods().make(recipe.text("method")));
    LATHE_ASSIGN(recipe, withMatchedSize(std::move(recipe), model));
    if (const auto problems = method->check(model, recipe); !problems.empty())
        return inputError(problems.front().key, problems.front().message);
    RecipeForecast result;
    result.baseParameters = model.parameters;
    result.trainableParameters = method->countParameters(model, recipe);
    MemoryDemand demand{model.parameters, result.trainableParameters, model.layers, model.hiddenSize,
                        model.vocabularySize};
    demand.tokens = recipe.integer("batch_size") * recipe.integer("max_length");
    demand.bytesPerValue = recipe.text("precision") == "bfloat16" ? 2 : 4;
    result.memoryBytes = forecastMemory(demand).total();
    return result;
}

} // namespace lathe
