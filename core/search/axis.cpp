#include "core/search/axis.h"

#include "core/params/real_grid.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

const IntDomain& asInt(const SearchDimension& dimension) { return std::get<IntDomain>(dimension.domain); }

bool isInt(const SearchDimension& dimension) { return std::holds_alternative<IntDomain>(dimension.domain); }

/// The domain of a real that goes in steps; null for everything else.
const RealDomain* asStepped(const SearchDimension& dimension) {
    const auto* real = std::get_if<RealDomain>(&dimension.domain);
    return real != nullptr && real->step > 0 ? real : nullptr;
}

} // namespace

Axis::Axis(const SearchDimension& dimension) : m_dimension(dimension) {
    const auto* real = std::get_if<RealDomain>(&dimension.domain);
    if (real != nullptr && real->step == 0) {
        m_isLog = real->logScale;
        m_count = real->low == real->high ? 1 : 0;
        m_low = m_isLog ? std::log(real->low) : real->low;
        m_high = m_isLog ? std::log(real->high) : real->high;
        return;
    }
    m_kind = Kind::Grid;
    if (real != nullptr) {
        m_count = gridCount(*real);
    } else if (isInt(dimension)) {
        const IntDomain& domain = asInt(dimension);
        const auto distance =
            static_cast<std::uint64_t>(domain.high) - static_cast<std::uint64_t>(domain.low);
        m_isLog = domain.logScale;
        m_count = static_cast<std::int64_t>(distance / static_cast<std::uint64_t>(domain.step)) + 1;
        if (m_isLog) {
            const double half = 0.5 * static_cast<double>(domain.step);
            const auto first = static_cast<double>(domain.low);
            const auto last = static_cast<double>(domain.low + (m_count - 1) * domain.step);
            m_low = std::log(first > half ? first - half : first / 2);
            m_high = std::log(last + half);
            return;
        }
    } else if (const auto* choice = std::get_if<ChoiceDomain>(&dimension.domain)) {
        m_count = static_cast<std::int64_t>(choice->values.size());
        m_kind = choice->ordered ? Kind::Grid : Kind::Choice;
    } else {
        LATHE_EXPECT(std::holds_alternative<BoolDomain>(dimension.domain));
        m_count = 2;
        m_kind = Kind::Choice;
    }
    m_low = -0.5;
    m_high = static_cast<double>(m_count) - 0.5;
}

double Axis::coordinateOfIndex(std::int64_t index) const {
    if (!m_isLog)
        return static_cast<double>(index);
    const IntDomain& domain = asInt(m_dimension);
    return std::log(static_cast<double>(domain.low + index * domain.step));
}

std::int64_t Axis::index(double coordinate) const {
    double place = coordinate;
    if (m_isLog) {
        const IntDomain& domain = asInt(m_dimension);
        place = (std::exp(std::min(coordinate, m_high)) - static_cast<double>(domain.low)) /
                static_cast<double>(domain.step);
    }
    return static_cast<std::int64_t>(
        std::clamp(std::floor(place + 0.5), 0.0, static_cast<double>(m_count - 1)));
}

double Axis::coordinate(const ParamValue& value) const {
    if (std::holds_alternative<RealDomain>(m_dimension.domain)) {
        const auto* whole = std::get_if<std::int64_t>(&value);
        const double number = whole != nullptr ? static_cast<double>(*whole) : std::get<double>(value);
        if (const RealDomain* stepped = asStepped(m_dimension))
            return static_cast<double>(gridIndex(*stepped, number));
        return m_isLog ? std::log(number) : number;
    }
    if (const auto* flag = std::get_if<bool>(&value))
        return *flag ? 1 : 0;
    if (const auto* text = std::get_if<std::string>(&value)) {
        const auto& values = std::get<ChoiceDomain>(m_dimension.domain).values;
        const auto found = std::ranges::find(values, *text);
        LATHE_EXPECT(found != values.end());
        return static_cast<double>(found - values.begin());
    }
    const IntDomain& domain = asInt(m_dimension);
    return coordinateOfIndex((std::get<std::int64_t>(value) - domain.low) / domain.step);
}

ParamValue Axis::value(double coordinate) const {
    if (const RealDomain* stepped = asStepped(m_dimension))
        return gridValue(*stepped, index(coordinate));
    if (const auto* real = std::get_if<RealDomain>(&m_dimension.domain)) {
        const double inside = m_isLog ? std::exp(coordinate) : coordinate;
        // The ends exactly: the exponential of a logarithm is not always the number itself.
        const double number = coordinate <= m_low    ? real->low
                              : coordinate >= m_high ? real->high
                                                     : std::clamp(inside, real->low, real->high);
        return real->lowOpen && number <= real->low ? std::nextafter(real->low, real->high) : number;
    }
    const std::int64_t place = index(coordinate);
    if (const auto* choice = std::get_if<ChoiceDomain>(&m_dimension.domain))
        return choice->values[static_cast<std::size_t>(place)];
    if (!isInt(m_dimension))
        return place == 1;
    return asInt(m_dimension).low + place * asInt(m_dimension).step;
}

std::pair<double, double> Axis::cell(double coordinate) const {
    const std::int64_t place = index(coordinate);
    if (!m_isLog)
        return {static_cast<double>(place) - 0.5, static_cast<double>(place) + 0.5};
    const IntDomain& domain = asInt(m_dimension);
    const double number = static_cast<double>(domain.low + place * domain.step);
    const double half = 0.5 * static_cast<double>(domain.step);
    return {place == 0 ? m_low : std::log(number - half), std::log(number + half)};
}

double Axis::unit(const ParamValue& value) const {
    return width() > 0 ? (coordinate(value) - m_low) / width() : 0.5;
}

ParamValue Axis::valueAtUnit(double unit) const { return value(m_low + unit * width()); }

std::vector<Axis> axesOf(std::span<const SearchDimension> space) {
    std::vector<Axis> axes;
    axes.reserve(space.size());
    for (const SearchDimension& dimension : space)
        axes.emplace_back(dimension);
    return axes;
}

} // namespace lathe
