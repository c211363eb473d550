#include "core/params/study_spec.h"

#include "core/params/real_grid.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace lathe {

namespace {

constexpr std::string_view kForms =
    "write KEY=LOW..HIGH, KEY=LOW..HIGH:log, KEY=LOW..HIGH:step=N or KEY=a,b,c";

/// "8..64:log:at_most=n" → low "8", high "64", options {"log"}, atMost "n".
struct RangeText {
    std::string_view low;
    std::string_view high;
    std::vector<std::string_view> options = {};
    std::string_view atLeast = {};
    std::string_view atMost = {};
};

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (std::size_t end = text.find(separator); end != std::string_view::npos; end = text.find(separator)) {
        parts.push_back(text.substr(0, end));
        text.remove_prefix(end + 1);
    }
    parts.push_back(text);
    return parts;
}

RangeText splitRange(std::string_view text) {
    constexpr std::string_view kAtLeast = "at_least=";
    constexpr std::string_view kAtMost = "at_most=";
    const std::vector<std::string_view> parts = split(text, ':');
    const std::string_view ends = parts.front();
    const std::size_t dots = ends.find("..");
    RangeText range{ends.substr(0, dots), ends.substr(dots + 2)};
    for (const std::string_view part : std::span(parts).subspan(1))
        if (part.starts_with(kAtLeast))
            range.atLeast = part.substr(kAtLeast.size());
        else if (part.starts_with(kAtMost))
            range.atMost = part.substr(kAtMost.size());
        else
            range.options.push_back(part);
    return range;
}

Result<std::int64_t> wholeNumber(const ParamSpec& spec, std::string_view text) {
    LATHE_ASSIGN(const ParamValue value, parseValue(spec, text));
    return std::get<std::int64_t>(value);
}

Result<double> realNumber(const ParamSpec& spec, std::string_view text) {
    LATHE_ASSIGN(const ParamValue value, parseValue(spec, text));
    return std::get<double>(value);
}

Error unknownOption(const ParamSpec& spec, std::string_view option, std::string_view wanted) {
    return inputError(spec.key,
                      "\":" + std::string(option) + "\" is not known after a range; " + std::string(wanted));
}

Result<Domain> intRange(const ParamSpec& spec, const IntDomain& allowed, const RangeText& text) {
    IntDomain domain{.low = 0, .high = 0, .step = allowed.step, .logScale = false};
    LATHE_ASSIGN(domain.low, wholeNumber(spec, text.low));
    LATHE_ASSIGN(domain.high, wholeNumber(spec, text.high));
    for (const std::string_view option : text.options) {
        if (option == "log") {
            domain.logScale = true;
        } else if (option.starts_with("step=")) {
            LATHE_ASSIGN(domain.step, wholeNumber(spec, option.substr(5)));
        } else {
            return unknownOption(spec, option, "write :log, :step=N, :at_least=… or :at_most=…");
        }
    }
    return Domain(domain);
}

Result<Domain> realRange(const ParamSpec& spec, const RealDomain& allowed, const RangeText& text) {
    RealDomain domain;
    domain.step = allowed.step;
    LATHE_ASSIGN(domain.low, realNumber(spec, text.low));
    LATHE_ASSIGN(domain.high, realNumber(spec, text.high));
    for (const std::string_view option : text.options) {
        if (option == "log") {
            domain.logScale = true;
        } else if (option.starts_with("step=")) {
            LATHE_ASSIGN(domain.step, realNumber(spec, option.substr(5)));
            if (domain.step == 0) // which means "none" to the domain
                return inputError({}, spec.key + " has the step 0; choose a number above 0");
        } else {
            return unknownOption(spec, option, "write :log, :step=X, :at_least=… or :at_most=…");
        }
    }
    domain.lowOpen = allowed.lowOpen && domain.low == allowed.low;
    return Domain(domain);
}

Result<Domain> rangeDomain(const ParamSpec& spec, std::string_view text, const RangeText& range) {
    if (const auto* whole = std::get_if<IntDomain>(&spec.domain))
        return intRange(spec, *whole, range);
    if (const auto* real = std::get_if<RealDomain>(&spec.domain))
        return realRange(spec, *real, range);
    return inputError(spec.key, "is not a number, so \"" + std::string(text) +
                                    "\" cannot be its range; list the values as in " + spec.key + "=a,b");
}

/// Every kind of parameter can be searched over a list; numbers in it keep their order.
Result<Domain> listDomain(const ParamSpec& spec, std::string_view text) {
    ChoiceDomain domain;
    domain.ordered =
        std::holds_alternative<IntDomain>(spec.domain) || std::holds_alternative<RealDomain>(spec.domain);
    for (const std::string_view part : split(text, ',')) {
        LATHE_ASSIGN(const ParamValue value, parseValue(spec, part));
        domain.values.push_back(toText(value));
    }
    if (const auto* known = std::get_if<ChoiceDomain>(&spec.domain))
        domain.ordered = known->ordered;
    if (std::holds_alternative<BoolDomain>(spec.domain) && domain.values.size() == 2)
        return Domain(BoolDomain{});
    return Domain(std::move(domain));
}

std::string leaves(const ParamSpec& spec, const std::string& problem) { return spec.key + " " + problem; }

