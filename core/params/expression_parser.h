#pragma once

#include "core/params/expression.h"

#include <span>

namespace lathe {

/// Reads one expression by recursive descent; made for one text, and used once.
class ExpressionParser {
public:
    ExpressionParser(std::string_view text, const ExpressionNames& names) : m_text(text), m_names(names) {}

    [[nodiscard]] Result<Expression> parse();

private:
    using Op = Expression::Op;
    using Place = Result<std::size_t>; // of a node

    struct Sign {
        std::string_view text;
        Op op;
    };
    using Part = Place (ExpressionParser::*)();
    using Join = Place (ExpressionParser::*)(Op op, std::size_t left, std::size_t right, std::size_t column);

    /// Parts with one of the signs between them, joined from the left.
    [[nodiscard]] Place chain(Part part, std::span<const Sign> signs, Join join);
    [[nodiscard]] Place disjunction();
    [[nodiscard]] Place conjunction();
    [[nodiscard]] Place negation();
    [[nodiscard]] Place comparison();
    [[nodiscard]] Place sum();
    [[nodiscard]] Place product();
    [[nodiscard]] Place signedTerm();
    [[nodiscard]] Place term();
    [[nodiscard]] Place nested(std::size_t column);
    [[nodiscard]] Place number();
    [[nodiscard]] Place quoted(char quote);
    [[nodiscard]] Place word();
    [[nodiscard]] Place name(std::string name, std::size_t column);
    [[nodiscard]] Place call(const std::string& function, std::size_t column);

    [[nodiscard]] Place junction(Op op, std::size_t left, std::size_t right, std::size_t column);
    [[nodiscard]] Place arithmetic(Op op, std::size_t left, std::size_t right, std::size_t column);
    [[nodiscard]] Place compared(Op op, std::size_t left, std::size_t right, std::size_t column);
    [[nodiscard]] std::size_t add(Expression::Node node);
    [[nodiscard]] Status need(std::size_t place, ExpressionType type, std::string_view by) const;
    [[nodiscard]] Status needNumber(std::size_t place, std::string_view by) const;
    [[nodiscard]] ExpressionType typeOf(std::size_t place) const { return m_made.m_nodes[place].type; }

    void skipBlanks();
    /// Passes over the sign, or the word if nothing goes on with it.
    [[nodiscard]] bool take(std::string_view token);
    [[nodiscard]] std::optional<Op> takeOneOf(std::span<const Sign> signs);
    [[nodiscard]] std::size_t column() const { return m_at + 1; }
    [[nodiscard]] Error problem(std::size_t column, const std::string& what) const;
    [[nodiscard]] std::string whatIsHere() const;

    std::string_view m_text;
    const ExpressionNames& m_names;
    std::size_t m_at = 0;
    int m_depth = 0;
    Expression m_made;
};

/// "column 5 of \"…\": what", for every mistake in an expression.
[[nodiscard]] Error expressionError(std::string_view text, std::size_t column, const std::string& what);

/// "a whole number", "a text", …
[[nodiscard]] std::string_view describe(ExpressionType type);

} // namespace lathe
