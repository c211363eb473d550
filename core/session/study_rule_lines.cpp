#include "core/session/study_rule_lines.h"

#include "core/base/text.h"
#include "core/params/study_rules.h"

#include <algorithm>
#include <charconv>

namespace lathe {

namespace {

std::string_view trimmed(std::string_view text) {
    const auto isBlank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && isBlank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && isBlank(text.back()))
        text.remove_suffix(1);
    return text;
}

/// A rule of a study, and where its expression begins in what was written.
struct Added {
    StudySpec spec;
    std::size_t start = 0;
};

Result<Added> withDerived(StudySpec spec, const ParamSchema& schema, const std::string& text) {
    LATHE_ASSIGN(DerivedValue value, parseDerivedValue(schema, trimmed(text)));
    const std::size_t start = text.find(value.expression, text.find('='));
    spec.derived.push_back(std::move(value));
    return Added{std::move(spec), start};
}

Result<Added> withBound(StudySpec spec, const std::string& text) {
    const std::size_t sign = std::min(text.find("<="), text.find(">="));
    const std::string key(trimmed(std::string_view(text).substr(0, sign)));
    const std::string limit(sign == std::string::npos ? std::string_view()
                                                      : trimmed(std::string_view(text).substr(sign + 2)));
    if (key.empty() || limit.empty())
        return inputError({}, text + " is no limit of a field; write FIELD <= EXPRESSION or FIELD >= "
                                     "EXPRESSION");
    const auto dimension = std::ranges::find(spec.space, key, &SearchDimension::key);
    if (dimension == spec.space.end())
        return inputError({}, key + " is not searched; only a range that is searched has bounds");
    const bool isUpper = text[sign] == '<';
    std::string& bound = isUpper ? dimension->atMost : dimension->atLeast;
    if (!bound.empty())
        return inputError({}, key + (isUpper ? " has an upper" : " has a lower") +
                                  " bound already; keep one of the two");
    bound = limit;
    return Added{std::move(spec), text.find(limit, sign + 2)};
}

Result<Added> withLine(StudySpec spec, const RuleLine& line, const ParamSchema& schema) {
    switch (line.kind) {
    case RuleKind::Derived:
        return withDerived(std::move(spec), schema, line.text);
    case RuleKind::Bound:
        return withBound(std::move(spec), line.text);
    case RuleKind::Forbidden:
        spec.forbidden.push_back(line.text);
        break;
    case RuleKind::Constraint:
        spec.constraints.push_back(line.text);
        break;
    }
    return Added{std::move(spec), 0};
}

/// Without what stands beside it anyway, the rule and the expression; columns count in the line.
std::string besideItsLine(const std::string& message, std::size_t start) {
    constexpr std::string_view kColumn = "\", column ";
    const std::size_t at = message.find(kColumn);
    if (at == std::string::npos) {
        for (const char* head : {"forbidden: ", "constraint: "})
            if (message.starts_with(head))
                return message.substr(std::string_view(head).size());
        return message;
    }
    std::size_t column = 0;
    const char* digits = message.data() + at + kColumn.size();
    const auto read = std::from_chars(digits, message.data() + message.size(), column);
    return "column " + std::to_string(column + start) + std::string(read.ptr);
}

Status checkMetrics(const StudyRules& rules, std::span<const std::string> metrics) {
    for (const std::string& metric : rules.metrics())
        if (std::ranges::find(metrics, metric) == metrics.end())
            return inputError({}, metric +
                                      " is neither a field of the recipe nor reported by these runs; "
                                      "choose one of " +
                                      joined(std::vector(metrics.begin(), metrics.end())));
    return ok();
}

/// Empty: it is in the study now.
std::string add(StudySpec& spec, const RuleLine& line, const ParamSchema& schema,
                std::span<const std::string> metrics) {
    auto added = withLine(spec, line, schema);
    if (!added.has_value())
        return added.error().message;
    const auto rules = StudyRules::make(added->spec);
    if (!rules.has_value())
        return besideItsLine(rules.error().message, added->start);
    if (const Status known = checkMetrics(*rules, metrics); !known.has_value())
        return known.error().message;
    spec = std::move(added->spec);
    return {};
}

} // namespace

std::vector<std::string> addRuleLines(StudySpec& spec, std::span<const RuleLine> lines,
                                      const ParamSchema& schema, std::span<const std::string> metrics) {
    std::vector<std::string> problems(lines.size());
    // What is derived has a value in all other rules.
    for (const RuleKind kind :
         {RuleKind::Derived, RuleKind::Bound, RuleKind::Forbidden, RuleKind::Constraint})
        for (std::size_t i = 0; i < lines.size(); ++i)
            if (lines[i].kind == kind && !trimmed(lines[i].text).empty())
                problems[i] = add(spec, lines[i], schema, metrics);
    return problems;
}

} // namespace lathe
