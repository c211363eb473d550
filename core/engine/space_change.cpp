#include "core/engine/space_change.h"

#include "core/params/study_rules.h"
#include "core/search/draw.h"

#include <algorithm>

namespace lathe {

namespace {

template <typename Entry>
void replaceOrAdd(std::vector<Entry>& entries, const Entry& entry) {
    const auto same = std::ranges::find(entries, entry.key, &Entry::key);
    if (same == entries.end())
        entries.push_back(entry);
    else
        *same = entry;
}

template <typename Entry>
bool holdsKey(const std::vector<Entry>& entries, const std::string& key) {
    return std::ranges::find(entries, key, &Entry::key) != entries.end();
}

/// The trial's point in the present space, or what it lacks.
Result<ParamValues> pointIn(const StudySpec& spec, const ParamValues& recipe) {
    return drawActive(spec, [&recipe](const SearchDimension& dimension) -> Result<ParamValue> {
        const ParamValue* value = recipe.find(dimension.key);
        if (value == nullptr)
            return inputError({}, dimension.key + " has no value");
        const bool isList = std::holds_alternative<ChoiceDomain>(dimension.domain);
        ParamValue searched = isList ? ParamValue(toText(*value)) : *value;
        if (const auto problem = problemWith(dimension.domain, searched))
            return inputError({}, dimension.key + " " + *problem);
        return searched;
    });
}

/// What was searched and is fixed now must have the value that it is fixed at.
std::optional<std::string> misfitOfFixed(const StudySpec& spec, const ParamValues& recipe) {
    for (const EarlierSpace& earlier : spec.earlierSpaces)
        for (const SearchDimension& dimension : earlier.space) {
            const std::string& key = dimension.key;
            const ParamValue* fixed = spec.fixed.find(key);
            const ParamValue* value = recipe.find(key);
            const bool varies = holdsKey(spec.space, key) || holdsKey(spec.derived, key);
            if (!varies && fixed != nullptr && value != nullptr && toText(*fixed) != toText(*value))
                return key + " is " + toText(*value) + " in it and " + toText(*fixed) + " in the study now";
        }
    return std::nullopt;
}

} // namespace

StudySpec withChangedSpace(StudySpec spec, const SpaceChange& change, std::int64_t trials) {
    spec.earlierSpaces.push_back({spec.space, spec.derived, spec.forbidden, trials});
    for (const SearchDimension& dimension : change.space)
        replaceOrAdd(spec.space, dimension);
    for (const DerivedValue& value : change.derived)
        replaceOrAdd(spec.derived, value);
    std::erase_if(spec.derived, [&](const DerivedValue& v) { return holdsKey(change.space, v.key); });
    std::erase_if(spec.space, [&](const SearchDimension& d) { return holdsKey(change.derived, d.key); });
    spec.forbidden.insert(spec.forbidden.end(), change.forbidden.begin(), change.forbidden.end());
    return spec;
}

std::optional<std::string> misfitOf(const StudySpec& spec, const ParamValues& recipe) {
    const Result<ParamValues> point = pointIn(spec, recipe);
    if (!point.has_value())
        return point.error().text();
    const auto rules = StudyRules::make(spec);
    LATHE_EXPECT(rules.has_value());
    if (const auto objection = rules->objection(*point))
        return objection->message;
    const ParamValues derived = rules->derived(*point);
    for (const auto& [key, value] : derived.map())
        if (const ParamValue* had = recipe.find(key); had == nullptr || toText(*had) != toText(value))
            return key + " is " + (had == nullptr ? "missing" : toText(*had)) + " in it and would be " +
                   toText(value) + " now";
    return misfitOfFixed(spec, recipe);
}

} // namespace lathe
