#include "core/params/param_schema.h"

#include <algorithm>
#include <numeric>

namespace lathe {

namespace {

/// Levenshtein 1966, with one row of the table.
std::size_t editDistance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0]++;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({substituted, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

bool holds(const Condition::Term& term, std::span<const ParamSpec> schema, const ParamValues& values) {
    const ParamValue* value = values.find(term.key);
    if (value == nullptr) {
        const ParamSpec* spec = findSpec(schema, term.key);
        if (spec == nullptr)
            return false;
        value = &spec->fallback;
    }
    return std::ranges::find(term.anyOf, toText(*value)) != term.anyOf.end();
}

std::string unknownKeyMessage(std::span<const ParamSpec> schema, const std::string& key) {
    const std::string nearest = nearestKey(schema, key);
    const std::string message = key + " is not a parameter";
    return nearest.empty() ? message + " here; leave it out" : message + "; did you mean " + nearest + "?";
}

} // namespace

const ParamSpec* findSpec(std::span<const ParamSpec> schema, std::string_view key) {
    const auto it = std::ranges::find(schema, key, &ParamSpec::key);
    return it == schema.end() ? nullptr : &*it;
}

std::string nearestKey(std::span<const ParamSpec> schema, std::string_view key) {
    const auto distance = [key](const ParamSpec& spec) { return editDistance(spec.key, key); };
    const auto it = std::ranges::min_element(schema, {}, distance);
    return it == schema.end() ? std::string() : it->key;
}

bool isActive(const Condition& condition, std::span<const ParamSpec> schema, const ParamValues& values) {
    return std::ranges::all_of(condition.terms,
                               [&](const Condition::Term& term) { return holds(term, schema, values); });
}

ParamValues defaults(std::span<const ParamSpec> schema) {
    ParamValues values;
    for (const ParamSpec& spec : schema)
        values.set(spec.key, spec.fallback);
    return values;
}

ParamValues withDefaults(std::span<const ParamSpec> schema, const ParamValues& values) {
    ParamValues all = defaults(schema);
    for (const auto& [key, value] : values.map())
        all.set(key, value);
    return all;
}

std::vector<Problem> validate(std::span<const ParamSpec> schema, const ParamValues& values) {
    std::vector<Problem> problems;
    for (const ParamSpec& spec : schema) {
        if (!isActive(spec.activeIf, schema, values))
            continue;
        const ParamValue* given = values.find(spec.key);
        if (const auto problem = problemWith(spec.domain, given != nullptr ? *given : spec.fallback))
            problems.push_back({spec.key, spec.key + " " + *problem});
    }
    for (const auto& [key, value] : values.map())
        if (findSpec(schema, key) == nullptr)
            problems.push_back({key, unknownKeyMessage(schema, key)});
    return problems;
}

Status check(std::span<const ParamSpec> schema, const ParamValues& values) {
    const std::vector<Problem> problems = validate(schema, values);
    if (problems.empty())
        return ok();
    // The message begins with the key: naming it once more in `where` would say it twice.
    return inputError({}, problems.front().message);
}

} // namespace lathe
