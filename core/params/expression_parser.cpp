#include "core/params/expression_parser.h"

#include "core/params/param_schema.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>

namespace lathe {

namespace {

constexpr std::size_t kMostBytes = 1000;
constexpr int kMostDepth = 50;
constexpr double kMostWhole = 9007199254740992.0; // 2^53: up to here a double holds every whole number

struct Function {
    std::string_view name;
    std::size_t least;
    std::size_t most;
    std::optional<ExpressionType> type; ///< none: a whole number if all arguments are
};

constexpr std::size_t kAny = 1000;

constexpr std::array<Function, 10> kFunctions{{
    {"min", 2, kAny, std::nullopt},
    {"max", 2, kAny, std::nullopt},
    {"floor", 1, 1, ExpressionType::Int},
    {"ceil", 1, 1, ExpressionType::Int},
    {"round", 1, 1, ExpressionType::Int},
    {"abs", 1, 1, std::nullopt},
    {"sqrt", 1, 1, ExpressionType::Real},
    {"log2", 1, 1, ExpressionType::Real},
    {"log10", 1, 1, ExpressionType::Real},
    {"pow", 2, 2, ExpressionType::Real},
}};

bool isBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool startsWord(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool isOfWord(char c) { return startsWord(c) || isDigit(c) || c == '.'; }

bool isNumber(ExpressionType type) { return type == ExpressionType::Int || type == ExpressionType::Real; }

ExpressionType commonType(ExpressionType a, ExpressionType b) {
    return a == ExpressionType::Int && b == ExpressionType::Int ? ExpressionType::Int : ExpressionType::Real;
}

std::string nearestName(const ExpressionNames& names, const std::string& name) {
    ParamSchema known;
    for (const auto& [key, type] : names.types)
        known.emplace_back().key = key;
    return nearestKey(known, name);
}

} // namespace

Error expressionError(std::string_view text, std::size_t column, const std::string& what) {
    return inputError({}, "\"" + std::string(text) + "\", column " + std::to_string(column) + ": " + what);
}

std::string_view describe(ExpressionType type) {
    switch (type) {
    case ExpressionType::Bool:
        return "true or false";
    case ExpressionType::Int:
        return "a whole number";
    case ExpressionType::Real:
        return "a number";
    case ExpressionType::Text:
        break;
    }
    return "a text";
}

Error ExpressionParser::problem(std::size_t column, const std::string& what) const {
    return expressionError(m_text, column, what);
}

std::string ExpressionParser::whatIsHere() const {
    if (m_at >= m_text.size())
        return "it ends here";
    std::size_t end = m_at + 1;
    while (end < m_text.size() && isOfWord(m_text[m_at]) && isOfWord(m_text[end]))
        ++end;
    while (end < m_text.size() && (static_cast<unsigned char>(m_text[end]) & 0xC0U) == 0x80U)
        ++end; // not half of a letter
    return "\"" + std::string(m_text.substr(m_at, end - m_at)) + "\" stands here";
}

void ExpressionParser::skipBlanks() {
    while (m_at < m_text.size() && isBlank(m_text[m_at]))
        ++m_at;
}

bool ExpressionParser::take(std::string_view token) {
    skipBlanks();
    if (!m_text.substr(m_at).starts_with(token))
        return false;
    const std::size_t end = m_at + token.size();
    if (startsWord(token.front()) && end < m_text.size() && isOfWord(m_text[end]))
        return false;
    m_at = end;
    return true;
}

std::optional<Expression::Op> ExpressionParser::takeOneOf(std::span<const Sign> signs) {
    for (const Sign& sign : signs)
        if (take(sign.text))
            return sign.op;
    return std::nullopt;
}

std::size_t ExpressionParser::add(Expression::Node node) {
    m_made.m_nodes.push_back(std::move(node));
    return m_made.m_nodes.size() - 1;
}

Status ExpressionParser::need(std::size_t place, ExpressionType type, std::string_view by) const {
    if (typeOf(place) == type)
        return ok();
    return problem(m_made.m_nodes[place].column, std::string(by) + " needs " + std::string(describe(type)) +
                                                     ", this is " + std::string(describe(typeOf(place))));
}

Status ExpressionParser::needNumber(std::size_t place, std::string_view by) const {
    return isNumber(typeOf(place)) ? ok() : need(place, ExpressionType::Real, by);
}

Result<Expression> ExpressionParser::parse() {
    if (m_text.size() > kMostBytes)
        return inputError({}, "the expression has " + std::to_string(m_text.size()) + " bytes; at most " +
                                  std::to_string(kMostBytes) + " are read");
    LATHE_TRY(disjunction());
    skipBlanks();
    if (m_at < m_text.size() && m_text[m_at] == '=')
        return problem(column(), "a single = stands here; write == to compare");
    if (m_at < m_text.size())
        return problem(column(), whatIsHere() + ", where an operator or the end is needed");
    m_made.m_text = std::string(m_text);
    return std::move(m_made);
}

ExpressionParser::Place ExpressionParser::chain(Part part, std::span<const Sign> signs, Join join) {
    LATHE_ASSIGN(std::size_t left, (this->*part)());
    while (true) {
        skipBlanks();
        const std::size_t sign = column();
        const std::optional<Op> op = takeOneOf(signs);
        if (!op)
            return left;
        LATHE_ASSIGN(const std::size_t right, (this->*part)());
        LATHE_ASSIGN(left, (this->*join)(*op, left, right, sign));
    }
}

Result<std::size_t> ExpressionParser::disjunction() {
    static constexpr std::array<Sign, 2> kSigns{{{"or", Op::Or}, {"||", Op::Or}}};
    return chain(&ExpressionParser::conjunction, kSigns, &ExpressionParser::junction);
}

Result<std::size_t> ExpressionParser::conjunction() {
    static constexpr std::array<Sign, 2> kSigns{{{"and", Op::And}, {"&&", Op::And}}};
    return chain(&ExpressionParser::negation, kSigns, &ExpressionParser::junction);
}

Result<std::size_t> ExpressionParser::junction(Op op, std::size_t left, std::size_t right,
                                               std::size_t column) {
    const std::string_view name = op == Op::And ? "and" : "or";
    LATHE_TRY(need(left, ExpressionType::Bool, name));
    LATHE_TRY(need(right, ExpressionType::Bool, name));
    return add({op, ExpressionType::Bool, {}, {}, {left, right}, column});
}

Result<std::size_t> ExpressionParser::negation() {
    skipBlanks();
    const std::size_t sign = column();
    const bool isUnequal = m_text.substr(m_at).starts_with("!=");
    if (isUnequal || (!take("not") && !take("!")))
        return comparison();
    if (++m_depth > kMostDepth)
        return problem(sign, "too much stands within each other here; make it simpler");
    LATHE_ASSIGN(const std::size_t what, negation());
    --m_depth;
    LATHE_TRY(need(what, ExpressionType::Bool, "not"));
    return add({Op::Not, ExpressionType::Bool, {}, {}, {what}, sign});
}

Result<std::size_t> ExpressionParser::comparison() {
    static constexpr std::array<Sign, 6> kSigns{{{"==", Op::Equal},
                                                 {"!=", Op::Unequal},
                                                 {"<=", Op::AtMost},
                                                 {">=", Op::AtLeast},
                                                 {"<", Op::Below},
                                                 {">", Op::Above}}};
    LATHE_ASSIGN(const std::size_t left, sum());
    skipBlanks();
    const std::size_t sign = column();
    const std::optional<Op> op = takeOneOf(kSigns);
    if (!op)
        return left;
    LATHE_ASSIGN(const std::size_t right, sum());
    LATHE_ASSIGN(const std::size_t made, compared(*op, left, right, sign));
    skipBlanks();
    const std::size_t second = column();
    if (takeOneOf(kSigns))
        return problem(second, "two comparisons in a row; write \"a < b and b < c\"");
    return made;
}

Result<std::size_t> ExpressionParser::compared(Op op, std::size_t left, std::size_t right,
                                               std::size_t column) {
    const ExpressionType a = typeOf(left);
    const ExpressionType b = typeOf(right);
    if (a != b && !(isNumber(a) && isNumber(b)))
        return problem(column, std::string(describe(a)) + " is compared with " + std::string(describe(b)) +
                                   " here; compare like with like");
    if (op != Op::Equal && op != Op::Unequal && !isNumber(a))
        return problem(column, "only numbers are smaller or larger; compare " + std::string(describe(a)) +
                                   " by == or !=");
    return add({op, ExpressionType::Bool, {}, {}, {left, right}, column});
}

Result<std::size_t> ExpressionParser::sum() {
    static constexpr std::array<Sign, 2> kSigns{{{"+", Op::Add}, {"-", Op::Subtract}}};
    return chain(&ExpressionParser::product, kSigns, &ExpressionParser::arithmetic);
}

Result<std::size_t> ExpressionParser::product() {
    static constexpr std::array<Sign, 2> kSigns{{{"*", Op::Multiply}, {"/", Op::Divide}}};
    return chain(&ExpressionParser::signedTerm, kSigns, &ExpressionParser::arithmetic);
}

Result<std::size_t> ExpressionParser::arithmetic(Op op, std::size_t left, std::size_t right,
                                                 std::size_t column) {
    const std::string_view name(m_text.substr(column - 1, 1));
    LATHE_TRY(needNumber(left, name));
    LATHE_TRY(needNumber(right, name));
    const ExpressionType type =
        op == Op::Divide ? ExpressionType::Real : commonType(typeOf(left), typeOf(right));
    return add({op, type, {}, {}, {left, right}, column});
}

Result<std::size_t> ExpressionParser::signedTerm() {
    skipBlanks();
    const std::size_t sign = column();
    if (!take("-"))
        return term();
    if (++m_depth > kMostDepth)
        return problem(sign, "too much stands within each other here; make it simpler");
    LATHE_ASSIGN(const std::size_t what, signedTerm());
    --m_depth;
    LATHE_TRY(needNumber(what, "-"));
    Expression::Node& node = m_made.m_nodes[what];
    if (node.op != Op::Literal)
        return add({Op::Negate, node.type, {}, {}, {what}, sign});
    node.literal = -std::get<double>(node.literal); // so that -1 is a number like 1
    return what;
}

Result<std::size_t> ExpressionParser::term() {
    skipBlanks();
    const std::size_t start = column();
    if (take("("))
        return nested(start);
    const char next = m_at < m_text.size() ? m_text[m_at] : '\0';
    if (isDigit(next) || next == '.')
        return number();
    if (next == '"' || next == '\'' || next == '`')
        return quoted(next);
    if (startsWord(next))
        return word();
    return problem(start, whatIsHere() + ", where a value is needed");
}

Result<std::size_t> ExpressionParser::nested(std::size_t column) {
    if (++m_depth > kMostDepth)
        return problem(column, "too much stands within each other here; make it simpler");
    LATHE_ASSIGN(const std::size_t inner, disjunction());
    --m_depth;
    if (!take(")"))
        return problem(m_at + 1,
                       whatIsHere() + ", where ) is needed for the ( in column " + std::to_string(column));
    return inner;
}

Result<std::size_t> ExpressionParser::number() {
    double value = 0;
    const char* begin = m_text.data() + m_at;
    const auto read = std::from_chars(begin, m_text.data() + m_text.size(), value);
    const std::size_t start = column();
    if (read.ec != std::errc() || !std::isfinite(value))
        return problem(start, whatIsHere() + ", which is no number; write it as 0.0003 or 3e-4");
    const std::string_view text(begin, static_cast<std::size_t>(read.ptr - begin));
    const bool isWhole = std::ranges::all_of(text, isDigit) && value <= kMostWhole;
    m_at += text.size();
    if (m_at < m_text.size() && isOfWord(m_text[m_at]))
        return problem(column(), whatIsHere() + " right behind a number; write 2 * x for 2x");
    return add({Op::Literal, isWhole ? ExpressionType::Int : ExpressionType::Real, value, {}, {}, start});
}

Result<std::size_t> ExpressionParser::quoted(char quote) {
    const std::size_t start = column();
    const std::size_t end = m_text.find(quote, m_at + 1);
    if (end == std::string_view::npos)
        return problem(start, "the quote that begins here does not end");
    std::string text(m_text.substr(m_at + 1, end - m_at - 1));
    m_at = end + 1;
    if (quote == '`')
        return name(std::move(text), start);
    return add({Op::Literal, ExpressionType::Text, std::move(text), {}, {}, start});
}

Result<std::size_t> ExpressionParser::word() {
    const std::size_t start = column();
    std::size_t end = m_at;
    while (end < m_text.size() && isOfWord(m_text[end]))
        ++end;
    std::string text(m_text.substr(m_at, end - m_at));
    m_at = end;
    if (text == "true" || text == "false")
        return add({Op::Literal, ExpressionType::Bool, text == "true", {}, {}, start});
    if (text == "and" || text == "or" || text == "not")
        return problem(start, "\"" + text + "\" stands here, where a value is needed");
    skipBlanks();
    if (m_at < m_text.size() && m_text[m_at] == '(')
        return call(text, start);
    return name(std::move(text), start);
}

Result<std::size_t> ExpressionParser::name(std::string name, std::size_t column) {
    const auto found = m_names.types.find(name);
    if (found != m_names.types.end())
        return add({Op::Name, found->second, {}, std::move(name), {}, column});
    if (m_names.takesMetrics)
        return add({Op::Name, ExpressionType::Real, {}, std::move(name), {}, column});
    const std::string nearest = nearestName(m_names, name);
    return problem(column,
                   name + " is not known here" + (nearest.empty() ? "" : "; did you mean " + nearest + "?"));
}

Result<std::size_t> ExpressionParser::call(const std::string& function, std::size_t column) {
    const auto known = std::ranges::find(kFunctions, function, &Function::name);
    if (known == kFunctions.end())
        return problem(column, function + " is no function; there are min, max, floor, ceil, round, abs, "
                                          "sqrt, log2, log10 and pow");
    if (++m_depth > kMostDepth)
        return problem(column, "too much stands within each other here; make it simpler");
    if (!take("("))
        return problem(m_at + 1, "( is needed here");
    std::vector<std::size_t> arguments;
    ExpressionType type = ExpressionType::Int;
    do {
        LATHE_ASSIGN(const std::size_t argument, disjunction());
        LATHE_TRY(needNumber(argument, function));
        type = commonType(type, typeOf(argument));
        arguments.push_back(argument);
    } while (take(","));
    if (!take(")"))
        return problem(m_at + 1, whatIsHere() + ", where , or ) is needed");
    --m_depth;
    if (arguments.size() < known->least || arguments.size() > known->most)
        return problem(column, function + " takes " +
                                   (known->most == kAny ? "2 numbers and more"
                                    : known->most == 1  ? std::string("1 number")
                                                        : std::to_string(known->most) + " numbers") +
                                   ", not " + std::to_string(arguments.size()));
    return add({Op::Call, known->type.value_or(type), {}, function, std::move(arguments), column});
}

} // namespace lathe
