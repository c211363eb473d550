#pragma once

#include "core/params/study_spec.h"

#include <span>
#include <string>
#include <vector>

namespace lathe {

/// A searched dimension as samplers calculate with it: one coordinate on a line. A real counts as it is or by
/// its logarithm; a whole number, and a real that goes in steps, by its place on the grid (a whole number in the
/// logarithm: by itself); a choice by its number. Grids and choices own the half step on either side of their ends.
class Axis {
public:
    enum class Kind {
        Real,   ///< any coordinate
        Grid,   ///< whole numbers, steps and ordered choices: neighbours are alike
        Choice, ///< unordered: the number of a choice is only a name
    };

    explicit Axis(const SearchDimension& dimension);

    [[nodiscard]] const std::string& key() const { return m_dimension.key; }
    [[nodiscard]] const SearchDimension& dimension() const { return m_dimension; }
    [[nodiscard]] Kind kind() const { return m_kind; }
    [[nodiscard]] double low() const { return m_low; }
    [[nodiscard]] double high() const { return m_high; }
    [[nodiscard]] double width() const { return m_high - m_low; }
    /// Different values; 0 for a real with room between its ends.
    [[nodiscard]] std::int64_t count() const { return m_count; }

    /// Contract: the value lies in the domain.
    [[nodiscard]] double coordinate(const ParamValue& value) const;
    /// The value nearest to the coordinate, which may lie outside of [low, high].
    [[nodiscard]] ParamValue value(double coordinate) const;
    /// The ends of the stretch of coordinates that belong to the grid value or choice at `coordinate`.
    [[nodiscard]] std::pair<double, double> cell(double coordinate) const;
    /// The value's coordinate scaled so that low is 0 and high is 1; 0.5 where they are the same.
    [[nodiscard]] double unit(const ParamValue& value) const;
    [[nodiscard]] ParamValue valueAtUnit(double unit) const;

private:
    [[nodiscard]] std::int64_t index(double coordinate) const;
    [[nodiscard]] double coordinateOfIndex(std::int64_t index) const;

    SearchDimension m_dimension;
    Kind m_kind = Kind::Real;
    bool m_isLog = false;
    std::int64_t m_count = 0;
    double m_low = 0;
    double m_high = 1;
};

/// One axis a dimension, in their order. Contract: checkSearchSpace() accepts the space.
[[nodiscard]] std::vector<Axis> axesOf(std::span<const SearchDimension> space);

} // namespace lathe
