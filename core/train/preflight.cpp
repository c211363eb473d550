#include "core/adapter/adapter_method.h"
#include "core/model/load_model.h"
#include "core/text/tokenizer.h"
#include "core/train/best_state.h"
#include "core/train/make_task.h"
#include "core/train/memory_forecast.h"
#include "core/train/quantised_base.h"
#include "core/train/recipe.h"
#include "core/train/recipe_import.h"
#include "core/train/row_fields.h"

#include <algorithm>
#include <set>

namespace lathe {

namespace {

void note(std::vector<Problem>& problems, const std::string& key, const Error& error) {
    problems.push_back({key, error.text()});
}

/// An error that names its field itself.
void note(std::vector<Problem>& problems, const Error& error) {
    problems.push_back({error.where, error.message});
}

void checkTemplate(const ParamValues& recipe, std::vector<Problem>& problems) {
    for (const char* key : {"template_text", "template_without_input"})
        if (const ParamSpec* spec = findSpec(recipeSchema(), key);
            isActive(spec->activeIf, recipeSchema(), recipe) && !recipe.text(key).empty())
            if (const Status checked = checkTemplateText(recipe.text(key)); !checked.has_value())
                problems.push_back({key, std::string(key) + " " + checked.error().message});
}

void checkData(const ParamValues& recipe, const RecipeView& view, std::vector<Problem>& problems) {
    checkTemplate(recipe, problems);
    const auto task = recipeTask(recipe);
    if (!task.has_value())
        return problems.push_back({"task_file", task.error().text()});
    for (const char* key : {"train_file", "eval_file", "test_file"}) {
        if (recipe.text(key).empty())
            continue;
        const auto table = std::string_view(key) == "train_file" ? readTrainingFile(recipe, *task.value())
                                                                 : task.value()->readRows(recipe.text(key));
        if (!table.has_value())
            note(problems, key, table.error());
        else if (const Status columns = task.value()->checkRows(table.value(), view.reading);
                 !columns.has_value())
            problems.push_back({key, columns.error().where.empty()
                                         ? recipe.text(key) + ": " + columns.error().message
                                         : columns.error().text()});
        else if (const Status rows =
                     checkBadRows(quickRecord(table.value(), *task.value(), view.reading, key),
                                  recipe.real("max_bad_rows"));
                 !rows.has_value())
            note(problems, key, rows.error());
    }
}

/// Labels in the training data; two where it cannot be read yet.
std::int64_t labelCount(const ParamValues& recipe, const RecipeView& view) {
    constexpr std::int64_t kLeast = 2;
    const auto task = recipeTask(recipe);
    if (!task.has_value())
        return kLeast;
    const auto table = readTrainingFile(recipe, *task.value());
    if (!table.has_value())
        return kLeast;
    const RowReading reading = task.value()->readingOf(*table, view.reading);
    const auto labels = reading.labelNames.empty()
                            ? labelNamesIn(*table, columnsIn(*table, reading.labels).label)
                            : reading.labelNames;
    return std::max(kLeast, static_cast<std::int64_t>(labels.size()));
}

std::optional<NewHead> headOf(const ParamValues& recipe, const RecipeView& view) {
    auto head = headFor(recipe, 2, 0);
    if (head && head->labels != 1)
        head->labels = labelCount(recipe, view);
    return head;
}

/// The model as the recipe will have it, its header checked too where its weights are wanted.
Result<ModelSummary> modelFor(const RecipeView& view, const std::optional<NewHead>& head) {
    if (view.startsUntrained)
        return head ? readModelSummary(view.modelFolder, *head) : readModelSummary(view.modelFolder);
    return head ? checkModelFolder(view.modelFolder, *head) : checkModelFolder(view.modelFolder);
}

void checkModel(const ParamValues& recipe, const RecipeView& view, std::vector<Problem>& problems) {
    const std::optional<NewHead> head = headOf(recipe, view);
    const auto summary = modelFor(view, head);
    if (!summary.has_value())
        return note(problems, "model", summary.error());
    const auto method = adapterMethods().make(view.method);
    const auto sized = withMatchedSize(recipe, summary.value());
    if (!sized.has_value())
        note(problems, sized.error());
    const auto wrong = method.value()->check(summary.value(), sized.value_or(recipe));
    problems.insert(problems.end(), wrong.begin(), wrong.end());
    if (const auto quantisation = baseQuantisation(recipe); !quantisation.has_value()) {
        note(problems, quantisation.error());
    } else {
        const auto impossible = quantisationProblems(recipe, summary.value(), quantisation.value());
        problems.insert(problems.end(), impossible.begin(), impossible.end());
    }
    if (summary->decoderStartId || (!head && summary->head != HeadKind::CausalLm))
        problems.push_back({"model", view.modelFolder + ": is a " + summary->architecture +
                                         " model that does not continue texts; choose a causal language "
                                         "model, or the task \"labels\" for an encoder"});
    if (summary->maxPositions > 0 && recipe.integer("max_length") > summary->maxPositions)
        problems.push_back({"max_length", "max_length " + std::to_string(recipe.integer("max_length")) +
                                              " exceeds the model's " +
                                              std::to_string(summary->maxPositions) +
                                              " positions; choose at most that"});
    if (const auto tokenizer = Tokenizer::load(view.modelFolder); !tokenizer.has_value())
        note(problems, "model", tokenizer.error());
}

/// "self_attn.q_proj" of "model.layers.0.self_attn.q_proj".
std::string columnOf(const Site& site) {
    const std::string layer = "." + std::to_string(site.layer) + ".";
    const std::size_t place = site.layer < 0 ? std::string::npos : site.name.find(layer);
    return place == std::string::npos ? site.name : site.name.substr(place + layer.size());
}

std::vector<PlaceForecast> placesOf(const AdapterMethod& method, const ModelSummary& model,
                                    const ParamValues& recipe) {
    if (findSpec(method.options(), "target_modules") == nullptr)
        return {};
    std::set<std::string> chosen;
    for (const Site& site : method.sites(model, recipe))
        chosen.insert(site.name);
    std::vector<PlaceForecast> places;
    for (const Site& site : model.sites)
        if (site.kind == SiteKind::Projection)
            places.push_back({site.name, columnOf(site), static_cast<int>(site.layer), site.isFeedForward,
                              chosen.contains(site.name)});
    return places;
}

} // namespace

std::vector<Problem> preflight(const ParamValues& values) {
    const ParamValues recipe = withDefaults(recipeSchema(), values);
    std::vector<Problem> problems = validate(recipeSchema(), recipe);
    if (!problems.empty())
        return problems;
    const RecipeView view(recipe);
    checkModel(recipe, view, problems);
    if (const auto device = deviceFrom(recipe.text("device")); !device.has_value())
        note(problems, "device", device.error());
    if (const Status kept = checkKeepBest(recipe); !kept.has_value())
        note(problems, kept.error());
    checkData(recipe, view, problems);
    return problems;
}

Result<RecipeForecast> forecast(const ParamValues& values) {
    ParamValues recipe = withDefaults(recipeSchema(), values);
    for (const Problem& problem : validate(recipeSchema(), recipe))
        if (!problem.key.ends_with("_file")) // data do not change the memory
            return inputError(problem.key, problem.message);
    const std::optional<NewHead> head = headOf(recipe, RecipeView(recipe));
    LATHE_ASSIGN(const ModelSummary model, head ? readModelSummary(recipe.text("model"), *head)
                                                : readModelSummary(recipe.text("model")));
    LATHE_ASSIGN(const auto method, adapterMethods().make(recipe.text("method")));
    LATHE_ASSIGN(recipe, withMatchedSize(std::move(recipe), model));
    if (const auto problems = method->check(model, recipe); !problems.empty())
        return inputError(problems.front().key, problems.front().message);
    RecipeForecast result;
    result.baseParameters = model.parameters;
    result.notes = model.notes;
    result.trainableParameters = method->countParameters(model, recipe);
    if (head && !method->trainsHead())
        result.trainableParameters += countOf(headWeights(model), model);
    result.places = placesOf(*method, model, recipe);
    MemoryDemand demand{model.parameters, result.trainableParameters, model.layers, model.hiddenSize,
                        model.vocabularySize};
    demand.tokens = recipe.integer("batch_size") * recipe.integer("max_length");
    demand.bytesPerValue = recipe.text("precision") == "float32" ? 4 : 2;
    demand.isRecomputed = recipe.flag("recompute");
    LATHE_ASSIGN(const BaseQuantisation quantisation, baseQuantisation(recipe));
    const PackedShare share = packedShare(model, quantisation);
    demand.packed = share.parameters;
    demand.packedBytes = share.bytes;
    demand.largestPacked = share.largest;
    result.memoryBytes = forecastMemory(demand).total();
    return result;
}

} // namespace lathe