Status checkRange(const ParamSpec& spec, const IntDomain& domain) {
    const auto* allowed = std::get_if<IntDomain>(&spec.domain);
    const std::string range = std::to_string(domain.low) + ".." + std::to_string(domain.high);
    if (allowed == nullptr)
        return inputError({}, spec.key + " is not a whole number, so " + range + " cannot be its range");
    if (domain.low > domain.high)
        return inputError({}, spec.key + " has the empty range " + range + "; give the smaller number first");
    for (const std::int64_t end : {domain.low, domain.high})
        if (const auto problem = problemWith(IntDomain{allowed->low, allowed->high, 1, false}, end))
            return inputError({}, leaves(spec, *problem));
    if (const auto problem = problemWith(spec.domain, domain.low))
        return inputError({}, leaves(spec, *problem));
    if (domain.step < 1 || domain.step % std::max<std::int64_t>(1, allowed->step) != 0)
        return inputError({}, spec.key + " has the step " + std::to_string(domain.step) +
                                  "; choose a multiple of " + std::to_string(allowed->step));
    if (domain.logScale && domain.low < 1)
        return inputError({}, spec.key + " begins at " + std::to_string(domain.low) +
                                  "; a logarithmic range must begin above 0");
    return ok();
}

Status checkRange(const ParamSpec& spec, const RealDomain& domain) {
    const auto* allowed = std::get_if<RealDomain>(&spec.domain);
    const std::string range = toText(domain.low) + ".." + toText(domain.high);
    if (allowed == nullptr)
        return inputError({}, spec.key + " is not a real number, so " + range + " cannot be its range");
    const bool isEmpty = domain.lowOpen ? domain.low >= domain.high : domain.low > domain.high;
    if (isEmpty)
        return inputError({}, spec.key + " has the empty range " + range + "; give the smaller number first");
    const bool beginsAtOpenEnd = domain.lowOpen && domain.low == allowed->low;
    if (const auto problem = problemWith(spec.domain, domain.low); problem && !beginsAtOpenEnd)
        return inputError({}, leaves(spec, *problem));
    RealDomain ends = *allowed; // the upper end need not lie on the grid
    ends.step = 0;
    if (const auto problem = problemWith(ends, domain.high))
        return inputError({}, leaves(spec, *problem));
    if (const auto problem = problemWithStep(domain))
        return inputError({}, leaves(spec, *problem));
    if (domain.logScale && domain.low <= 0)
        return inputError({}, spec.key + " begins at " + toText(domain.low) +
                                  "; a logarithmic range must begin above 0");
    return ok();
}

Status checkRange(const ParamSpec& spec, const ChoiceDomain& domain) {
    if (domain.values.empty())
        return inputError({},
                          spec.key + " has no values to choose from; list them as in " + spec.key + "=a,b");
    std::set<std::string> seen;
    for (const std::string& text : domain.values) {
        if (!seen.insert(text).second)
            return inputError({}, spec.key + " lists " + text + " twice; once is enough");
        LATHE_ASSIGN(const ParamValue value, parseValue(spec, text));
        if (const auto problem = problemWith(spec.domain, value))
            return inputError({}, leaves(spec, *problem));
    }
    return ok();
}

Status checkRange(const ParamSpec& spec, const BoolDomain&) {
    if (!std::holds_alternative<BoolDomain>(spec.domain))
        return inputError({}, spec.key + " is " + describe(spec.domain) + ", not true or false");
    return ok();
}

Status checkRange(const ParamSpec& spec, const TextDomain&) {
    return inputError({}, spec.key + " is free text; list the values to try as in " + spec.key + "=a,b");
}

Status checkDimension(std::span<const ParamSpec> schema, const SearchDimension& dimension) {
    const ParamSpec* spec = findSpec(schema, dimension.key);
    if (spec == nullptr) {
        const std::string nearest = nearestKey(schema, dimension.key);
        return inputError({}, dimension.key + " is not a parameter" +
                                  (nearest.empty() ? "" : "; did you mean " + nearest + "?"));
    }
    if (!spec->isSearchable)
        return inputError({}, dimension.key + " cannot be searched; give it one value");
    return std::visit([spec](const auto& domain) { return checkRange(*spec, domain); }, dimension.domain);
}

} // namespace

Result<SearchDimension> parseSearchDimension(std::span<const ParamSpec> schema, std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0 || equals + 1 == text.size())
        return inputError(std::string(text), "does not say what to search; " + std::string(kForms));
    const std::string key(text.substr(0, equals));
    const ParamSpec* spec = findSpec(schema, key);
    if (spec == nullptr) // checkDimension has the words
        LATHE_TRY(checkDimension(schema, {key, BoolDomain{}, {}}));
    const std::string_view values = text.substr(equals + 1);
    const bool isRange = values.find("..") != std::string_view::npos;
    const RangeText range = isRange ? splitRange(values) : RangeText{};
    LATHE_ASSIGN(Domain domain, isRange ? rangeDomain(*spec, values, range) : listDomain(*spec, values));
    SearchDimension dimension{key, std::move(domain), spec->activeIf, std::string(range.atLeast),
                              std::string(range.atMost)};
    LATHE_TRY(checkDimension(schema, dimension));
    return dimension;
}

Status checkSearchSpace(std::span<const ParamSpec> schema, const SearchSpace& space) {
    std::set<std::string> seen;
    for (const SearchDimension& dimension : space) {
        LATHE_TRY(checkDimension(schema, dimension));
        if (!seen.insert(dimension.key).second)
            return inputError({}, dimension.key + " is searched twice; keep one of the two");
    }
    return ok();
}

} // namespace lathe
