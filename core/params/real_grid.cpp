#include "core/params/real_grid.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace lathe {

namespace {

constexpr int kDigits = 15;                 // every decimal number of so many digits survives a double
constexpr double kRounding = 1e-14;         // relative; what is lost by kDigits, with room
constexpr double kFinestStep = 1e-12;       // of the larger end: below, rounding moves values between steps
constexpr double kQuotientTolerance = 1e-8; // 0.3 / 0.1 is a little below 3

double rounded(double value) {
    std::array<char, 32> buffer{};
    const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                       std::chars_format::general, kDigits);
    double number = value;
    std::from_chars(buffer.data(), written.ptr, number);
    return number;
}

std::int64_t firstStep(const RealDomain& domain) { return domain.lowOpen ? 1 : 0; }

} // namespace

std::optional<std::string> problemWithStep(const RealDomain& domain) {
    if (domain.step == 0)
        return std::nullopt;
    const std::string step = "has the step " + toText(domain.step);
    if (!(domain.step > 0) || !std::isfinite(domain.step))
        return step + "; choose a number above 0";
    if (domain.logScale)
        return "has a step and a logarithmic scale; choose one of the two";
    if (!std::isfinite(domain.high - domain.low))
        return step + ", but no two ends with a distance; choose a narrower range";
    const double largest = std::max(std::abs(domain.low), std::abs(domain.high));
    if (domain.step < kFinestStep * largest)
        return step + ", too fine for numbers up to " + toText(largest) + "; choose a larger one or none";
    if (domain.lowOpen && domain.low + domain.step > domain.high)
        return step + ", which leads from " + toText(domain.low) + " beyond " + toText(domain.high) +
               "; choose a smaller one";
    return std::nullopt;
}

std::int64_t gridCount(const RealDomain& domain) {
    const double steps = (domain.high - domain.low) / domain.step;
    return static_cast<std::int64_t>(std::floor(steps + kQuotientTolerance)) + 1 - firstStep(domain);
}

double gridValue(const RealDomain& domain, std::int64_t index) {
    const std::int64_t steps = index + firstStep(domain);
    if (steps == 0)
        return domain.low;
    return std::clamp(rounded(domain.low + static_cast<double>(steps) * domain.step), domain.low,
                      domain.high);
}

std::int64_t gridIndex(const RealDomain& domain, double value) {
    const auto steps = static_cast<std::int64_t>(std::llround((value - domain.low) / domain.step));
    return std::clamp<std::int64_t>(steps - firstStep(domain), 0, gridCount(domain) - 1);
}

bool isOnGrid(const RealDomain& domain, double value) {
    const double nearest = domain.low + std::round((value - domain.low) / domain.step) * domain.step;
    const double size = std::max(std::abs(value), std::abs(domain.low));
    return std::abs(nearest - value) <= 1e-9 * domain.step + kRounding * size;
}

} // namespace lathe
