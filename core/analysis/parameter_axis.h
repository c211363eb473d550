#pragma once

#include "core/params/study_spec.h"

#include <optional>
#include <string>
#include <vector>

namespace lathe {

/// A mark on an axis: where, in 0 (low end) to 1 (high end), and what is written there.
struct AxisTick {
    double place = 0;
    std::string text;
    bool operator==(const AxisTick&) const = default;
};

/// A searched dimension as charts and statistics place it on a line: a number as it is or by its natural
/// logarithm, a choice by its index, false and true by 0 and 1.
class ParameterAxis {
public:
    explicit ParameterAxis(const SearchDimension& dimension);

    [[nodiscard]] const std::string& key() const { return m_key; }
    [[nodiscard]] bool isLog() const { return m_isLog; }
    /// Unordered choices, and false and true: their order says nothing.
    [[nodiscard]] bool isCategory() const { return m_isCategory; }
    /// Choices of either kind, and false and true: they have names rather than numbers.
    [[nodiscard]] bool isNamed() const { return !m_names.empty(); }
    /// The ends of the coordinates.
    [[nodiscard]] double low() const { return m_low; }
    [[nodiscard]] double high() const { return m_high; }
    /// How many different values there are; 0: no end of them.
    [[nodiscard]] std::int64_t count() const { return m_count; }
    [[nodiscard]] bool isSingle() const { return m_low >= m_high; }

    /// Nothing for a value of another type, a choice that is unknown, or a logarithm that does not exist. It
    /// may lie outside of [low, high]: trials of a space that was narrowed since keep their values.
    [[nodiscard]] std::optional<double> coordinate(const ParamValue& value) const;
    /// Place on the axis, 0 to 1, what lies outside at its ends; 0.5 where there is but one value.
    [[nodiscard]] double place(double coordinate) const;
    /// Round numbers (powers of ten on a logarithmic axis), or every name; in ascending order.
    [[nodiscard]] std::vector<AxisTick> ticks() const;

private:
    std::string m_key;
    std::vector<std::string> m_names;
    double m_low = 0;
    double m_high = 0;
    std::int64_t m_count = 0;
    bool m_isLog = false;
    bool m_isCategory = false;
};

/// Round numbers from `low` to `high`, about `wanted` of them, at multiples of 1, 2 or 5 times a power of
/// ten.
[[nodiscard]] std::vector<double> roundNumbers(double low, double high, int wanted);

} // namespace lathe
