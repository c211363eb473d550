#include "core/session/session_parts.h"

namespace lathe {

std::vector<Problem> problemsOf(const SessionParts& parts, const ParamValues& recipe) {
    std::vector<Problem> problems = validate(parts.recipeSchema, recipe);
    if (problems.empty() && parts.preflight)
        problems = parts.preflight(recipe);
    return problems;
}

} // namespace lathe
