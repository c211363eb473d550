#include "core/session/study_templates.h"

#include "core/base/text.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <set>
#include <utility>

namespace lathe {

namespace {

constexpr std::size_t kFewestSeeds = 2;

ParamValues with(ParamValues values, std::initializer_list<std::pair<const char*, const char*>> texts) {
    for (const auto& [key, text] : texts)
        values.set(key, std::string(text));
    return values;
}

/// What projects values, in the architectures that have it as a module of its own.
constexpr const char* kValueProjections = R"(.*\.(v_proj|value|v_lin|v))";
constexpr const char* kTargets = "target_modules";
constexpr std::size_t kUniformArm = 2;
constexpr const char* kValuesApart =
    "adapts the projections of the values alone, and this model keeps queries, keys and values in one "
    "weight, "
    "as GPT-2 does in c_attn, so that there is nothing to adapt apart; choose a base model that has them "
    "apart, such as LLaMA, Qwen, OPT or BERT";

StudyTemplate allocationTemplate() {
    const ParamValues hetero = with({}, {{"method", "heterolora"}});
    const ParamValues uniform = with(hetero, {{"allocation", "uniform"}});
    return {
        "allocation",
        "Is the allocation worth it?",
        "HeteroLoRA that chooses its modules while it trains, against choosing once, by SNIP, LoRA of one "
        "rank everywhere, modules chosen at random, and LoRA on the value projections alone; all within "
        "one budget of parameters.",
        {{"HeteroLoRA, dynamic", with(hetero, {{"allocation", "dynamic"}})},
         {"HeteroLoRA, static by SNIP", with(hetero, {{"allocation", "static"}, {"proxy", "snip"}})},
         {"LoRA, uniform", uniform},
         {"Random allocation", with(hetero, {{"allocation", "dynamic"}, {"proxy", "constant"}})},
         {"LoRA, values only", with(uniform, {{kTargets, kValueProjections}, {"budget_unit", "parameters"}}),
          kUniformArm, kValuesApart}}};
}

ParamValues simplexArm(const char* head, const char* scope, const char* mode) {
    return with(
        {},
        {{"method", "prefix_subspace"}, {"simplex_head", head}, {"alpha_scope", scope}, {"val_mode", mode}});
}

/// Prefix tuning, and the simplex evaluated in two ways: what both templates of few examples ask about.
std::vector<TemplateArm> prefixArms() {
    ParamValues single = simplexArm("plain", "observation_layer", "midpoint");
    single.set("vertices", std::int64_t{1});
    return {{"Prefix tuning", single},
            {"Simplex, evaluated in the middle", simplexArm("mixed", "observation_layer", "midpoint")},
            {"Simplex, evaluated at drawn points", simplexArm("mixed", "observation_layer", "stochastic")}};
}

StudyTemplate fewShotTemplate() {
    std::vector<TemplateArm> arms = prefixArms();
    arms.push_back({"Simplex, one head for all", simplexArm("plain", "observation_layer", "stochastic")});
    arms.push_back({"Simplex, one point for each step", simplexArm("mixed", "batch", "stochastic")});
    return {"few_shot", "Does a simplex of prefixes help with few examples?",
            "Prefix tuning, against a simplex of prefixes evaluated at its middle and at drawn points; then "
            "with one head for all vertices, and with one drawn point for each step.",
            std::move(arms)};
}

/// LoRA wants smaller steps than prefixes do: with theirs it would be no fair rival.
constexpr double kLoraRate = 1e-3;

StudyTemplate scarceTemplate() {
    std::vector<TemplateArm> arms = prefixArms();
    ParamValues lora = with({}, {{"method", "lora"}});
    lora.set("learning_rate", kLoraRate);
    arms.push_back({"LoRA", lora});
    return {"few_shot_lora", "Prefixes or LoRA with few examples?",
            "Prefix tuning and a simplex of prefixes, evaluated at its middle and at drawn points, against "
            "LoRA with a learning rate of its own, 0.001.",
            std::move(arms)};
}

const std::vector<StudyTemplate>& allTemplates() {
    static const std::vector<StudyTemplate> all{allocationTemplate(), fewShotTemplate(), scarceTemplate()};
    return all;
}

bool isChoiceOf(const ParamSchema& schema, const std::string& key, const ParamValue& value) {
    const ParamSpec* spec = findSpec(schema, key);
    const auto* choices = spec == nullptr ? nullptr : std::get_if<ChoiceDomain>(&spec->domain);
    return spec != nullptr &&
           (choices == nullptr || std::ranges::find(choices->values, toText(value)) != choices->values.end());
}

bool isOffered(const ParamSchema& schema, const StudyTemplate& one) {
    return std::ranges::all_of(one.arms, [&schema](const TemplateArm& arm) {
        return std::ranges::all_of(arm.changes.map(), [&schema](const auto& change) {
            return isChoiceOf(schema, change.first, change.second);
        });
    });
}

Status checkSeeds(std::span<const std::uint64_t> seeds) {
    if (seeds.size() < kFewestSeeds)
        return inputError("seeds", std::to_string(seeds.size()) + " are too few to compare recipes; give " +
                                       std::to_string(kFewestSeeds) + " or more, better 5, as 1,2,3,4,5");
    std::set<std::uint64_t> seen;
    for (const std::uint64_t seed : seeds)
        if (!seen.insert(seed).second)
            return inputError("seeds", std::to_string(seed) + " is there twice; give each seed once");
    return ok();
}

/// The parameters of a LoRA's rank are what two ranks differ by; what is trained beside it is the rest.
Result<std::int64_t> parametersBeside(ParamValues recipe, const CountParameters& countParameters) {
    recipe.set("method", std::string("lora"));
    recipe.set("rank", std::int64_t{1});
    LATHE_ASSIGN(const std::int64_t one, countParameters(recipe));
    recipe.set("rank", std::int64_t{2});
    LATHE_ASSIGN(const std::int64_t two, countParameters(recipe));
    return 2 * one - two;
}

Result<std::int64_t> adapterParameters(const ParamValues& recipe, const CountParameters& countParameters) {
    LATHE_ASSIGN(const std::int64_t all, countParameters(recipe));
    LATHE_ASSIGN(const std::int64_t beside, parametersBeside(recipe, countParameters));
    return all - beside;
}

Result<ParamValues> recipeOf(const TemplateArm& arm, const ParamSchema& schema, const ParamValues& base,
                             std::optional<std::int64_t> budget) {
    ParamValues recipe = withDefaults(schema, base);
    for (const auto& [key, value] : arm.changes.map())
        recipe.set(key, value);
    if (budget)
        recipe.set("budget_parameters", *budget);
    if (const auto problems = validate(schema, recipe); !problems.empty())
        return inputError(problems.front().key, problems.front().message);
    return recipe;
}

Result<std::vector<ParamValues>> recipesOf(const StudyTemplate& wanted, const ParamSchema& schema,
                                           const ParamValues& base, const CountParameters& countParameters) {
    std::vector<ParamValues> recipes;
    for (const TemplateArm& arm : wanted.arms) {
        std::optional<std::int64_t> budget;
        if (arm.budgetOf) {
            const auto counted = adapterParameters(recipes[*arm.budgetOf], countParameters);
            if (!counted.has_value())
                return inputError(wanted.arms[*arm.budgetOf].label, counted.error().text());
            budget = *counted;
        }
        auto recipe = recipeOf(arm, schema, base, budget);
        if (!recipe.has_value())
            return inputError(arm.label, recipe.error().text());
        const auto same = std::ranges::find(recipes, *recipe);
        if (same != recipes.end())
            return inputError(arm.label,
                              "would be the recipe of \"" +
                                  wanted.arms[static_cast<std::size_t>(same - recipes.begin())].label +
                                  "\" again; change what the recipe has in common with that arm");
        if (const auto counted = countParameters(*recipe); !counted.has_value())
            return inputError(arm.label, counted.error().where == kTargets && !arm.placesNeeded.empty()
                                             ? arm.placesNeeded
                                             : counted.error().text());
        recipes.push_back(std::move(*recipe));
    }
    return recipes;
}

/// What the recipes differ in, as a space: so tables and charts tell them apart.
SearchSpace spaceOf(const ParamSchema& schema, std::span<const ParamValues> recipes) {
    SearchSpace space;
    for (const ParamSpec& spec : schema) {
        ChoiceDomain values;
        for (const ParamValues& recipe : recipes)
            if (const ParamValue* value = recipe.find(spec.key))
                if (const std::string text = toText(*value);
                    std::ranges::find(values.values, text) == values.values.end())
                    values.values.push_back(text);
        if (values.values.size() > 1)
            space.push_back({spec.key, values, {}});
    }
    return space;
}

bool fits(const ParamValues& recipe, const TemplateArm& arm) {
    return std::ranges::all_of(arm.changes.map(), [&recipe](const auto& change) {
        const ParamValue* value = recipe.find(change.first);
        return value != nullptr && *value == change.second;
    });
}

} // namespace

std::vector<StudyTemplate> studyTemplates(const ParamSchema& schema) {
    std::vector<StudyTemplate> offered;
    std::ranges::copy_if(allTemplates(), std::back_inserter(offered),
                         [&schema](const StudyTemplate& one) { return isOffered(schema, one); });
    return offered;
}

Result<StudyTemplate> findTemplate(const ParamSchema& schema, const std::string& id) {
    std::vector<std::string> known;
    for (StudyTemplate& one : studyTemplates(schema)) {
        if (one.id == id)
            return one;
        known.push_back(one.id);
    }
    return inputError("template", "\"" + id + "\" is unknown; choose one of " + joined(known));
}

Result<ConfirmationPlan> planTemplate(const StudyTemplate& wanted, const ParamSchema& schema,
                                      const StudySpec& base, std::span<const std::uint64_t> seeds,
                                      const CountParameters& countParameters) {
    LATHE_TRY(checkSeeds(seeds));
    LATHE_ASSIGN(const std::vector<ParamValues> recipes,
                 recipesOf(wanted, schema, base.fixed, countParameters));
    ConfirmationPlan plan;
    for (const std::uint64_t seed : seeds)
        for (const ParamValues& recipe : recipes)
            plan.trials.push_back({{}, static_cast<std::int64_t>(plan.trials.size()), recipe, seed, {}});
    plan.spec = withBudget(base, {static_cast<std::int64_t>(plan.trials.size()), 0, 0});
    plan.spec.kind = "study";
    plan.spec.fixed = recipes.front();
    plan.spec.space = spaceOf(schema, recipes);
    plan.spec.samplerId = "random"; // is never asked: all its trials are there
    plan.spec.prunerId = "none";    // a run that is cut short would tell nothing
    plan.spec.mayRepeat = true;
    return plan;
}

/// Of the arms that fit a recipe, the one that says most of it.
std::vector<std::string> armLabels(std::span<const ParamValues> recipes) {
    for (const StudyTemplate& one : allTemplates()) {
        std::vector<std::string> labels;
        for (const ParamValues& recipe : recipes) {
            const TemplateArm* found = nullptr;
            for (const TemplateArm& arm : one.arms)
                if (fits(recipe, arm) &&
                    (found == nullptr || arm.changes.map().size() > found->changes.map().size()))
                    found = &arm;
            if (found == nullptr || std::ranges::find(labels, found->label) != labels.end())
                break;
            labels.push_back(found->label);
        }
        if (labels.size() == recipes.size() && !labels.empty())
            return labels;
    }
    return {};
}

} // namespace lathe
