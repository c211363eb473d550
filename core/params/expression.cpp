#include "core/params/expression.h"

#include "core/params/expression_parser.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

namespace lathe {

namespace {

constexpr double kMostWhole = 9007199254740992.0; // 2^53: up to here a double holds every whole number

std::optional<double> asNumber(const ParamValue& value) {
    if (const auto* whole = std::get_if<std::int64_t>(&value))
        return static_cast<double>(*whole);
    if (const auto* real = std::get_if<double>(&value))
        return *real;
    if (const auto* text = std::get_if<std::string>(&value)) {
        double number = 0;
        const auto read = std::from_chars(text->data(), text->data() + text->size(), number);
        if (read.ec == std::errc() && read.ptr == text->data() + text->size())
            return number;
    }
    return std::nullopt;
}

std::optional<ParamValue> asType(const ParamValue& value, ExpressionType type) {
    if (type == ExpressionType::Text)
        return ParamValue(toText(value));
    if (type != ExpressionType::Bool) {
        const auto number = asNumber(value);
        const bool mustBeWhole = type == ExpressionType::Int;
        if (!number || !std::isfinite(*number) ||
            (mustBeWhole && (std::floor(*number) != *number || std::abs(*number) > kMostWhole)))
            return std::nullopt;
        return *number;
    }
    if (std::holds_alternative<bool>(value))
        return value;
    const std::string text = toText(value);
    return text == "true" || text == "false" ? std::optional<ParamValue>(text == "true") : std::nullopt;
}

double numberOf(const ParamValue& value) { return std::get<double>(value); }

double called(const std::string& function, const std::vector<ParamValue>& values) {
    const double x = numberOf(values.front());
    if (function == "min" || function == "max") {
        double chosen = x;
        for (const ParamValue& value : values)
            chosen =
                function == "min" ? std::min(chosen, numberOf(value)) : std::max(chosen, numberOf(value));
        return chosen;
    }
    if (function == "floor")
        return std::floor(x);
    if (function == "ceil")
        return std::ceil(x);
    if (function == "round")
        return std::round(x);
    if (function == "abs")
        return std::abs(x);
    if (function == "sqrt")
        return std::sqrt(x);
    if (function == "log2")
        return std::log2(x);
    if (function == "log10")
        return std::log10(x);
    return std::pow(x, numberOf(values[1]));
}

} // namespace

Result<Expression> Expression::parse(std::string_view text, const ExpressionNames& names) {
    return ExpressionParser(text, names).parse();
}

ExpressionType Expression::type() const { return m_nodes.back().type; }

std::vector<std::string> Expression::names() const {
    std::set<std::string> names;
    for (const Node& node : m_nodes)
        if (node.op == Op::Name)
            names.insert(node.name);
    return {names.begin(), names.end()};
}

Error Expression::problemAt(const Node& node, const std::string& problem) const {
    return expressionError(m_text, node.column, problem);
}

Result<std::optional<ParamValue>> Expression::value(const ValueOf& valueOf) const {
    LATHE_ASSIGN(Value value, evaluate(m_nodes.size() - 1, valueOf));
    if (value && type() == ExpressionType::Int)
        value = static_cast<std::int64_t>(numberOf(*value));
    return value;
}

Result<Expression::Value> Expression::evaluate(std::size_t place, const ValueOf& valueOf) const {
    const Node& node = m_nodes[place];
    if (node.op == Op::Literal)
        return Value(node.literal);
    if (node.op == Op::Name)
        return named(node, valueOf);
    if (node.op == Op::And || node.op == Op::Or)
        return junction(node, valueOf);
    std::vector<ParamValue> values;
    bool isKnown = true;
    for (const std::size_t child : node.children) {
        LATHE_ASSIGN(Value value, evaluate(child, valueOf));
        isKnown = isKnown && value.has_value();
        if (value)
            values.push_back(std::move(*value));
    }
    return isKnown ? calculated(node, values) : Result<Value>(Value());
}

Result<Expression::Value> Expression::named(const Node& node, const ValueOf& valueOf) const {
    const ParamValue* value = valueOf(node.name);
    if (value == nullptr)
        return Value();
    Value typed = asType(*value, node.type);
    if (!typed)
        return problemAt(node,
                         node.name + " is " + toText(*value) + ", not " + std::string(describe(node.type)));
    return typed;
}

/// Kleene's three-valued logic: what is certain whatever the unknown side may be is known.
Result<Expression::Value> Expression::junction(const Node& node, const ValueOf& valueOf) const {
    const bool decisive = node.op == Op::Or;
    bool isKnown = true;
    for (const std::size_t child : node.children) {
        LATHE_ASSIGN(const Value value, evaluate(child, valueOf));
        if (value && std::get<bool>(*value) == decisive)
            return Value(decisive);
        isKnown = isKnown && value.has_value();
    }
    return isKnown ? Value(!decisive) : Value();
}

Result<Expression::Value> Expression::calculated(const Node& node,
                                                 const std::vector<ParamValue>& values) const {
    if (node.op == Op::Not)
        return Value(!std::get<bool>(values[0]));
    if (node.op == Op::Equal || node.op == Op::Unequal)
        return Value((values[0] == values[1]) == (node.op == Op::Equal));
    const double a = numberOf(values[0]);
    const double b = values.size() > 1 ? numberOf(values[1]) : 0;
    switch (node.op) {
    case Op::Below:
        return Value(a < b);
    case Op::AtMost:
        return Value(a <= b);
    case Op::Above:
        return Value(a > b);
    case Op::AtLeast:
        return Value(a >= b);
    default:
        break;
    }
    const double result = node.op == Op::Negate     ? -a
                          : node.op == Op::Add      ? a + b
                          : node.op == Op::Subtract ? a - b
                          : node.op == Op::Multiply ? a * b
                          : node.op == Op::Divide   ? a / b
                                                    : called(node.name, values);
    if (!std::isfinite(result))
        return problemAt(node, "this has no finite value here");
    if (node.type == ExpressionType::Int && std::abs(result) > kMostWhole)
        return problemAt(node, toText(result) + " is too large for a whole number");
    return Value(result + 0.0); // -0 is 0
}

bool Expression::isLimit() const {
    const Node& root = m_nodes.back();
    return root.op == Op::Below || root.op == Op::AtMost || root.op == Op::Above || root.op == Op::AtLeast;
}

Result<std::optional<double>> Expression::excess(const ValueOf& valueOf) const {
    LATHE_EXPECT(isLimit());
    const Node& root = m_nodes.back();
    LATHE_ASSIGN(const Value left, evaluate(root.children[0], valueOf));
    LATHE_ASSIGN(const Value right, evaluate(root.children[1], valueOf));
    if (!left || !right)
        return std::optional<double>();
    const bool isUpper = root.op == Op::Below || root.op == Op::AtMost;
    const double missed = isUpper ? numberOf(*left) - numberOf(*right) : numberOf(*right) - numberOf(*left);
    double unit = 1;
    for (const std::size_t side : root.children)
        if (const Node& node = m_nodes[side]; node.op == Op::Literal && numberOf(node.literal) != 0)
            unit = std::abs(numberOf(node.literal));
    const double share = missed / unit;
    if (!std::isfinite(share))
        return problemAt(root, "this has no finite value here");
    return std::optional(share);
}

} // namespace lathe
