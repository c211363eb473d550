#pragma once

#include "core/params/param_value.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lathe {

enum class ExpressionType { Bool, Int, Real, Text };

/// What an expression may speak of.
struct ExpressionNames {
    std::map<std::string, ExpressionType, std::less<>> types;
    /// Any other name is a metric, a real number; else it is an input error with the nearest known name.
    bool takesMetrics = false;
};

/// The value of a name, or nothing: it has none here.
using ValueOf = std::function<const ParamValue*(std::string_view name)>;

/// A small formula over named values, checked when it is read: "2 * rank", "method == 'lora' and rank > 64".
/// Numbers, texts in quotes, true, false; + - * /, == != < <= > >=, and or not (also && || !), parentheses;
/// min, max (of two and more), floor, ceil, round, abs, sqrt, log2, log10, pow. A name that is no word of
/// letters, digits, _ and . stands between backquotes.
class Expression {
public:
    /// Input error with the column (from 1) and what is wanted there: a mistake in the form, an unknown name,
    /// types that do not go together, more than 1,000 bytes or 50 parentheses in each other.
    [[nodiscard]] static Result<Expression> parse(std::string_view text, const ExpressionNames& names);

    [[nodiscard]] const std::string& text() const { return m_text; }
    [[nodiscard]] ExpressionType type() const;
    /// Each once, in the order of the alphabet.
    [[nodiscard]] std::vector<std::string> names() const;

    /// Nothing where it depends on a name without a value; "false and x" does not. A value that is a text of
    /// the name's type counts as that type. Input error for what has no finite result (1 / 0) or is no value
    /// of the name's type.
    [[nodiscard]] Result<std::optional<ParamValue>> value(const ValueOf& valueOf) const;

    /// Whether it compares two numbers by <=, <, >= or >.
    [[nodiscard]] bool isLimit() const;
    /// By how much the limit is missed: above 0 it is violated, "<" counts as "<=". As a share of the side
    /// that is a number, if one is and is not 0. Contract: isLimit(); else as value().
    [[nodiscard]] Result<std::optional<double>> excess(const ValueOf& valueOf) const;

private:
    friend class ExpressionParser;

    enum class Op {
        Literal,
        Name,
        Negate,
        Not,
        Add,
        Subtract,
        Multiply,
        Divide,
        Equal,
        Unequal,
        Below,
        AtMost,
        Above,
        AtLeast,
        And,
        Or,
        Call,
    };

    /// Children stand before their parent; the last node is the whole.
    struct Node {
        Op op = Op::Literal;
        ExpressionType type = ExpressionType::Bool;
        ParamValue literal = {}; ///< numbers are doubles here
        std::string name = {};   ///< of the value or the function
        std::vector<std::size_t> children = {};
        std::size_t column = 0;
    };

    using Value = std::optional<ParamValue>;

    Expression() = default;
    [[nodiscard]] Result<Value> evaluate(std::size_t place, const ValueOf& valueOf) const;
    [[nodiscard]] Result<Value> named(const Node& node, const ValueOf& valueOf) const;
    [[nodiscard]] Result<Value> junction(const Node& node, const ValueOf& valueOf) const;
    [[nodiscard]] Result<Value> calculated(const Node& node, const std::vector<ParamValue>& values) const;
    [[nodiscard]] Error problemAt(const Node& node, const std::string& problem) const;

    std::string m_text;
    std::vector<Node> m_nodes;
};

} // namespace lathe
