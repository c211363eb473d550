#include "core/search/mads_space.h"

#include "core/search/draw.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

bool isLogarithmic(const SearchDimension& dimension) {
    const auto* whole = std::get_if<IntDomain>(&dimension.domain);
    return whole != nullptr && whole->logScale;
}

/// From the first value to the last; the half steps around a grid are not the search's.
MadsVariable variableOf(const Axis& axis) {
    if (axis.kind() == Axis::Kind::Real)
        return {axis.low(), axis.high(), 0};
    const double low = axis.coordinate(axis.value(axis.low()));
    const double high = axis.coordinate(axis.value(axis.high()));
    return {low, high, isLogarithmic(axis.dimension()) ? 0.0 : 1.0};
}

} // namespace

MadsSpace::MadsSpace(const StudySpec& spec) : m_spec(spec) {
    for (Axis& axis : axesOf(spec.space)) {
        if (axis.kind() == Axis::Kind::Choice) {
            m_choices.push_back(axis.count());
            m_unordered.push_back(std::move(axis));
        } else {
            m_variables.push_back(variableOf(axis));
            m_numeric.push_back(std::move(axis));
        }
    }
}

Result<ParamValues> MadsSpace::values(const MadsPoint& point) const {
    return drawActive(m_spec, [&](const SearchDimension& dimension) -> Result<ParamValue> {
        for (std::size_t i = 0; i < m_numeric.size(); ++i)
            if (m_numeric[i].key() == dimension.key)
                return m_numeric[i].value(point.x[static_cast<Eigen::Index>(i)]);
        for (std::size_t i = 0; i < m_unordered.size(); ++i)
            if (m_unordered[i].key() == dimension.key)
                return m_unordered[i].value(static_cast<double>(point.choice[i]));
        return inputError(dimension.key, "is no dimension of this search");
    });
}

MadsPoint MadsSpace::point(const ParamValues& values) const {
    MadsPoint made{Eigen::VectorXd(static_cast<Eigen::Index>(m_numeric.size())), {}};
    for (std::size_t i = 0; i < m_numeric.size(); ++i) {
        const Axis& axis = m_numeric[i];
        const ParamValue* value = values.find(axis.key());
        const bool isUsable = value != nullptr && !problemWith(axis.dimension().domain, *value);
        made.x[static_cast<Eigen::Index>(i)] =
            isUsable ? axis.coordinate(*value) : axis.coordinate(axis.valueAtUnit(0.5));
    }
    for (const Axis& axis : m_unordered) {
        const ParamValue* value = values.find(axis.key());
        const bool isUsable = value != nullptr && !problemWith(axis.dimension().domain, *value);
        made.choice.push_back(isUsable ? static_cast<std::int64_t>(axis.coordinate(*value)) : 0);
    }
    return made;
}

std::vector<Eigen::Index> MadsSpace::active(const MadsPoint& point) const {
    std::vector<Eigen::Index> active;
    const auto there = values(point);
    for (std::size_t i = 0; i < m_numeric.size(); ++i)
        if (there.has_value() && there->contains(m_numeric[i].key()) &&
            m_variables[i].upper > m_variables[i].lower)
            active.push_back(static_cast<Eigen::Index>(i));
    return active;
}

std::string MadsSpace::key(const MadsPoint& point) const {
    std::string text;
    const auto there = values(point);
    for (std::size_t i = 0; i < m_numeric.size(); ++i) {
        const MadsVariable& variable = m_variables[i];
        const ParamValue* value = there.has_value() ? there->find(m_numeric[i].key()) : nullptr;
        if (value != nullptr && variable.upper > variable.lower)
            text += std::to_string(std::llround((m_numeric[i].coordinate(*value) - variable.lower) /
                                                (variable.upper - variable.lower) * 1e12));
        text += value != nullptr ? ' ' : '-';
    }
    for (std::size_t i = 0; i < m_unordered.size(); ++i)
        text += there.has_value() && there->contains(m_unordered[i].key())
                    ? std::to_string(point.choice[i]) + ","
                    : "-";
    return text;
}

MadsPoint MadsSpace::atUnit(std::span<const double> unit) const {
    MadsPoint made{Eigen::VectorXd(static_cast<Eigen::Index>(m_numeric.size())), {}};
    for (std::size_t i = 0; i < m_numeric.size(); ++i)
        made.x[static_cast<Eigen::Index>(i)] = m_numeric[i].coordinate(m_numeric[i].valueAtUnit(unit[i]));
    for (std::size_t i = 0; i < m_unordered.size(); ++i) {
        const double place = unit[m_numeric.size() + i] * static_cast<double>(m_choices[i]);
        made.choice.push_back(std::min(static_cast<std::int64_t>(place), m_choices[i] - 1));
    }
    return made;
}

} // namespace lathe
