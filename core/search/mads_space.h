#pragma once

#include "core/search/axis.h"
#include "core/search/mads_mesh.h"
#include "core/search/sampler.h"

#include <Eigen/Dense>
#include <string>
#include <vector>

namespace lathe {

/// A point of the search: a number for each dimension with an order, a choice for each without.
struct MadsPoint {
    Eigen::VectorXd x;                ///< [numeric dimensions]
    std::vector<std::int64_t> choice; ///< [unordered dimensions]
};

/// A search space as direct search sees it. Reals and logarithmic whole numbers are real variables in their
/// coordinate, other whole numbers and ordered choices have steps of 1, unordered choices and booleans are
/// categories. Dimensions whose condition does not hold keep a number that plays no part.
class MadsSpace {
public:
    explicit MadsSpace(const StudySpec& spec);

    [[nodiscard]] const std::vector<MadsVariable>& variables() const { return m_variables; }
    /// How many values each unordered dimension has.
    [[nodiscard]] const std::vector<std::int64_t>& choices() const { return m_choices; }

    /// Inactive dimensions are left out. Input error as drawActive().
    [[nodiscard]] Result<ParamValues> values(const MadsPoint& point) const;
    /// Dimensions without a value, or with one outside of the space, stand in their middle.
    [[nodiscard]] MadsPoint point(const ParamValues& values) const;
    /// The numeric dimensions whose condition holds at this point.
    [[nodiscard]] std::vector<Eigen::Index> active(const MadsPoint& point) const;
    /// The same text for points that give the same values, to 1e-12 of each range.
    [[nodiscard]] std::string key(const MadsPoint& point) const;
    /// One number in [0, 1) for each dimension, numeric ones first.
    [[nodiscard]] MadsPoint atUnit(std::span<const double> unit) const;
    [[nodiscard]] std::size_t dimensions() const { return m_numeric.size() + m_unordered.size(); }

private:
    StudySpec m_spec;
    std::vector<Axis> m_numeric;
    std::vector<Axis> m_unordered;
    std::vector<MadsVariable> m_variables;
    std::vector<std::int64_t> m_choices;
};

} // namespace lathe
