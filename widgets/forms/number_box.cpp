#include "widgets/forms/number_box.h"

#include "widgets/forms/domain_editors.h"

#include <QLineEdit>
#include <QWheelEvent>

#include <algorithm>
#include <array>
#include <cmath>

namespace lathe {

namespace {

std::int64_t steppedWhole(const IntDomain& domain, std::int64_t from, int steps) {
    std::int64_t value = from;
    for (int i = 0; i < std::abs(steps); ++i) {
        const std::int64_t step = std::max<std::int64_t>(1, domain.step);
        const bool isUp = steps > 0;
        if (domain.logScale && step == 1)
            value = isUp ? std::max(value + 1, std::min(value, domain.high / 2) * 2) : value / 2;
        else if (isUp)
            value = value > domain.high - step ? domain.high : value + step;
        else
            value = value < domain.low + step ? domain.low : value - step;
    }
    return std::clamp(value, domain.low, domain.high);
}

/// The next of …, 1, 2, 5, 10, 20, 50, … above or below.
double nextRound(double from, bool isUp) {
    constexpr std::array<double, 5> kRound{0.5, 1, 2, 5, 10};
    const double decade = std::pow(10.0, std::floor(std::log10(from) + 1e-9));
    const double digit = from / decade;
    constexpr double kSame = 1e-6;
    double found = isUp ? kRound.back() : kRound.front();
    for (const double candidate : kRound) {
        if (isUp && candidate > digit * (1 + kSame))
            return candidate * decade;
        if (!isUp && candidate < digit * (1 - kSame))
            found = candidate;
    }
    return found * decade;
}

double steppedReal(const RealDomain& domain, double from, int steps) {
    double value = from;
    const double width = domain.high - domain.low;
    const double linear = std::isfinite(width) ? std::pow(10.0, std::floor(std::log10(width / 10))) : 0.1;
    for (int i = 0; i < std::abs(steps); ++i)
        value = domain.logScale && value > 0 ? nextRound(value, steps > 0)
                                             : value + (steps > 0 ? linear : -linear);
    // Twelve digits: 0.1 + 0.2 is 0.3 for a person.
    value = std::stod(QString::number(value, 'g', 12).toStdString());
    return domain.lowOpen && value <= domain.low ? from : std::clamp(value, domain.low, domain.high);
}

} // namespace

NumberBox::NumberBox(Domain domain, QWidget* parent) : QAbstractSpinBox(parent), m_domain(std::move(domain)) {
    setFocusPolicy(Qt::StrongFocus); // not by the wheel
    setAccelerated(true);
    setKeyboardTracking(true);
    connect(lineEdit(), &QLineEdit::textEdited, this, &NumberBox::edited);
}

void NumberBox::show(const ParamValue& value) {
    if (const auto now = number(); !now || *now != value)
        lineEdit()->setText(QString::fromStdString(toText(value)));
}

std::optional<ParamValue> NumberBox::number() const {
    ParamSpec spec;
    spec.domain = m_domain;
    auto value = parseValue(spec, plainNumber(text()));
    return value ? std::optional(std::move(value).value()) : std::nullopt;
}

ParamValue NumberBox::stepped(const ParamValue& from, int steps) const {
    if (const IntDomain* whole = std::get_if<IntDomain>(&m_domain))
        return steppedWhole(*whole, std::get<std::int64_t>(from), steps);
    return steppedReal(std::get<RealDomain>(m_domain), std::get<double>(from), steps);
}

void NumberBox::stepBy(int steps) {
    const auto now = number();
    if (!now)
        return;
    const ParamValue next = stepped(*now, steps);
    if (next == *now)
        return;
    lineEdit()->setText(QString::fromStdString(toText(next)));
    selectAll();
    Q_EMIT edited();
}

QAbstractSpinBox::StepEnabled NumberBox::stepEnabled() const {
    const auto now = number();
    if (!now)
        return StepNone;
    StepEnabled enabled = StepNone;
    enabled.setFlag(StepUpEnabled, stepped(*now, 1) != *now);
    enabled.setFlag(StepDownEnabled, stepped(*now, -1) != *now);
    return enabled;
}

void NumberBox::wheelEvent(QWheelEvent* event) {
    if (hasFocus())
        QAbstractSpinBox::wheelEvent(event);
    else
        event->ignore();
}

QSize NumberBox::sizeHint() const {
    constexpr int kDigits = 13;
    const int width = fontMetrics().horizontalAdvance(QLatin1Char('0')) * kDigits;
    return {width + fontMetrics().height() * 3, QAbstractSpinBox::sizeHint().height()};
}

QSize NumberBox::minimumSizeHint() const { return sizeHint(); }

} // namespace lathe
