#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>

namespace lathe {

/// One value of a tunable quantity.
using ParamValue = std::variant<bool, std::int64_t, double, std::string>;

/// Named values, in the order of their keys, so that the same values always give the same text and hash.
class ParamValues {
public:
    using Map = std::map<std::string, ParamValue, std::less<>>;

    ParamValues() = default;
    ParamValues(std::initializer_list<Map::value_type> values) : m_values(values) {}

    void set(std::string key, ParamValue value) {
        m_values.insert_or_assign(std::move(key), std::move(value));
    }
    void remove(std::string_view key);
    [[nodiscard]] const ParamValue* find(std::string_view key) const;
    [[nodiscard]] bool contains(std::string_view key) const { return find(key) != nullptr; }
    [[nodiscard]] const Map& map() const { return m_values; }

    /// The typed getters are for values that passed validate(): a missing key or another type is a bug.
    [[nodiscard]] bool flag(std::string_view key) const;
    [[nodiscard]] std::int64_t integer(std::string_view key) const;
    [[nodiscard]] double real(std::string_view key) const; ///< an integer is taken too
    [[nodiscard]] const std::string& text(std::string_view key) const;

    bool operator==(const ParamValues&) const = default;

private:
    Map m_values;
};

/// The text with the fewest digits that parses back to the same value: "true", "8", "0.0003", "1e-5",
/// "q_proj".
[[nodiscard]] std::string toText(const ParamValue& value);

/// A JSON object with sorted keys; reals keep a point or an exponent so that they stay reals.
[[nodiscard]] std::string toJson(const ParamValues& values);
/// Input error if the text is not an object of booleans, numbers and strings.
[[nodiscard]] Result<ParamValues> paramValuesFromJson(std::string_view json);

} // namespace lathe
