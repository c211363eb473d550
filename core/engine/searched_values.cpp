#include "core/engine/study_runner.h"
#include "core/params/study_rules.h"
#include "core/search/draw.h"
#include "core/search/point.h"

#include <algorithm>

namespace lathe {

namespace {

/// `text` as the type of `pattern`. Texts and values that do not read as that type stay as they are;
/// validation names them.
ParamValue asTypeOf(const ParamValue& pattern, const std::string& text) {
    ParamSpec spec;
    if (std::holds_alternative<std::int64_t>(pattern))
        spec.domain = IntDomain{};
    else if (std::holds_alternative<double>(pattern))
        spec.domain = RealDomain{};
    else if (std::holds_alternative<bool>(pattern))
        spec.domain = BoolDomain{};
    else
        spec.domain = TextDomain{};
    return parseValue(spec, text).value_or(ParamValue(text));
}

} // namespace

ParamValues mergedValues(const StudySpec& spec, const ParamValues& searched) {
    ParamValues recipe = spec.fixed;
    for (const auto& [key, value] : searched.map()) {
        const ParamValue* fixed = spec.fixed.find(key);
        const auto* text = std::get_if<std::string>(&value);
        recipe.set(key, fixed != nullptr && text != nullptr ? asTypeOf(*fixed, *text) : value);
    }
    if (spec.derived.empty())
        return recipe;
    const auto rules = StudyRules::make(spec);
    LATHE_EXPECT(rules.has_value());
    const ParamValues derived = rules->derived(searched);
    for (const auto& [key, value] : derived.map())
        recipe.set(key, value);
    return recipe;
}

Result<ParamValues> searchedValues(const StudySpec& spec, const ParamValues& recipe) {
    return drawActive(spec, [&recipe](const SearchDimension& dimension) -> Result<ParamValue> {
        const ParamValue* value = recipe.find(dimension.key);
        if (value == nullptr)
            return inputError({}, dimension.key + " is searched but has no value in an earlier trial");
        const bool isChoice = std::holds_alternative<ChoiceDomain>(dimension.domain);
        return isChoice ? ParamValue(toText(*value)) : *value;
    });
}

Result<ParamValues> manualRecipe(const StudySpec& spec, const ParamValues& base, const ParamValues& changes) {
    ParamValues recipe = base;
    for (const auto& [key, value] : changes.map()) {
        if (std::ranges::find(spec.space, key, &SearchDimension::key) == spec.space.end())
            return inputError(key, "is not searched in this study, so its trials cannot differ in it");
        recipe.set(key, value);
    }
    LATHE_ASSIGN(const ParamValues point, searchedValues(spec, recipe));
    LATHE_TRY(checkPoint(spec, point));
    for (const auto& [key, value] : changes.map())
        if (!point.contains(key))
            return inputError(key, "is given, but its condition does not hold");
    return mergedValues(spec, point);
}

} // namespace lathe
