#include "core/params/study_rules.h"

#include "core/base/text.h"
#include "core/params/expression_parser.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>

namespace lathe {

namespace {

bool isNumber(ExpressionType type) { return type == ExpressionType::Int || type == ExpressionType::Real; }

Error within(const std::string& rule, const Error& error) {
    return inputError({}, rule + ": " + error.message);
}

template <typename Number>
bool readsAs(const std::string& text) {
    Number number{};
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

ExpressionType typeOfTexts(const std::vector<std::string>& values) {
    const auto isFlag = [](const std::string& text) { return text == "true" || text == "false"; };
    if (values.empty())
        return ExpressionType::Text;
    if (std::ranges::all_of(values, isFlag))
        return ExpressionType::Bool;
    if (std::ranges::all_of(values, &readsAs<std::int64_t>))
        return ExpressionType::Int;
    return std::ranges::all_of(values, &readsAs<double>) ? ExpressionType::Real : ExpressionType::Text;
}

ExpressionType typeOfValue(const ParamValue& value) {
    constexpr ExpressionType kTypes[] = {ExpressionType::Bool, ExpressionType::Int, ExpressionType::Real,
                                         ExpressionType::Text};
    return kTypes[value.index()];
}

/// A number searched over a list is text to the samplers; the fixed value it replaces tells its type.
ExpressionType typeOfSearched(const SearchDimension& dimension, const ParamValues& fixed) {
    const ParamValue* replaced = fixed.find(dimension.key);
    const bool isList = std::holds_alternative<ChoiceDomain>(dimension.domain);
    return isList && replaced != nullptr ? typeOfValue(*replaced) : typeOf(dimension.domain);
}

ExpressionNames namesOf(const StudySpec& spec) {
    ExpressionNames names;
    for (const auto& [key, value] : spec.fixed.map())
        names.types[key] = typeOfValue(value);
    for (const SearchDimension& dimension : spec.space)
        names.types[dimension.key] = typeOfSearched(dimension, spec.fixed);
    for (const DerivedValue& value : spec.derived)
        names.types.erase(value.key); // known from where it is derived on
    return names;
}

Status checkFits(const DerivedValue& value, ExpressionType given) {
    const ExpressionType wanted = typeOf(value.domain);
    const bool isChoice = std::holds_alternative<ChoiceDomain>(value.domain);
    if (given == wanted || (given == ExpressionType::Int && wanted == ExpressionType::Real) ||
        (isChoice && given == ExpressionType::Int))
        return ok();
    if (wanted == ExpressionType::Int && given == ExpressionType::Real)
        return inputError({}, value.key + " is a whole number and this need not be one; write round(…) or "
                                          "floor(…) around it");
    return inputError({}, value.key + " is " + describe(value.domain) + ", this is " +
                              std::string(describe(given)));
}

/// As the domain holds it.
ParamValue asHeld(const Domain& domain, ParamValue value) {
    if (const auto* whole = std::get_if<std::int64_t>(&value);
        whole != nullptr && std::holds_alternative<RealDomain>(domain))
        return static_cast<double>(*whole);
    return std::holds_alternative<ChoiceDomain>(domain) ? ParamValue(toText(value)) : value;
}

std::string formulaOf(const DerivedValue& value) { return value.key + " = " + value.expression; }

/// "rank is 64, method is lora"
std::string valuesIn(const Expression& expression, const ValueOf& valueOf) {
    std::vector<std::string> parts;
    for (const std::string& name : expression.names())
        if (const ParamValue* value = valueOf(name))
            parts.push_back(name + " is " + toText(*value));
    return joined(parts);
}

} // namespace

ExpressionType typeOf(const Domain& domain) {
    if (std::holds_alternative<BoolDomain>(domain))
        return ExpressionType::Bool;
    if (std::holds_alternative<IntDomain>(domain))
        return ExpressionType::Int;
    if (std::holds_alternative<RealDomain>(domain))
        return ExpressionType::Real;
    const auto* choice = std::get_if<ChoiceDomain>(&domain);
    return choice != nullptr ? typeOfTexts(choice->values) : ExpressionType::Text;
}

Domain widestDomain(ExpressionType type) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    switch (type) {
    case ExpressionType::Bool:
        return BoolDomain{};
    case ExpressionType::Int:
        return IntDomain{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
    case ExpressionType::Real:
        return RealDomain{-kInfinity, kInfinity};
    case ExpressionType::Text:
        break;
    }
    return TextDomain{};
}

Result<DerivedValue> parseDerivedValue(std::span<const ParamSpec> schema, std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0 || equals + 1 == text.size())
        return inputError(std::string(text),
                          "does not say what follows from what; write KEY=EXPRESSION, as in "
                          "alpha=2*rank");
    std::string key(text.substr(0, text.find_last_not_of(' ', equals - 1) + 1));
    const ParamSpec* spec = findSpec(schema, key);
    if (spec == nullptr) {
        const std::string nearest = nearestKey(schema, key);
        return inputError({}, key + " is not a parameter" +
                                  (nearest.empty() ? "" : "; did you mean " + nearest + "?"));
    }
    if (!spec->isSearchable)
        return inputError({}, key + " cannot change from trial to trial; give it one value");
    std::string_view expression = text.substr(equals + 1);
    expression.remove_prefix(std::min(expression.find_first_not_of(' '), expression.size()));
    return DerivedValue{std::move(key), std::string(expression), spec->domain};
}

Status addDerivedValue(StudySpec& spec, std::string key, std::string expression) {
    ExpressionNames names = namesOf(spec);
    for (const DerivedValue& earlier : spec.derived)
        names.types[earlier.key] = typeOf(earlier.domain);
    const auto formula = Expression::parse(expression, names);
    if (!formula.has_value())
        return within("derived " + key, formula.error());
    spec.derived.push_back({std::move(key), std::move(expression), widestDomain(formula->type())});
    return ok();
}

Result<StudyRules> StudyRules::make(const StudySpec& spec) {
    StudyRules rules;
    ExpressionNames names = namesOf(spec);
    for (const SearchDimension& dimension : spec.space)
        rules.m_varying[dimension.key] = true;
    for (const DerivedValue& value : spec.derived)
        LATHE_TRY(rules.addDerived(value, spec, names));
    for (const SearchDimension& dimension : spec.space)
        LATHE_TRY(rules.addBounds(dimension, names));
    for (const std::string& text : spec.forbidden)
        LATHE_TRY(rules.addForbidden(text, names));
    for (const std::string& text : spec.constraints)
        LATHE_TRY(rules.addConstraint(text, names));
    rules.m_fixed = spec.fixed;
    return rules;
}

Status StudyRules::addDerived(const DerivedValue& value, const StudySpec& spec, ExpressionNames& names) {
    const std::string& key = value.key;
    if (key.empty())
        return inputError({}, "a derived value has no name; write KEY=EXPRESSION");
    if (std::ranges::find(spec.space, key, &SearchDimension::key) != spec.space.end())
        return inputError({}, key + " is searched and derived; keep one of the two");
    if (m_varying.contains(key))
        return inputError({}, key + " is derived twice; keep one of the two");
    for (const SearchDimension& dimension : spec.space)
        for (const Condition::Term& term : dimension.activeIf.terms)
            if (term.key == key)
                return inputError({}, dimension.key + " depends on " + key +
                                          ", which is derived; let it depend on a searched or fixed value");
    auto formula = Expression::parse(value.expression, names);
    if (!formula.has_value())
        return within("derived " + key, formula.error());
    if (const Status fits = checkFits(value, formula->type()); !fits.has_value())
        return within(formulaOf(value), fits.error());
    const bool isChoice = std::holds_alternative<ChoiceDomain>(value.domain);
    names.types[key] = isChoice ? typeOf(value.domain) : formula->type();
    m_varying[key] = true;
    m_derived.push_back({value, std::move(formula).value()});
    return ok();
}

Status StudyRules::addBounds(const SearchDimension& dimension, const ExpressionNames& names) {
    for (const bool isUpper : {false, true}) {
        const std::string& text = isUpper ? dimension.atMost : dimension.atLeast;
        if (text.empty())
            continue;
        const std::string rule = dimension.key + (isUpper ? " at most" : " at least");
        if (!std::holds_alternative<IntDomain>(dimension.domain) &&
            !std::holds_alternative<RealDomain>(dimension.domain))
            return inputError({}, rule + ": only a range of numbers has bounds; forbid what is not wanted");
        auto limit = Expression::parse(text, names);
        if (!limit.has_value())
            return within(rule, limit.error());
        if (!isNumber(limit->type()))
            return inputError({}, rule + ": \"" + text + "\" is " + std::string(describe(limit->type())) +
                                      "; a number is needed");
        m_bounds.push_back({dimension.key, isUpper, std::move(limit).value()});
    }
    return ok();
}

Status StudyRules::addForbidden(const std::string& text, const ExpressionNames& names) {
    auto forbidden = Expression::parse(text, names);
    if (!forbidden.has_value())
        return within("forbidden", forbidden.error());
    if (forbidden->type() != ExpressionType::Bool)
        return inputError({}, "forbidden: \"" + text + "\" is " + std::string(describe(forbidden->type())) +
                                  "; write what must not be, as in rank > 64 and batch_size > 16");
    m_forbidden.push_back(std::move(forbidden).value());
    return ok();
}

Status StudyRules::addConstraint(const std::string& text, ExpressionNames names) {
    names.takesMetrics = true;
    auto constraint = Expression::parse(text, names);
    if (!constraint.has_value())
        return within("constraint", constraint.error());
    if (!constraint->isLimit())
        return inputError({}, "constraint: \"" + text + "\" is no limit; write one as in seconds <= 600");
    m_constraints.push_back(std::move(constraint).value());
    return ok();
}

const ParamValue* StudyRules::find(const ParamValues& point, std::string_view name) const {
    const ParamValue* value = point.find(name);
    return value != nullptr || m_varying.contains(name) ? value : m_fixed.find(name);
}

ParamValues StudyRules::whole(const ParamValues& searched, std::optional<Objection>& problem) const {
    ParamValues point = searched;
    const auto valueOf = [this, &point](std::string_view name) { return find(point, name); };
    for (const auto& [value, formula] : m_derived) {
        const std::string rule = formulaOf(value);
        auto result = formula.value(valueOf);
        if (!result.has_value()) {
            problem = Objection{rule, rule + ": " + result.error().message};
            return point;
        }
        if (!result->has_value())
            continue;
        ParamValue held = asHeld(value.domain, std::move(**result));
        if (const auto wrong = lathe::problemWith(value.domain, held)) {
            problem = Objection{rule + " is to be " + describe(value.domain), rule + ": " + *wrong};
            return point;
        }
        point.set(value.key, std::move(held));
    }
    return point;
}

ParamValues StudyRules::derived(const ParamValues& searched) const {
    std::optional<Objection> problem;
    const ParamValues point = whole(searched, problem);
    ParamValues values;
    for (const Derived& derived : m_derived)
        if (const ParamValue* value = point.find(derived.value.key))
            values.set(derived.value.key, *value);
    return values;
}

std::optional<Objection> StudyRules::objection(const ParamValues& searched) const {
    std::optional<Objection> problem;
    const ParamValues point = whole(searched, problem);
    for (const Bound& bound : m_bounds)
        if (!problem)
            problem = boundObjection(bound, point);
    for (const Expression& forbidden : m_forbidden)
        if (!problem)
            problem = forbiddenObjection(forbidden, point);
    return problem;
}

std::optional<Objection> StudyRules::boundObjection(const Bound& bound, const ParamValues& point) const {
    const ParamValue* value = point.find(bound.key);
    if (value == nullptr)
        return std::nullopt;
    const auto limit = bound.limit.value([&](std::string_view name) { return find(point, name); });
    const std::string rule =
        bound.key + (bound.isUpper ? " at most " : " at least ") + "\"" + bound.limit.text() + "\"";
    if (!limit.has_value())
        return Objection{rule, rule + ": " + limit.error().message};
    if (!limit->has_value())
        return std::nullopt;
    const auto number = [](const ParamValue& v) {
        const auto* whole = std::get_if<std::int64_t>(&v);
        return whole != nullptr ? static_cast<double>(*whole) : std::get<double>(v);
    };
    const double excess = number(*value) - number(**limit);
    if (bound.isUpper ? excess <= 0 : excess >= 0)
        return std::nullopt;
    return Objection{rule, bound.key + " " + toText(*value) + (bound.isUpper ? " is above " : " is below ") +
                               toText(**limit) + ", which is \"" + bound.limit.text() + "\""};
}

std::optional<Objection> StudyRules::forbiddenObjection(const Expression& forbidden,
                                                        const ParamValues& point) const {
    const auto valueOf = [&](std::string_view name) { return find(point, name); };
    const auto holds = forbidden.value(valueOf);
    const std::string rule = "\"" + forbidden.text() + "\" is forbidden";
    if (!holds.has_value())
        return Objection{rule, "forbidden: " + holds.error().message};
    if (!holds->has_value() || !std::get<bool>(**holds))
        return std::nullopt;
    return Objection{rule, rule + ": " + valuesIn(forbidden, valueOf)};
}

std::vector<ConstraintResult> StudyRules::constraints(const ParamValues& searched,
                                                      const TrialMetrics& metrics) const {
    std::optional<Objection> problem;
    const ParamValues point = whole(searched, problem);
    std::map<std::string, ParamValue, std::less<>> reported(metrics.begin(), metrics.end());
    const auto valueOf = [&](std::string_view name) {
        const ParamValue* value = find(point, name);
        const auto metric = reported.find(name);
        return value != nullptr || metric == reported.end() ? value : &metric->second;
    };
    std::vector<ConstraintResult> results;
    for (const Expression& constraint : m_constraints) {
        const auto excess = constraint.excess(valueOf);
        const bool isKnown = excess.has_value() && excess->has_value();
        ConstraintResult& result = results.emplace_back();
        result.isKnown = isKnown;
        result.excess = isKnown ? **excess : 1;
        if (!isKnown)
            result.reason = constraint.text() + " cannot be told: " +
                            (excess.has_value() ? "not all of " + joined(constraint.names()) + " is known"
                                                : excess.error().message);
        else if (result.excess > 0)
            result.reason = constraint.text() + " does not hold: " + valuesIn(constraint, valueOf);
    }
    return results;
}

std::vector<std::string> StudyRules::metrics() const {
    std::set<std::string> names;
    for (const Expression& constraint : m_constraints)
        for (const std::string& name : constraint.names())
            if (!m_varying.contains(name) && !m_fixed.contains(name))
                names.insert(name);
    return {names.begin(), names.end()};
}

} // namespace lathe
