#include "core/search/draw.h"

#include "core/params/real_grid.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace lathe {

namespace {

using Keys = std::set<std::string, std::less<>>;

Error cannotDraw(const SearchDimension& dimension, const std::string& why) {
    return inputError({}, dimension.key + " cannot be searched: " + why);
}

std::int64_t drawInt(const IntDomain& domain, Rng& rng) {
    if (domain.step == 1 && !domain.logScale)
        return rng.integer(domain.low, domain.high);
    // Unsigned: the distance of two 64-bit numbers need not fit the signed type.
    const auto distance = static_cast<std::uint64_t>(domain.high) - static_cast<std::uint64_t>(domain.low);
    const auto last = static_cast<std::int64_t>(distance / static_cast<std::uint64_t>(domain.step));
    std::int64_t index = 0;
    if (domain.logScale) {
        const auto low = static_cast<double>(domain.low);
        const auto step = static_cast<double>(domain.step);
        const double end = low + step * (static_cast<double>(last) + 1);
        const double drawn = low * std::pow(end / low, rng.uniform());
        const double cell = (drawn - low) / step;
        index = cell < static_cast<double>(last) ? static_cast<std::int64_t>(cell) : last;
    } else {
        index = rng.integer(0, last);
    }
    return domain.low + index * domain.step;
}

double drawReal(const RealDomain& domain, Rng& rng) {
    const double u = 1.0 - rng.uniform(); // in (0, 1]: the open end is the lower one
    double drawn = domain.logScale ? std::exp(std::log(domain.low) * (1 - u) + std::log(domain.high) * u)
                                   : domain.low * (1 - u) + domain.high * u;
    drawn = std::clamp(drawn, domain.low, domain.high);
    if (domain.lowOpen && drawn <= domain.low)
        return std::nextafter(domain.low, domain.high);
    return drawn;
}

Result<ParamValue> draw(const SearchDimension&, const BoolDomain&, Rng& rng) {
    return ParamValue(rng.integer(0, 1) == 1);
}

Result<ParamValue> draw(const SearchDimension& dimension, const IntDomain& domain, Rng& rng) {
    if (domain.low > domain.high || domain.step < 1)
        return cannotDraw(dimension, std::to_string(domain.low) + ".." + std::to_string(domain.high) +
                                         " in steps of " + std::to_string(domain.step) + " holds no number");
    if (domain.logScale && domain.low < 1)
        return cannotDraw(dimension,
                          "a logarithmic range must begin above 0, not at " + std::to_string(domain.low));
    return ParamValue(drawInt(domain, rng));
}

Result<ParamValue> draw(const SearchDimension& dimension, const RealDomain& domain, Rng& rng) {
    const bool isEmpty = domain.lowOpen ? !(domain.low < domain.high) : !(domain.low <= domain.high);
    if (isEmpty || !std::isfinite(domain.low) || !std::isfinite(domain.high))
        return cannotDraw(dimension, toText(domain.low) + ".." + toText(domain.high) +
                                         " is not a range with two finite ends");
    if (domain.logScale && domain.low <= 0)
        return cannotDraw(dimension, "a logarithmic range must begin above 0, not at " + toText(domain.low));
    if (domain.step == 0)
        return ParamValue(drawReal(domain, rng));
    if (const auto problem = problemWithStep(domain))
        return cannotDraw(dimension, "it " + *problem);
    return ParamValue(gridValue(domain, rng.integer(0, gridCount(domain) - 1)));
}

Result<ParamValue> draw(const SearchDimension& dimension, const ChoiceDomain& domain, Rng& rng) {
    if (domain.values.empty())
        return cannotDraw(dimension, "there are no values to choose from");
    const auto last = static_cast<std::int64_t>(domain.values.size()) - 1;
    return ParamValue(domain.values[static_cast<std::size_t>(rng.integer(0, last))]);
}

Result<ParamValue> draw(const SearchDimension& dimension, const TextDomain&, Rng&) {
    return cannotDraw(dimension, "it is free text; list the values to try");
}

bool holds(const Condition::Term& term, const Keys& searched, const ParamValues& drawn,
           const ParamValues& fixed) {
    const ParamValue* value = searched.contains(term.key) ? drawn.find(term.key) : fixed.find(term.key);
    return value != nullptr && std::ranges::find(term.anyOf, toText(*value)) != term.anyOf.end();
}

} // namespace

Result<ParamValue> drawUniform(const SearchDimension& dimension, Rng& rng) {
    return std::visit([&](const auto& domain) { return draw(dimension, domain, rng); }, dimension.domain);
}

Result<ParamValues> drawActive(const StudySpec& spec, const DrawValue& draw) {
    Keys searched;
    Keys undecided;
    std::vector<const SearchDimension*> waiting;
    for (const SearchDimension& dimension : spec.space) {
        searched.insert(dimension.key);
        undecided.insert(dimension.key);
        waiting.push_back(&dimension);
    }
    ParamValues drawn;
    const auto isReady = [&undecided](const SearchDimension* dimension) {
        return std::ranges::none_of(dimension->activeIf.terms, [&undecided](const Condition::Term& term) {
            return undecided.contains(term.key);
        });
    };
    while (!waiting.empty()) {
        const auto next = std::ranges::find_if(waiting, isReady);
        if (next == waiting.end())
            return cannotDraw(*waiting.front(), "its condition depends on itself in a circle");
        const SearchDimension& dimension = **next;
        const bool isActive = std::ranges::all_of(dimension.activeIf.terms, [&](const auto& term) {
            return holds(term, searched, drawn, spec.fixed);
        });
        if (isActive) {
            LATHE_ASSIGN(ParamValue value, draw(dimension));
            drawn.set(dimension.key, std::move(value));
        }
        undecided.erase(dimension.key);
        waiting.erase(next);
    }
    return drawn;
}

} // namespace lathe
