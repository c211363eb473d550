#pragma once

#include "core/base/contract.h"

#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace lathe {

/// Why something the world can break did not work. `where` names the thing (a file, a field, a device),
/// `message` says what is wrong with both values in it and what to do, as one sentence a user can read.
struct Error {
    enum class Kind { Input, Io, Database, Memory, Cancelled, Internal };
    Kind kind = Kind::Internal;
    std::string where;
    std::string message;

    /// "where: message", or only the message where nothing is named.
    [[nodiscard]] std::string text() const { return where.empty() ? message : where + ": " + message; }
};

/// A value or why there is none. The member names are those of std::expected, so that a later C++ replaces
/// this file.
template <typename T>
class [[nodiscard]] Result {
public:
    using value_type = T;

    Result(T value) : m_content(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : m_content(std::in_place_index<1>, std::move(error)) {}

    [[nodiscard]] bool has_value() const noexcept { return m_content.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    /// Contract: has_value().
    [[nodiscard]] T& value() & {
        auto* content = std::get_if<0>(&m_content);
        LATHE_EXPECT(content != nullptr);
        return *content;
    }
    [[nodiscard]] const T& value() const& {
        const auto* content = std::get_if<0>(&m_content);
        LATHE_EXPECT(content != nullptr);
        return *content;
    }
    [[nodiscard]] T&& value() && {
        auto* content = std::get_if<0>(&m_content);
        LATHE_EXPECT(content != nullptr);
        return std::move(*content);
    }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    /// Contract: !has_value().
    [[nodiscard]] const Error& error() const {
        const auto* content = std::get_if<1>(&m_content);
        LATHE_EXPECT(content != nullptr);
        return *content;
    }

    [[nodiscard]] T value_or(T fallback) const { return has_value() ? value() : std::move(fallback); }

    /// Calls `next(value)`, which returns a Result, or passes the error on.
    template <typename F>
    auto and_then(F&& next) && -> std::invoke_result_t<F, T&&> {
        if (!has_value())
            return error();
        return std::forward<F>(next)(std::move(*this).value());
    }
    /// Wraps what `change(value)` returns, or passes the error on.
    template <typename F>
    auto transform(F&& change) && -> Result<std::invoke_result_t<F, T&&>> {
        if (!has_value())
            return error();
        return std::forward<F>(change)(std::move(*this).value());
    }

private:
    std::variant<T, Error> m_content;
};

using Status = Result<std::monostate>;

[[nodiscard]] inline Status ok() { return std::monostate{}; }

[[nodiscard]] inline Error inputError(std::string where, std::string message) {
    return {Error::Kind::Input, std::move(where), std::move(message)};
}
[[nodiscard]] inline Error ioError(std::string where, std::string message) {
    return {Error::Kind::Io, std::move(where), std::move(message)};
}

} // namespace lathe

/// Leaves the enclosing function with the error of `status`, if it has one.
#define LATHE_TRY(status)                                                                                    \
    do {                                                                                                     \
        if (auto latheTryResult = (status); !latheTryResult.has_value())                                     \
            return latheTryResult.error();                                                                   \
    } while (false)

#define LATHE_JOIN_INNER(a, b) a##b
#define LATHE_JOIN(a, b) LATHE_JOIN_INNER(a, b)
#define LATHE_ASSIGN_INNER(temporary, target, expression)                                                    \
    auto temporary = (expression);                                                                           \
    if (!temporary.has_value())                                                                              \
        return temporary.error();                                                                            \
    target = std::move(temporary).value()
/// `LATHE_ASSIGN(auto x, f())`: x is the value of f(), or the enclosing function returns f()'s error.
#define LATHE_ASSIGN(target, expression)                                                                     \
    LATHE_ASSIGN_INNER(LATHE_JOIN(latheResult, __LINE__), target, expression)
