#include "core/engine/second_try.h"

#include "core/base/text.h"

#include <algorithm>

namespace lathe {

std::optional<ParamValues> lighterRecipe(const StudyServices& services, const StudySpec& spec,
                                         const ParamValues& recipe) {
    auto lighter = services.lighterRecipe ? services.lighterRecipe(recipe) : std::nullopt;
    const auto isChanged = [&](const auto& searchedOrDerived) {
        const ParamValue* before = recipe.find(searchedOrDerived.key);
        const ParamValue* after = lighter->find(searchedOrDerived.key);
        return before != nullptr && (after == nullptr || *before != *after);
    };
    if (lighter &&
        (std::ranges::any_of(spec.space, isChanged) || std::ranges::any_of(spec.derived, isChanged)))
        return std::nullopt;
    return lighter;
}

std::string changesOf(const ParamValues& before, const ParamValues& after) {
    std::vector<std::string> parts;
    for (const auto& [key, value] : after.map())
        if (const ParamValue* old = before.find(key); old == nullptr || *old != value)
            parts.push_back(key + " " + toText(value) +
                            (old == nullptr ? "" : " instead of " + toText(*old)));
    return joined(parts);
}

std::string bothNotes(const std::string& first, const std::string& second) {
    return first.empty() || second.empty() ? first + second : first + "; " + second;
}

} // namespace lathe
