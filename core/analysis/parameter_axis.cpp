#include "core/analysis/parameter_axis.h"

#include "core/base/contract.h"
#include "core/params/real_grid.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

constexpr int kTicks = 5;
constexpr int kMostDecades = 8;

std::string numberText(double value) {
    // Through the shortest text, so that 0.30000000000000004 is not shown.
    const double scale = std::pow(10.0, 12 - std::ceil(std::log10(std::max(std::abs(value), 1e-300))));
    const double rounded = value == 0 || !std::isfinite(scale) ? value : std::round(value * scale) / scale;
    if (rounded == std::floor(rounded) && std::abs(rounded) < 1e6)
        return toText(static_cast<std::int64_t>(rounded));
    return toText(rounded);
}

/// 1, 2 and 5 times powers of ten between the ends, or only the powers where these are enough.
std::vector<double> logNumbers(double low, double high) {
    const auto within = [low, high](double value) {
        return value >= low * (1 - 1e-12) && value <= high * (1 + 1e-12);
    };
    std::vector<double> powers;
    std::vector<double> all;
    const int last = static_cast<int>(std::ceil(std::log10(high)));
    for (int power = static_cast<int>(std::floor(std::log10(low))); power <= last; ++power)
        for (const int digit : {1, 2, 5}) {
            const double value = power < 0 ? digit / std::pow(10.0, -power) : digit * std::pow(10.0, power);
            if (!within(value))
                continue;
            all.push_back(value);
            if (digit == 1)
                powers.push_back(value);
        }
    if (powers.size() < 3)
        return all.size() < 2 ? std::vector{low, high} : all;
    if (powers.size() <= kMostDecades)
        return powers;
    std::vector<double> some;
    const std::size_t stride = (powers.size() + kMostDecades - 1) / kMostDecades;
    for (std::size_t i = 0; i < powers.size(); i += stride)
        some.push_back(powers[i]);
    return some;
}

} // namespace

std::vector<double> roundNumbers(double low, double high, int wanted) {
    if (!(low < high) || wanted < 1)
        return {low};
    const double rough = (high - low) / wanted;
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    double step = 10 * power;
    for (const double digit : {1.0, 2.0, 5.0})
        if (digit * power >= rough * (1 - 1e-9)) {
            step = digit * power;
            break;
        }
    std::vector<double> numbers;
    const double last = std::floor(high / step * (1 + 1e-12));
    for (double i = std::ceil(low / step - 1e-9); i <= last; ++i)
        numbers.push_back(i == 0 ? 0 : i * step);
    return numbers;
}

ParameterAxis::ParameterAxis(const SearchDimension& dimension) : m_key(dimension.key) {
    if (std::holds_alternative<BoolDomain>(dimension.domain)) {
        m_names = {"false", "true"};
        m_isCategory = true;
    } else if (const auto* choice = std::get_if<ChoiceDomain>(&dimension.domain)) {
        m_names = choice->values;
        m_isCategory = !choice->ordered;
    } else if (const auto* whole = std::get_if<IntDomain>(&dimension.domain)) {
        m_isLog = whole->logScale;
        m_low = static_cast<double>(whole->low);
        m_high = static_cast<double>(whole->high);
        m_count = whole->step > 0 ? (whole->high - whole->low) / whole->step + 1 : 0;
    } else {
        const auto* real = std::get_if<RealDomain>(&dimension.domain);
        LATHE_EXPECT(real != nullptr); // free text cannot be searched
        m_isLog = real->logScale;
        m_low = real->low;
        m_high = real->high;
        m_count = m_low == m_high ? 1 : 0;
        if (real->step > 0) {
            m_count = gridCount(*real);
            m_low = gridValue(*real, 0);
            m_high = gridValue(*real, m_count - 1);
        }
    }
    if (isNamed()) {
        m_high = static_cast<double>(m_names.size()) - 1;
        m_count = static_cast<std::int64_t>(m_names.size());
    }
    if (m_isLog) {
        m_low = std::log(m_low);
        m_high = std::log(m_high);
    }
}

std::optional<double> ParameterAxis::coordinate(const ParamValue& value) const {
    if (isNamed()) {
        const auto name = std::ranges::find(m_names, toText(value));
        if (name == m_names.end())
            return std::nullopt;
        return static_cast<double>(name - m_names.begin());
    }
    double number = 0;
    if (const auto* whole = std::get_if<std::int64_t>(&value))
        number = static_cast<double>(*whole);
    else if (const auto* real = std::get_if<double>(&value))
        number = *real;
    else
        return std::nullopt;
    const double coordinate = m_isLog ? std::log(number) : number;
    return std::isfinite(coordinate) ? std::optional(coordinate) : std::nullopt;
}

double ParameterAxis::place(double coordinate) const {
    return isSingle() ? 0.5 : std::clamp((coordinate - m_low) / (m_high - m_low), 0.0, 1.0);
}

std::vector<AxisTick> ParameterAxis::ticks() const {
    std::vector<AxisTick> ticks;
    for (std::size_t i = 0; i < m_names.size(); ++i)
        ticks.push_back({place(static_cast<double>(i)), m_names[i]});
    if (isNamed())
        return ticks;
    const double low = m_isLog ? std::exp(m_low) : m_low;
    const double high = m_isLog ? std::exp(m_high) : m_high;
    if (isSingle())
        return {{0.5, numberText(low)}};
    for (const double number : m_isLog ? logNumbers(low, high) : roundNumbers(low, high, kTicks))
        ticks.push_back({place(m_isLog ? std::log(number) : number), numberText(number)});
    return ticks;
}

} // namespace lathe
